import type { IncomingMessage } from 'node:http';
import { parseJson } from '../../../gateway/json.js';
import type { FaultRoute } from '../faults.js';
import type { Gateway } from '../gateway.js';
import { jsonReply, type Reply } from '../http.js';
import type { ResolvedSimulatorOptions, SimulatorProfile } from '../options.js';
import type { Call } from './call.js';
import { GatewayRefusal, refuseAuthentication, refuseRequest } from './gateway-error.js';
import * as invoices from './invoices.js';
import * as other from './other-products.js';
import * as links from './pay-links.js';
import type { Body } from './payment-fields.js';
import { paymentQuery } from './payment-query.js';
import { paymentRequest } from './payment-request.js';
import { tokenise } from './tokenise.js';
import * as tokens from './tokens.js';

/** An API route: what a fault calls it, and who answers. */
export interface ApiRoute {
  readonly name: FaultRoute;
  readonly answer: (call: Call) => object;
  readonly params: readonly string[];
}

type Row = readonly [name: FaultRoute, answer: (call: Call) => object];

const fixed: Readonly<Record<string, Row>> = {
  'POST /payment/request': ['request', paymentRequest],
  'POST /payment/query': ['query', paymentQuery],
  'POST /payment/token': ['token', tokens.readToken],
  'POST /payment/token/delete': ['token', tokens.deleteToken],
  'POST /payment/tokenise': ['tokenise', ({ body, gateway }) => tokenise(body, gateway)],
  'POST /payment/invoice/new': ['invoice', invoices.createInvoice],
  'POST /payment/new/invoice': ['invoice', invoices.createInvoice],
  'POST /payment/invoice/status': ['invoice', invoices.readInvoiceStatus],
  'POST /payment/invoice/cancel': ['invoice', invoices.cancelInvoice],
  'POST /payment/invoice/paid': ['invoice', invoices.markInvoicePaid],
  'POST /payment/invoice/search': ['invoice', invoices.searchInvoices],
  'POST /payment/link/create': ['link', links.createLink],
  'POST /payment/link/update': ['link', links.updateLink],
  'POST /payment/agreement/cancel': ['agreement', other.cancelAgreement],
  'POST /payment/info/valu/inquiry': ['valu', other.inquireValu],
  'POST /payment/apm/sadad/ifs/request': ['sadad', other.requestSadad],
  'POST /payment/apm/sadad/ifs/inquiry': ['sadad', other.inquireSadad],
};

const patterns: readonly (readonly [RegExp, Row])[] = [
  [/^GET \/payment\/invoice\/(\d+)\/status$/, ['invoice', invoices.readInvoiceStatus]],
  [/^PUT \/payment\/invoice\/(\d+)\/cancel$/, ['invoice', invoices.cancelInvoice]],
  [/^POST \/payment\/invoice\/(\d+)\/sms$/, ['invoice', invoices.sendInvoice]],
  [/^GET \/payment\/invoice\/(\d+)\/download\/pdf$/, ['invoice', invoices.invoicePdf]],
  [/^(?:GET|POST) \/payment\/link\/view\/(\d+)\/(\d+)$/, ['link', links.viewLink]],
];

/** The route a request stands for. */
export function apiRoute(method: string, path: string): ApiRoute | undefined {
  const line = `${method} ${path}`;
  const row = Object.hasOwn(fixed, line) ? fixed[line] : undefined;
  if (row !== undefined) return { name: row[0], answer: row[1], params: [] };
  for (const [pattern, [name, answer]] of patterns) {
    const found = pattern.exec(line);
    if (found !== null) return { name, answer, params: found.slice(1) };
  }
  return undefined;
}

/** Carries out one API call. Never throws for any input. */
export function answerApi(
  route: ApiRoute,
  {
    request,
    bytes,
    gateway,
    host,
  }: {
    request: IncomingMessage;
    bytes: Buffer;
    gateway: Gateway;
    host: { readonly baseUrl: string; readonly region: string | undefined };
  },
): Reply {
  try {
    const body =
      bytes.length === 0 && request.method !== 'POST'
        ? {}
        : readJson(request, bytes, gateway.options);
    const known = { gateway, body, baseUrl: host.baseUrl, params: route.params };
    const profile =
      route.name === 'tokenise'
        ? gateway.options.profiles[0]
        : authenticate(request, body, { gateway, region: host.region });
    const reply = route.answer({ ...known, profile });
    return isReply(reply) ? reply : jsonReply(200, reply);
  } catch (error) {
    const refusal =
      error instanceof GatewayRefusal ? error : new GatewayRefusal(500, 400, 'Internal error');
    return refusal.toReply(gateway.references.trace());
  }
}

/** No body of the gateway's own has headers. */
const isReply = (reply: object): reply is Reply => 'headers' in reply && 'status' in reply;

function readJson(
  request: IncomingMessage,
  bytes: Buffer,
  { contentType }: Pick<ResolvedSimulatorOptions, 'contentType'>,
): Body {
  const text = 'Request must be in JSON format with content-type Application/JSON';
  const isMarked = /^application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? '');
  if (contentType === 'required' && !isMarked) refuseRequest(2, text);
  let body: unknown;
  try {
    body = parseJson(bytes.toString('utf8'));
  } catch {
    return refuseRequest(2, text);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) refuseRequest(2, text);
  return body as Body;
}

/** The key must belong to the profile that is named, and to this host. What has no body names no profile. */
function authenticate(
  request: IncomingMessage,
  body: Body,
  { gateway, region }: { gateway: Gateway; region: string | undefined },
): SimulatorProfile {
  const key = request.headers.authorization;
  const profile = gateway.options.profiles.find((each) => each.serverKey === key);
  if (profile === undefined || profile.region !== region) return refuseAuthentication();
  const { profile_id: id } = body;
  if (id === undefined && request.method !== 'POST') return profile;
  // An integer, or one in quotes as in samples; `[98765]` is neither.
  const given = typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : id;
  return given === profile.profileId ? profile : refuseAuthentication();
}
