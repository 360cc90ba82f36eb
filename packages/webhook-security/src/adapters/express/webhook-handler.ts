import type { IncomingMessage, ServerResponse } from 'node:http';
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
import { alreadyParsedBy, expressReader } from '../already-parsed.js';
import { BodyGate, type BodyLimitOptions, bodyLimitNames, limitsOf } from '../body-gate.js';
import {
  answerHeaders,
  jsonAnswer,
  refusalAnswer,
  runHandler,
  type SentAnswer,
  sentAsJson,
} from '../deliver.js';
import { requestParts } from '../request-parts.js';
import { unreadReason } from '../unread-body.js';

/** What Express adds to Node's request, as far as it is used. */
export interface ExpressLikeRequest extends IncomingMessage {
  readonly body?: unknown;
  readonly rawBody?: unknown;
}

/**
 * `app.post(path, webhookHandler({ handler }))` cannot tell the handler which framework it is for. Where it wants more
 * than Node's own request, name the type: `({ verdict, request }: WebhookContext<Payload, Request>) => …`, with the
 * `Request` of Express. With `app.route(path).post(webhookHandler({ handler }))` it is inferred.
 */
export interface WebhookContext<Payload, Request = ExpressLikeRequest, Response = ServerResponse> {
  readonly verdict: AcceptedVerdict<Payload>;
  readonly request: Request;
  readonly response: Response;
}

export interface RefusedContext<Request = ExpressLikeRequest, Response = ServerResponse> {
  readonly verdict: RefusedVerdict;
  readonly request: Request;
  readonly response: Response;
}

export interface ChallengedContext<Request = ExpressLikeRequest, Response = ServerResponse> {
  readonly verdict: ChallengedVerdict;
  readonly request: Request;
  readonly response: Response;
}

export interface WebhookHandlerOptions<Payload, Request, Response> extends BodyLimitOptions {
  readonly verifier: WebhookVerifier<Payload>;
  /**
   * Runs for accepted deliveries alone. What it returns is sent as JSON, unless it has answered itself;
   * without a value `{ received: true }`. When it throws, or sets a status from 400 up, the claim is
   * released and the sender may retry; what it throws goes to `next`.
   */
  readonly handler: (context: WebhookContext<Payload, Request, Response>) => unknown;
  /** Answers a refusal in place of the status and `{ reason }`, e.g. to redirect a browser. */
  readonly onRefused?: (context: RefusedContext<Request, Response>) => unknown;
  /**
   * Runs for a handshake before it is answered, e.g. to open what SNS wants opened. When it throws, the
   * request fails as when the handler does.
   */
  readonly onChallenged?: (context: ChallengedContext<Request, Response>) => unknown;
}

/** Fits `app.post(path, …)` of Express 4 and 5, and every framework with such handlers. */
export type ExpressLikeHandler<Request, Response> = (
  request: Request,
  response: Response,
  next: (error?: unknown) => void,
) => void;

const REMEDY =
  'Register the webhook before the parser, app.post(path, webhookHandler(…)) above ' +
  'app.use(express.json()), or let the parser pass its path by';

/**
 * A route handler: `app.post('/hook', webhookHandler({ verifier, handler }))`. It reads the raw bytes of
 * this route alone; bytes that `express.raw` has left as a Buffer are taken too.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function webhookHandler<
  Payload,
  Request extends ExpressLikeRequest = ExpressLikeRequest,
  Response extends ServerResponse = ServerResponse,
>(
  options: WebhookHandlerOptions<Payload, Request, Response>,
): ExpressLikeHandler<Request, Response> {
  refuseUnknown('', options, [
    'verifier',
    'handler',
    'onRefused',
    'onChallenged',
    ...bodyLimitNames,
  ]);
  const { verifier, handler } = options;
  requireVerifier(verifier);
  requireFunction('handler', handler);
  const onRefused = optionalFunction('onRefused', options.onRefused);
  const onChallenged = optionalFunction('onChallenged', options.onChallenged);
  const gate = new BodyGate(verifier.maxBytes, limitsOf(options));

  const refuse = async (verdict: RefusedVerdict, request: Request, response: Response) => {
    response.statusCode = verdict.status;
    const answer = await onRefused?.({ verdict, request, response });
    if (response.headersSent) return;
    if (answer === undefined) send(response, refusalAnswer(verdict));
    else send(response, jsonAnswer(response.statusCode, answer));
  };

  const respond = async (request: Request, response: Response) => {
    const body = await bytesOf(request, gate);
    const unread = unreadReason(body);
    // Else the server would go on reading, and dropping, what the sender still sends.
    if (unread !== undefined) response.setHeader('connection', 'close');
    if (body === undefined || unread === 'body-not-raw') {
      verifier.refuse('body-not-raw');
      const left = unread === undefined ? request.body : body;
      const reader = expressReader(request, left);
      throw alreadyParsedBy(request, { body: left, reader, remedy: REMEDY });
    }
    if (unread !== undefined) return refuse(verifier.refuse(unread), request, response);
    const verdict = await verifier.verify({ ...requestParts(request), body: body as Uint8Array });
    if (verdict.verdict === 'refused') return refuse(verdict, request, response);
    if (verdict.verdict === 'challenged') {
      await onChallenged?.({ verdict, request, response });
      return send(response, verdict.reply);
    }
    const { kept } = await runHandler(verdict, async (): Promise<SentAnswer> => {
      const answer = await handler({ verdict, request, response });
      const status = response.statusCode;
      return response.headersSent ? { status, kept: undefined } : sentAsJson(status, answer);
    });
    if (kept !== undefined) send(response, kept);
  };
  return (request, response, next) => {
    const answer = async () => {
      try {
        await respond(request, response);
      } catch (error) {
        next(error);
      }
    };
    void answer();
  };
}

/** The bytes of the body; undefined where something has read them and kept something else. */
async function bytesOf(request: ExpressLikeRequest, gate: BodyGate): Promise<unknown> {
  const { body, rawBody } = request;
  if (body instanceof Uint8Array) return body;
  if (rawBody instanceof Uint8Array) return rawBody;
  if (request.readableDidRead || request.readableEnded) return undefined;
  return gate.collect(request, request.headers['content-length']);
}

function send(response: ServerResponse, answer: WebhookAnswer): void {
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answerHeaders(answer))) {
    response.setHeader(name, value);
  }
  response.end(answer.body);
}
