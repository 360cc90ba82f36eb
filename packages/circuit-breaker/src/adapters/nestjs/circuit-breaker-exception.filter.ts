import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Inject,
  Injectable,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { throwError } from 'rxjs';
import { type CircuitBreakerErrorCode, isCircuitBreakerError } from '../../errors.js';

const UNAVAILABLE = { statusCode: 503, message: 'Service Unavailable' } as const;
const TOO_LATE = { statusCode: 504, message: 'Gateway Timeout' } as const;

/** What a caller from outside is told. Codes that are not here are faults of this side, or of nobody. */
const ANSWERS: Partial<Record<CircuitBreakerErrorCode, { statusCode: number; message: string }>> = {
  BREAKER_OPEN: UNAVAILABLE,
  BREAKER_SHUT_DOWN: UNAVAILABLE,
  BULKHEAD_FULL: UNAVAILABLE,
  RATE_LIMITED: UNAVAILABLE,
  TIMEOUT: TOO_LATE,
};

/** An answer to an error of this package: which status, and when to try again. */
export interface BreakerAnswer {
  /** Status and body `{ statusCode, message, code }`; the name of the breaker is nobody's business outside. */
  readonly exception: HttpException;
  /** For `Retry-After`, in whole seconds from 1; undefined where nobody knows. */
  readonly retryAfterSeconds: number | undefined;
}

/**
 * The answer to an error of this package, for a filter of your own; undefined for any other error, and for
 * those that are no trouble of the other side.
 */
export const breakerAnswer = (error: unknown): BreakerAnswer | undefined => {
  if (!isCircuitBreakerError(error)) return undefined;
  const answer = ANSWERS[error.code];
  if (answer === undefined) return undefined;
  const { retryAfterMs } = error as { readonly retryAfterMs?: number };
  const knows = retryAfterMs !== undefined && Number.isFinite(retryAfterMs);
  return {
    exception: new HttpException({ ...answer, code: error.code }, answer.statusCode, {
      cause: error,
    }),
    retryAfterSeconds: knows ? Math.max(1, Math.ceil(retryAfterMs / 1000)) : undefined,
  };
};

/** What the filter catches: known by their mark, so that errors of another copy of this package are caught too. */
// biome-ignore lint/complexity/noStaticOnlyClass: Nest asks `instanceof` of a class.
class AnswerableError {
  static [Symbol.hasInstance](error: unknown): boolean {
    return breakerAnswer(error) !== undefined;
  }
}

/**
 * Answers what a breaker refused with 503 and `Retry-After`, and what took too long with 504:
 * `{ provide: APP_FILTER, useClass: CircuitBreakerExceptionFilter }`, or `@UseFilters(…)`. Over anything but
 * HTTP the error goes on as it is.
 */
export class CircuitBreakerExceptionFilter implements ExceptionFilter {
  readonly #host: HttpAdapterHost;

  constructor(host: HttpAdapterHost) {
    this.#host = host;
  }

  catch(error: unknown, host: ArgumentsHost): unknown {
    const answer = breakerAnswer(error);
    if (host.getType() === 'rpc') return throwError(() => error);
    if (answer === undefined || host.getType() !== 'http') throw error;
    const response: unknown = host.switchToHttp().getResponse();
    const { httpAdapter } = this.#host;
    const { exception, retryAfterSeconds } = answer;
    if (httpAdapter.isHeadersSent(response)) {
      httpAdapter.end(response);
      return undefined;
    }
    if (retryAfterSeconds !== undefined) {
      httpAdapter.setHeader(response, 'Retry-After', String(retryAfterSeconds));
    }
    httpAdapter.reply(response, exception.getResponse(), exception.getStatus());
    return undefined;
  }
}
Injectable()(CircuitBreakerExceptionFilter);
Inject(HttpAdapterHost)(CircuitBreakerExceptionFilter, undefined, 0);
Catch(AnswerableError)(CircuitBreakerExceptionFilter);
