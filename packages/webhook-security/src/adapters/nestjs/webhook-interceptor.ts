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
import type { AcceptedVerdict, Verdict, WebhookAnswer } from '../../verdict.js';
import type { WebhookVerifier } from '../../verifier/create-webhook-verifier.js';
import { alreadyParsed } from '../already-parsed.js';
import { BodyGate, type BodyLimitOptions } from '../body-gate.js';
import { jsonAnswer } from '../deliver.js';
import { requestParts } from '../request-parts.js';
import { unreadReason } from '../unread-body.js';
import { takeRawBodies } from './raw-bodies.js';
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
export function createWebhookInterceptor(route: {
  readonly verifierToken: InjectionToken;
  readonly mark: object;
  readonly refused: 'throw' | 'handle';
  readonly limits: BodyLimitOptions;
}): Type<NestInterceptor> {
  const { verifierToken, mark, refused, limits } = route;
  // At once, so that an impossible limit shows where it was written.
  new BodyGate(1, limits);
  class WebhookInterceptor implements NestInterceptor, OnModuleInit {
    readonly #verifier: WebhookVerifier;
    readonly #host: HttpAdapterHost;

    constructor(verifier: WebhookVerifier, host: HttpAdapterHost) {
      this.#verifier = verifier;
      this.#host = host;
    }

    // Not in the constructor: a testing module is built before it gets its HTTP adapter.
    onModuleInit(): void {
      const adapter = this.#host.httpAdapter;
      if (adapter?.getType() === 'fastify') {
        takeRawBodies(adapter.getInstance(), mark, new BodyGate(this.#verifier.maxBytes, limits));
      }
    }

    async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
      const http = context.switchToHttp();
      const request = http.getRequest<PlatformRequest & object>();
      const response = http.getResponse<PlatformResponse>();
      const verdict = await verifyRequest(this.#verifier, request);
      verdicts.set(request, verdict);
      if (verdict.verdict === 'accepted') return settleClaim(verdict, response, next);
      if (verdict.verdict === 'challenged') return sendAnswer(verdict.reply, response);
      // Else the server would go on reading, and dropping, what the sender still sends.
      if (unreadReason(request.body)) response.header('connection', 'close');
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

/** Nest sends a text as it is. */
function sendAnswer(
  { status, contentType, body }: WebhookAnswer,
  response: PlatformResponse,
): Observable<unknown> {
  response.status(status);
  response.header('content-type', contentType);
  return of(body);
}

async function verifyRequest(
  verifier: WebhookVerifier,
  request: PlatformRequest,
): Promise<Verdict> {
  const raw = request.raw ?? (request as unknown as IncomingMessage);
  const unread = unreadReason(request.body);
  if (unread) return verifier.refuse(unread);
  const body = request.body instanceof Uint8Array ? request.body : request.rawBody;
  if (body === undefined && request.body !== undefined && request.body !== null) {
    verifier.refuse('body-not-raw');
    throw alreadyParsed(raw, request.body, REMEDY);
  }
  return verifier.verify({
    ...requestParts(raw),
    body: (body ?? Buffer.alloc(0)) as Uint8Array,
  });
}

const REMEDY =
  'On Fastify put @WebhookRoute above @RouteConfig, which otherwise overwrites its mark; on other ' +
  'platforms create the application with NestFactory.create(AppModule, { rawBody: true })';

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
