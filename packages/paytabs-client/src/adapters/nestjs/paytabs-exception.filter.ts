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
import { isPayTabsError, type PayTabsErrorCode } from '../../errors.js';

const BAD_REQUEST = { statusCode: 400, message: 'Bad Request' } as const;
const CONFLICT = { statusCode: 409, message: 'Conflict' } as const;
const UNAVAILABLE = { statusCode: 503, message: 'Service Unavailable' } as const;

/** What a caller from outside is told. Codes that are not here are faults of this side, or of nobody. */
const ANSWERS: Partial<Record<PayTabsErrorCode, { statusCode: number; message: string }>> = {
  INVALID_REQUEST: BAD_REQUEST,
  INVALID_MONEY: BAD_REQUEST,
  NOT_FOUND: { statusCode: 404, message: 'Not Found' },
  REFERENCE_REUSED: CONFLICT,
  DUPLICATE_REQUEST: CONFLICT,
  UNEXPECTED_REPLY: { statusCode: 502, message: 'Bad Gateway' },
  RATE_LIMITED: UNAVAILABLE,
  GATEWAY_UNAVAILABLE: UNAVAILABLE,
  INTENT_STORE_FAILED: UNAVAILABLE,
  // Nothing that says "failed, try again": the money may have moved.
  OUTCOME_UNKNOWN: { statusCode: 202, message: 'Accepted' },
};

/** An answer to an error of this package: which status, and when to try again. */
export interface PayTabsAnswer {
  /** Status and body `{ statusCode, message, code }`; what the gateway said is nobody's business outside. */
  readonly exception: HttpException;
  /** For `Retry-After`, in whole seconds from 1; undefined where nobody knows. */
  readonly retryAfterSeconds: number | undefined;
}

/**
 * The answer to an error of this package, for a filter of your own; undefined for any other error, and for those that
 * are faults of this side: `AUTHENTICATION_FAILED`, `INVALID_OPTION`, `ABORTED`.
 */
export const payTabsAnswer = (error: unknown): PayTabsAnswer | undefined => {
  if (!isPayTabsError(error)) return undefined;
  const answer = ANSWERS[error.code];
  if (answer === undefined) return undefined;
  const { retryAfterMs } = error;
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
    return payTabsAnswer(error) !== undefined;
  }
}

/**
 * Answers errors of the client with a status of their own, and `Retry-After` where the time is known:
 * `{ provide: APP_FILTER, useClass: PayTabsExceptionFilter }`, or `@UseFilters(…)`. Over anything but HTTP the error
 * goes on as it is.
 */
export class PayTabsExceptionFilter implements ExceptionFilter {
  readonly #host: HttpAdapterHost;

  constructor(host: HttpAdapterHost) {
    this.#host = host;
  }

  catch(error: unknown, host: ArgumentsHost): unknown {
    const answer = payTabsAnswer(error);
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
Injectable()(PayTabsExceptionFilter);
Inject(HttpAdapterHost)(PayTabsExceptionFilter, undefined, 0);
Catch(AnswerableError)(PayTabsExceptionFilter);
