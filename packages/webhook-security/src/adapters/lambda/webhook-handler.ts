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
import {
  answerHeaders,
  refusalAnswer,
  runHandler,
  type SentAnswer,
  sentAsJson,
} from '../deliver.js';
import { type LambdaHttpEvent, requestOfEvent } from './lambda-event.js';

/** The answer in the form that all of them understand. */
export interface LambdaHttpResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface WebhookContext<Payload, Event, Context> {
  readonly verdict: AcceptedVerdict<Payload>;
  readonly event: Event;
  readonly context: Context;
}

export interface RefusedContext<Event, Context> {
  readonly verdict: RefusedVerdict;
  readonly event: Event;
  readonly context: Context;
}

export interface ChallengedContext<Event, Context> {
  readonly verdict: ChallengedVerdict;
  readonly event: Event;
  readonly context: Context;
}

export interface WebhookHandlerOptions<Payload, Event, Context> {
  readonly verifier: WebhookVerifier<Payload>;
  /**
   * Runs for accepted deliveries alone. A value with a `statusCode` is the answer, any other is sent as
   * JSON; without one `{ received: true }`. When it throws, or answers with a status from 400 up, the
   * claim is released and the sender may retry; what it throws is thrown on.
   */
  readonly handler: (context: WebhookContext<Payload, Event, Context>) => unknown;
  /** Answers a refusal in place of the status and `{ reason }`. */
  readonly onRefused?: (
    context: RefusedContext<Event, Context>,
  ) => LambdaHttpResult | Promise<LambdaHttpResult>;
  /**
   * Runs for a handshake before it is answered, e.g. to open what SNS wants opened. When it throws, the
   * request fails as when the handler does.
   */
  readonly onChallenged?: (context: ChallengedContext<Event, Context>) => unknown;
}

/**
 * A handler of HTTP events. The platform limits what it receives (6 MB, at a load balancer 1 MB), so
 * the verifier's `maxBytes` is the only limit here. A load balancer gives no address of the client but
 * X-Forwarded-For.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function webhookHandler<
  Payload,
  Event extends LambdaHttpEvent = LambdaHttpEvent,
  Context = unknown,
>(
  options: WebhookHandlerOptions<Payload, Event, Context>,
): (event: Event, context: Context) => Promise<LambdaHttpResult> {
  refuseUnknown('', options, ['verifier', 'handler', 'onRefused', 'onChallenged']);
  const { verifier, handler } = options;
  requireVerifier(verifier);
  requireFunction('handler', handler);
  const onRefused = optionalFunction('onRefused', options.onRefused);
  const onChallenged = optionalFunction('onChallenged', options.onChallenged);

  return async (event, context) => {
    const request = requestOfEvent(event);
    if (isParsed(event)) {
      verifier.refuse('body-not-raw');
      throw tooEarly(event);
    }
    const verdict =
      request === undefined ? verifier.refuse('body-not-raw') : await verifier.verify(request);
    if (verdict.verdict === 'refused') {
      return (await onRefused?.({ verdict, event, context })) ?? toResult(refusalAnswer(verdict));
    }
    if (verdict.verdict === 'challenged') {
      await onChallenged?.({ verdict, event, context });
      return toResult(verdict.reply);
    }
    const { result } = await runHandler(verdict, async () =>
      sentBy(await handler({ verdict, event, context })),
    );
    return result;
  };
}

/** By something before this handler: the platform gives a text, or null. */
function isParsed({ body }: LambdaHttpEvent): boolean {
  return body !== undefined && body !== null && typeof body !== 'string';
}

function tooEarly(event: LambdaHttpEvent): WebhookSecurityError {
  const { requestContext, headers } = event;
  return alreadyParsed({
    method: event.httpMethod ?? requestContext?.http?.method,
    url: event.rawPath ?? event.path,
    contentType: headers?.['content-type'] ?? headers?.['Content-Type'],
    body: event.body,
    reader: 'httpJsonBodyParser() of Middy, or a middleware like it,',
    remedy: 'Take it off this function, and read verdict.payload in its place',
  });
}

function sentBy(answer: unknown): SentAnswer & { readonly result: LambdaHttpResult } {
  if (typeof (answer as Partial<LambdaHttpResult> | undefined)?.statusCode === 'number') {
    const result = answer as LambdaHttpResult;
    return { status: result.statusCode, kept: undefined, result };
  }
  const sent = sentAsJson(200, answer);
  return { ...sent, result: toResult(sent.kept) };
}

function toResult(answer: WebhookAnswer): LambdaHttpResult {
  return { statusCode: answer.status, headers: answerHeaders(answer), body: answer.body };
}
