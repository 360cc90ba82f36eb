import type { IncomingMessage } from 'node:http';
import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type InjectionToken,
  type NestInterceptor,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { catchError, from, map, mergeMap, type Observable, of, tap, throwError } from 'rxjs';
import { WebhookSecurityError } from '../../errors.js';
import type { AcceptedVerdict, ChallengedVerdict, Verdict, WebhookAnswer } from '../../verdict.js';
import type { WebhookVerifier } from '../../verifier/create-webhook-verifier.js';
import { alreadyParsedBy, expressReader } from '../already-parsed.js';
import { BodyGate, type BodyLimitOptions } from '../body-gate.js';
import { answerHeaders, jsonAnswer } from '../deliver.js';
import { requestParts } from '../request-parts.js';
import { unreadReason } from '../unread-body.js';
import { giveContentTypeBack, takeRawBodiesOnExpress } from './express-raw-bodies.js';
import { takeRawBodiesOnFastify } from './fastify-raw-bodies.js';
import { readBody } from './read-body.js';
import { WebhookRefusedException } from './webhook-refused-exception.js';

/** What both platforms have in common, as far as it is used. */
interface PlatformRequest {
  readonly raw?: IncomingMessage;
  readonly body?: unknown;
  readonly rawBody?: unknown;
}

interface PlatformResponse {
  readonly statusCode: number;
  status(status: number): unknown;
  header(name: string, value: string): unknown;
}

/** A handshake, and the request as the platform has it. */
export interface ChallengedContext {
  readonly verdict: ChallengedVerdict;
  readonly request: object;
}

/** What the decorator knows of its route. */
export interface RouteParts {
  readonly verifierToken: InjectionToken;
  readonly mark: object;
  readonly refused: 'throw' | 'handle';
  readonly limits: BodyLimitOptions;
  readonly onChallenged: ((context: ChallengedContext) => unknown) | undefined;
  /** Whether the handler takes the response into its own hands, with `@Res()`. */
  takesResponse: boolean;
}

const verdicts = new WeakMap<object, Verdict>();

/** The verdict on the request that is being handled. */
export function verdictOf(request: object): Verdict | undefined {
  return verdicts.get(request);
}

/**
 * Makes the interceptor of one webhook route. It verifies, lets the handler run for an accepted
 * delivery (or for any, with `refused: 'handle'`), confirms the claim when the handler succeeded
 * and releases it when it failed.
 */
