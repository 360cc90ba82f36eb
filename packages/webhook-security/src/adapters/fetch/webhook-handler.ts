import type { WebhookSecurityError } from '../../errors.js';
import {
  optionalFunction,
  refuseUnknown,
  requireFunction,
  requireVerifier,
} from '../../validation.js';
import type {
  AcceptedVerdict,
  ChallengedVerdict,
  RefusedVerdict,
  WebhookAnswer,
} from '../../verdict.js';
import type { WebhookVerifier } from '../../verifier/create-webhook-verifier.js';
import { alreadyParsed } from '../already-parsed.js';
import { BodyGate, type BodyLimitOptions, bodyLimitNames, limitsOf } from '../body-gate.js';
import {
  answerHeaders,
  refusalAnswer,
  runHandler,
  type SentAnswer,
  sentAsJson,
} from '../deliver.js';
import { unreadReason } from '../unread-body.js';

export interface WebhookContext<Payload, Extra extends readonly unknown[]> {
  readonly verdict: AcceptedVerdict<Payload>;
  /** Its body has been read. */
  readonly request: Request;
  /** What the platform gives besides the request, e.g. `env` and `ctx` of a Worker. */
  readonly extra: Extra;
}

export interface RefusedContext<Extra extends readonly unknown[]> {
  readonly verdict: RefusedVerdict;
  readonly request: Request;
  readonly extra: Extra;
}

export interface ChallengedContext<Extra extends readonly unknown[]> {
  readonly verdict: ChallengedVerdict;
  readonly request: Request;
  readonly extra: Extra;
}

export interface WebhookHandlerOptions<Payload, Extra extends readonly unknown[]>
  extends BodyLimitOptions {
  readonly verifier: WebhookVerifier<Payload>;
  /**
   * Runs for accepted deliveries alone. A `Response` is sent as it is, any other value as JSON; without
   * one `{ received: true }`. When it throws, or answers with a status from 400 up, the claim is released
   * and the sender may retry; what it throws is thrown on.
   */
  readonly handler: (context: WebhookContext<Payload, Extra>) => unknown;
  /** Answers a refusal in place of the status and `{ reason }`, e.g. to redirect a browser. */
  readonly onRefused?: (context: RefusedContext<Extra>) => Response | Promise<Response>;
  /**
   * Runs for a handshake before it is answered, e.g. to open what SNS wants opened. When it throws, the
   * request fails as when the handler does.
   */
  readonly onChallenged?: (context: ChallengedContext<Extra>) => unknown;
  /**
   * The address of the socket's other end, which a `Request` does not hold. Needed for `allow` and
   * `trustedProxies`. Take it from the platform, never from a header that the client can write.
   */
  readonly peerAddress?: (request: Request, ...extra: Extra) => string | undefined;
}

/**
 * A handler for servers that speak `Request` and `Response`: Hono, Next, Workers, Bun, Deno.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function webhookHandler<Payload, Extra extends readonly unknown[] = readonly unknown[]>(
  options: WebhookHandlerOptions<Payload, Extra>,
): (request: Request, ...extra: Extra) => Promise<Response> {
  refuseUnknown('', options, [
    'verifier',
    'handler',
    'onRefused',
    'onChallenged',
    'peerAddress',
    ...bodyLimitNames,
  ]);
  const { verifier, handler } = options;
  requireVerifier(verifier);
  requireFunction('handler', handler);
  const onRefused = optionalFunction('onRefused', options.onRefused);
  const onChallenged = optionalFunction('onChallenged', options.onChallenged);
  const peerAddress = optionalFunction('peerAddress', options.peerAddress);
  const gate = new BodyGate(verifier.maxBytes, limitsOf(options));

  return async (request, ...extra) => {
    const refuse = async (verdict: RefusedVerdict) =>
      (await onRefused?.({ verdict, request, extra })) ?? toResponse(refusalAnswer(verdict));
    const { method, headers, url } = request;
    // Locked: somebody holds its reader, and has read nothing or not all yet.
    if (request.bodyUsed || request.body?.locked) {
      verifier.refuse('body-not-raw');
      throw tooEarly(request);
    }
    const body = await gate.collectWeb(request.body, headers.get('content-length') ?? undefined);
    const unread = unreadReason(body);
    if (unread !== undefined) return refuse(verifier.refuse(unread));
    const verdict = await verifier.verify({
      method,
      headers,
      url,
      body: body as Uint8Array,
      peerAddress: peerAddress?.(request, ...extra),
    });
    if (verdict.verdict === 'refused') return refuse(verdict);
    if (verdict.verdict === 'challenged') {
      await onChallenged?.({ verdict, request, extra });
      return toResponse(verdict.reply);
    }
    const { response } = await runHandler(verdict, async () =>
      sentBy(await handler({ verdict, request, extra })),
    );
    return response;
  };
}

function tooEarly({ method, headers, url }: Request): WebhookSecurityError {
  return alreadyParsed({
    method,
    url: new URL(url).pathname,
    contentType: headers.get('content-type'),
    body: undefined,
    reader: 'request.json(), text() or the like',
    remedy:
      'Read verdict.payload in its place, or hand over a copy: onHook(request.clone()) before it',
  });
}

/** The body of a `Response` of the handler's own is not read, so it cannot be kept. */
function sentBy(answer: unknown): SentAnswer & { readonly response: Response } {
  if (answer instanceof Response) {
    return { status: answer.status, kept: undefined, response: answer };
  }
  const sent = sentAsJson(200, answer);
  return { ...sent, response: toResponse(sent.kept) };
}

function toResponse(answer: WebhookAnswer): Response {
  return new Response(answer.body, { status: answer.status, headers: answerHeaders(answer) });
}
