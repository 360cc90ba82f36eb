import type { IncomingMessage } from 'node:http';
import { parseJson } from '../../../gateway/json.js';
import type { FaultRoute } from '../faults.js';
import type { Gateway } from '../gateway.js';
import { jsonReply, type Reply } from '../http.js';
import type { SimulatorProfile } from '../options.js';
import { GatewayRefusal, refuseAuthentication, refuseRequest } from './gateway-error.js';
import type { Body } from './payment-fields.js';
import { paymentQuery } from './payment-query.js';
import { paymentRequest } from './payment-request.js';

/** The route a path stands for. */
export const apiRoute = (path: string): FaultRoute | undefined =>
  path === '/payment/request' ? 'request' : path === '/payment/query' ? 'query' : undefined;

/** Carries out one API call. Never throws for any input. */
export function answerApi(
  route: FaultRoute,
  {
    request,
    bytes,
    gateway,
    baseUrl,
  }: {
    request: IncomingMessage;
    bytes: Buffer;
    gateway: Gateway;
    baseUrl: string;
  },
): Reply {
  try {
    const body = readJson(request, bytes);
    const profile = authenticate(request, body, gateway);
    const call = { gateway, profile, baseUrl };
    return jsonReply(
      200,
      route === 'request' ? paymentRequest(body, call) : paymentQuery(body, call),
    );
  } catch (error) {
    const refusal =
      error instanceof GatewayRefusal ? error : new GatewayRefusal(500, 400, 'Internal error');
    return refusal.toReply(gateway.references.trace());
  }
}

function readJson(request: IncomingMessage, bytes: Buffer): Body {
  const text = 'Request must be in JSON format with content-type Application/JSON';
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) refuseRequest(2, text);
  let body: unknown;
  try {
    body = parseJson(bytes.toString('utf8'));
  } catch {
    return refuseRequest(2, text);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) refuseRequest(2, text);
  return body as Body;
}

function authenticate(request: IncomingMessage, body: Body, gateway: Gateway): SimulatorProfile {
  const key = request.headers.authorization;
  const profile = gateway.options.profiles.find((each) => each.serverKey === key);
  const { profile_id: id } = body;
  // An integer, or one in quotes as in samples; `[98765]` is neither.
  const given = typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : id;
  if (profile === undefined || given !== profile.profileId) return refuseAuthentication();
  return profile;
}
