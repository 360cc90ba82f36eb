import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import { defaultClassify } from '../../breaker/default-classify.js';
import type { Classification } from '../../breaker/outcome.js';
import type { Permit } from '../../breaker/permit.js';
import { type HttpBreakers, outcomeOf } from '../http/http-breakers.js';
import { classifyAbort, classifyAnswer, type HttpRequestFacts } from '../http/http-end.js';
import { isOwnFault } from '../http/is-own-fault.js';

type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;
type Headers = Parameters<NonNullable<Handler['onResponseStart']>>[2];

interface Parts {
  readonly handler: Handler;
  readonly permit: Permit;
  readonly breakers: HttpBreakers;
  readonly request: HttpRequestFacts;
  readonly body: unknown;
}

/**
 * Stands in front of a handler and gives the permit back when the response has ended: first the breaker's
 * state, then the handler. A failing status is known to be a failure with its headers, whatever becomes of
 * the body.
 */
export class BreakerHandler implements Handler {
  readonly #parts: Parts;
  /** What the answer counts as once its body has ended. */
  #answer: Classification = 'success';
  #isOver = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether the handler was told how the request ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#tell(() => this.#parts.handler.onRequestStart?.(controller, context));
  }

  onBodySent(chunk: Buffer): void {
    this.#tell(() => this.#parts.handler.onBodySent?.(chunk));
  }

  onRequestSent(): void {
    this.#tell(() => this.#parts.handler.onRequestSent?.());
  }

  onResponseStarted(): void {
    this.#tell(() => this.#parts.handler.onResponseStarted?.());
  }

  onRequestUpgrade(
    controller: Controller,
    statusCode: number,
    headers: Headers,
    socket: Duplex,
  ): void {
    this.#answered(statusCode, headers);
    this.#end();
    this.#isOver = true;
    this.#parts.handler.onRequestUpgrade?.(controller, statusCode, headers, socket);
  }

  onResponseStart(
    controller: Controller,
    statusCode: number,
    headers: Headers,
    statusMessage?: string,
  ): void {
    // Those below 200 come before the answer.
    if (statusCode >= 200) {
      this.#answered(statusCode, headers);
      if (outcomeOf(this.#answer) === 'failure') this.#end();
    }
    this.#tell(() =>
      this.#parts.handler.onResponseStart?.(controller, statusCode, headers, statusMessage),
    );
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    const { handler, permit } = this.#parts;
    // As `#tell`, without a closure for each chunk.
    try {
      handler.onResponseData?.(controller, chunk);
    } catch (error) {
      permit.ignore();
      throw error;
    }
  }

  onResponseEnd(controller: Controller, trailers: Headers): void {
    this.#end();
    this.#isOver = true;
    this.#parts.handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Controller | null, error: Error): void {
    this.#failed(controller, error);
    this.#isOver = true;
    // Undici itself gives none for a request that never began.
    this.#parts.handler.onResponseError?.(controller as Controller, error);
  }

  /** Gives the permit back for a request that undici refused to take. */
  notTaken(): void {
    this.#parts.permit.ignore();
  }

  #answered(statusCode: number, headers: Headers): void {
    const { breakers, request } = this.#parts;
    const header = (name: string): string | undefined => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    const retryAfterMs = breakers.retryAfterMs({ headers });
    this.#answer = breakers.classify(
      { ...request, statusCode, header, retryAfterMs },
      classifyAnswer(statusCode, retryAfterMs),
    );
  }

  #end(): void {
    const { breakers, permit } = this.#parts;
    breakers.report(permit, { status: 'fulfilled', value: undefined }, this.#answer);
  }

  #failed(controller: Controller | null, error: unknown): void {
    const { breakers, permit, request, body } = this.#parts;
    if (permit.isSettled) return;
    const fallback = controller?.aborted
      ? classifyAbort(error)
      : isOwnFault(error, body)
        ? 'ignored'
        : defaultClassify({ status: 'rejected', error });
    const classification = breakers.classify({ ...request, error }, fallback);
    breakers.report(permit, { status: 'rejected', error }, classification);
  }

  /** A handler that throws ends its request, which says nothing about the other side. */
  #tell(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#parts.permit.ignore();
      throw error;
    }
  }
}