export function createWebhookInterceptor(route: RouteParts): Type<NestInterceptor> {
  const { verifierToken, mark, refused, limits, onChallenged } = route;
  // At once, so that an impossible limit shows where it was written.
  new BodyGate(1, limits);
  class WebhookInterceptor implements NestInterceptor, OnModuleInit {
    readonly #verifier: WebhookVerifier;
    readonly #host: HttpAdapterHost;
    #gate: BodyGate | undefined;

    constructor(verifier: WebhookVerifier, host: HttpAdapterHost) {
      this.#verifier = verifier;
      this.#host = host;
    }

    // Not in the constructor: a testing module is built before it gets its HTTP adapter.
    onModuleInit(): void {
      this.#gate = new BodyGate(this.#verifier.maxBytes, limits);
      refuseOwnResponse(this.#verifier, route);
      const adapter = this.#host.httpAdapter;
      const takeRawBodies = ways[adapter?.getType()];
      takeRawBodies?.(adapter.getInstance(), mark, this.#gate);
    }

    async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
      const http = context.switchToHttp();
      const request = http.getRequest<PlatformRequest & object>();
      const response = http.getResponse<PlatformResponse>();
      const raw = request.raw ?? (request as unknown as IncomingMessage);
      const body = await bytesOf(request, raw, this.#gate as BodyGate);
      // Else the server would go on reading, and dropping, what the sender still sends.
      if (unreadReason(body) !== undefined) response.header('connection', 'close');
      const verdict = await verifyBody(this.#verifier, request, raw, body);
      verdicts.set(request, verdict);
      if (verdict.verdict === 'accepted') return settleClaim(verdict, response, next);
      if (verdict.verdict === 'challenged') {
        await onChallenged?.({ verdict, request });
        return sendAnswer(verdict.reply, response);
      }
      if (refused === 'handle') return next.handle();
      if (verdict.answer !== undefined) return sendAnswer(verdict.answer, response);
      // A repeat too, though its status is 200: Nest sends no returned answer where the handler
      // takes the response into its own hands (`@Res()`), and the sender would wait for ever.
      throw new WebhookRefusedException(verdict);
    }
  }
  Injectable()(WebhookInterceptor);
  Inject(verifierToken)(WebhookInterceptor, undefined, 0);
  Inject(HttpAdapterHost)(WebhookInterceptor, undefined, 1);
  return WebhookInterceptor;
}

/** There Nest sends nothing but what the handler does, which does not run for a handshake. */
function refuseOwnResponse({ scheme }: WebhookVerifier, { takesResponse }: RouteParts): void {
  if (!takesResponse || scheme.handshake === undefined) return;
  throw new WebhookSecurityError(
    'INVALID_OPTION',
    `the handler of a ${scheme.name} webhook takes @Res(), so that its handshake could not be ` +
      'answered; allowed: @Res({ passthrough: true }), or no @Res()',
  );
}

/** Nest sends a text as it is. */
function sendAnswer(answer: WebhookAnswer, response: PlatformResponse): Observable<unknown> {
  response.status(answer.status);
  for (const [name, value] of Object.entries(answerHeaders(answer))) response.header(name, value);
  return of(answer.body);
}

/** How each platform is made to hand over the bytes; on another one Nest must keep them. */
const ways: Readonly<
  Record<string, ((server: never, mark: object, gate: BodyGate) => void) | undefined>
> = Object.freeze({ express: takeRawBodiesOnExpress, fastify: takeRawBodiesOnFastify });

async function verifyBody(
  verifier: WebhookVerifier,
  request: PlatformRequest,
  raw: IncomingMessage,
  body: unknown,
): Promise<Verdict> {
  const unread = unreadReason(body);
  if (body === undefined || unread === 'body-not-raw') {
    verifier.refuse('body-not-raw');
    const left = unread === undefined ? request.body : body;
    const isFastify = request.raw !== undefined;
    const reader = isFastify ? 'a parser of the application' : expressReader(raw, left);
    throw alreadyParsedBy(raw, { body: left, reader, remedy: isFastify ? ON_FASTIFY : ELSEWHERE });
  }
  if (unread !== undefined) return verifier.refuse(unread);
  return verifier.verify({ ...requestParts(raw), body: body as Uint8Array });
}

/** The bytes of the body; undefined where something has read them and kept something else. */
async function bytesOf(
  { body, rawBody }: PlatformRequest,
  raw: IncomingMessage,
  gate: BodyGate,
): Promise<unknown> {
  giveContentTypeBack(raw);
  if (body instanceof Uint8Array || unreadReason(body) !== undefined) return body;
  if (rawBody instanceof Uint8Array) return rawBody;
  // Of a type that no parser of the application takes: nobody has read it yet.
  if (!raw.readableDidRead && !raw.readableEnded) {
    return readBody(gate, raw, raw.headers['content-length']);
  }
  return body === undefined || body === null ? Buffer.alloc(0) : undefined;
}

const ON_FASTIFY = 'Put @WebhookRoute above @RouteConfig, which otherwise overwrites its mark';
const ELSEWHERE =
  'Let it pass the route by, or leave parsing to Nest: NestFactory.create(AppModule, { rawBody: true })';

/** Data is kept as Nest will write it; a text or a stream is not. */
function keptAnswer(status: number, answer: unknown): WebhookAnswer | undefined {
  const isData = typeof answer === 'object' && answer !== null && !('pipe' in answer);
  return isData ? jsonAnswer(status, answer) : undefined;
}

/** A handler fails by throwing, or by an error status of its own: the sender will then retry. */
function settleClaim(
  { claim }: AcceptedVerdict,
  response: PlatformResponse,
  next: CallHandler,
): Observable<unknown> {
  const settle = (answer?: unknown) => {
    const { statusCode: status } = response;
    return status < 400 ? claim.confirm(keptAnswer(status, answer)) : claim.release();
  };
  return next.handle().pipe(
    mergeMap((answer) => from(settle(answer)).pipe(map(() => answer))),
    catchError((error: unknown) =>
      from(claim.release()).pipe(mergeMap(() => throwError(() => error))),
    ),
    tap({ complete: () => void settle() }),
  );
}
