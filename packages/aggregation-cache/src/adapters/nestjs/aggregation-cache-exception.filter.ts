import { type ArgumentsHost, Catch, HttpException, Inject, Injectable } from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { throwError } from 'rxjs';
import { type AggregationCacheErrorCode, isAggregationCacheError } from '../../errors.js';

const BAD_REQUEST = { statusCode: 400, message: 'Bad Request' } as const;
const UNAVAILABLE = { statusCode: 503, message: 'Service Unavailable' } as const;

/** What a caller from outside is told. Codes that are not here are faults of this side, or of nobody. */
const ANSWERS: Partial<Record<AggregationCacheErrorCode, { statusCode: number; message: string }>> =
  {
    INVALID_PARAMETERS: BAD_REQUEST,
    INVALID_CURSOR: BAD_REQUEST,
    CURSOR_EXPIRED: { statusCode: 410, message: 'Gone' },
    NO_MEMBER: UNAVAILABLE,
    READ_TIMEOUT: UNAVAILABLE,
    MAX_TIME_EXCEEDED: UNAVAILABLE,
    NOT_VERIFIABLE: UNAVAILABLE,
    POINT_UNKNOWN: UNAVAILABLE,
  };

/** An answer to an error of this package. */
export interface AggregationCacheAnswer {
  /** Status and body `{ statusCode, message, code }`; classes and members are nobody's business outside. */
  readonly exception: HttpException;
  /** Nobody knows when to try again; here for filters that serve other packages of this family too. */
  readonly retryAfterSeconds: undefined;
}

/**
 * The answer to an error of this package, for a filter of your own; undefined for any other error, and for those
 * that are faults of this side, such as `QUERY_FAILED`, `TENANT_REQUIRED`, `INVALID_ROW`.
 */
export const aggregationCacheAnswer = (error: unknown): AggregationCacheAnswer | undefined => {
  if (!isAggregationCacheError(error)) return undefined;
  const answer = ANSWERS[error.code];
  if (answer === undefined) return undefined;
  const body = { ...answer, code: error.code };
  return {
    exception: new HttpException(body, answer.statusCode, { cause: error }),
    retryAfterSeconds: undefined,
  };
};

/** What the filter catches: known by their mark, so that errors of another copy of this package are caught too. */
// biome-ignore lint/complexity/noStaticOnlyClass: Nest asks `instanceof` of a class.
class AnswerableError {
  static [Symbol.hasInstance](error: unknown): boolean {
    return aggregationCacheAnswer(error) !== undefined;
  }
}

/**
 * Answers parameters that do not fit with 400, a page of a listing that is gone with 410, and what nobody could answer
 * in time with 503:
 * `{ provide: APP_FILTER, useClass: AggregationCacheExceptionFilter }`, or `@UseFilters(…)`. Over anything but HTTP
 * the error goes on as it is.
 */
export class AggregationCacheExceptionFilter extends BaseExceptionFilter {
  constructor(host: HttpAdapterHost) {
    super(host.httpAdapter);
  }

  override catch(error: unknown, host: ArgumentsHost): unknown {
    const answer = aggregationCacheAnswer(error);
    if (host.getType() === 'rpc') return throwError(() => error);
    if (answer === undefined || host.getType() !== 'http') throw error;
    // oxlint-disable-next-line promise/valid-params -- a filter, no promise
    super.catch(answer.exception, host);
    return undefined;
  }
}
Injectable()(AggregationCacheExceptionFilter);
Inject(HttpAdapterHost)(AggregationCacheExceptionFilter, undefined, 0);
Catch(AnswerableError)(AggregationCacheExceptionFilter);
