import type { Dispatcher } from 'undici';
import type { RawReply } from '../gateway/reply.js';
import { readRetryAfter } from './retry-after.js';

/** Anything that dispatches like undici: a Pool, an Agent, a ProxyAgent, a MockAgent. */
export type AnyDispatcher = Pick<Dispatcher, 'dispatch'>;

/** What is known while a request is under way. */
export interface Progress {
  /** Whether a byte may have left. Set right before the first is written, never taken back. */
  sent: boolean;
}

/** One HTTP request to the gateway. */
export interface ExchangeRequest {
  readonly dispatcher: AnyDispatcher;
  readonly origin: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly maxReplyBytes: number;
  readonly wallTime: () => number;
  readonly progress: Progress;
  /** Asked in the moment before the first byte; `false`: it is too late, nothing is sent. */
  readonly maySend?: (() => boolean) | undefined;
  readonly signal: AbortSignal;
}

/** The connection failed, before or after something was sent (see {@link Progress}). */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** The system's or undici's code, such as `ECONNREFUSED`. */
  readonly code: string | undefined;

  /** Keeps code and message alone: the error itself may carry pieces of traffic. */
  constructor(error: unknown) {
    super(error instanceof Error ? error.message : String(error));
    const code = (error as { code?: unknown } | null)?.code;
    this.code = typeof code === 'string' ? code : undefined;
  }
}

const tooLarge = (maxBytes: number) => new Error(`The reply is larger than ${maxBytes} bytes`);

/**
 * Sends one request and collects the answer. The dispatch interface is used directly because it alone tells when
 * the first byte is about to be written: a request that failed before is proven not sent. The hook also refuses
 * a second start, so nothing beneath can send a request twice, and a start after an abort.
 * Rejects with a TransportError only.
 */
export function exchange(request: ExchangeRequest): Promise<RawReply> {
  const { progress, signal, maxReplyBytes } = request;
  return new Promise((resolve, reject) => {
    let started: Dispatcher.DispatchController | undefined;
    let aborted: Error | undefined;
    let reply: { httpStatus: number; retryAfterMs?: number } | undefined;
    const chunks: Buffer[] = [];
    let bytes = 0;

    const fail = (error: unknown) => {
      signal.removeEventListener('abort', onAbort);
      reject(new TransportError(error));
    };
    const onAbort = () => {
      aborted = new Error('The request was aborted');
      started?.abort(aborted);
      // Before its start undici still holds it; the start hook will drop it.
      fail(aborted);
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        if (aborted !== undefined) return controller.abort(aborted);
        if (started !== undefined) {
          return controller.abort(new Error('The connection wanted to send the request again'));
        }
        if (request.maySend?.() === false) {
          return controller.abort(new Error('It is too late to send the request'));
        }
        started = controller;
        progress.sent = true;
      },
      onResponseStart(_, httpStatus, headers) {
        // Also of a dispatcher that never said when it started.
        progress.sent = true;
        const retryAfterMs = readRetryAfter(headers['retry-after'], request.wallTime());
        reply = { httpStatus, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
      },
      onResponseData(controller, chunk) {
        bytes += chunk.length;
        if (bytes > maxReplyBytes) controller.abort(tooLarge(maxReplyBytes));
        else chunks.push(chunk);
      },
      onResponseEnd() {
        signal.removeEventListener('abort', onAbort);
        if (reply === undefined) return fail(new Error('The reply has no head'));
        const bytes = Buffer.concat(chunks);
        resolve({ ...reply, bytes, text: bytes.toString('utf8') });
      },
      onResponseError(_, error) {
        fail(error);
      },
    };
    try {
      request.dispatcher.dispatch(
        {
          origin: request.origin,
          path: request.path,
          method: request.method,
          headers: request.headers,
          body: request.body ?? null,
          headersTimeout: request.headersTimeoutMs,
          bodyTimeout: request.bodyTimeoutMs,
        },
        handler,
      );
    } catch (error) {
      fail(error);
    }
  });
}
