import { isAggregationCacheError } from '@nestcms/aggregation-cache';
import { isCircuitBreakerError } from '@nestcms/circuit-breaker';
import { isPayTabsError, type PayTabsError } from '@nestcms/paytabs-client';
import { HttpException } from '@nestjs/common';
import { MongoError } from 'mongodb';
import { isUnreachable } from '../mongo/failures.js';
import { Problem, serviceUnavailable } from './problem.js';

/** Codes of problems that the framework finds before a handler runs. */
const CODES: Readonly<Record<number, string>> = {
  400: 'VALIDATION_ERROR',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  408: 'REQUEST_TIMEOUT',
  413: 'BODY_TOO_LARGE',
  414: 'URI_TOO_LONG',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  431: 'HEADERS_TOO_LARGE',
};

const DETAILS: Readonly<Record<number, string>> = {
  400: 'The request is not well formed.',
  404: 'There is no such route.',
  413: 'The body is larger than allowed.',
  415: 'Send JSON, with content-type application/json.',
};

const PRIMARY_RETRY_SECONDS = 2;

/** What the caller is told of an error. Anything unexpected is a 500 that tells nothing. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isCircuitBreakerError(error, 'BREAKER_OPEN')) {
    return serviceUnavailable(seconds(error.retryAfterMs));
  }
  if (isCircuitBreakerError(error, 'TIMEOUT')) return serviceUnavailable();
  if (isUnreachable(error)) return serviceUnavailable(PRIMARY_RETRY_SECONDS);
  if (
    isAggregationCacheError(error, 'NO_MEMBER') ||
    isAggregationCacheError(error, 'MAX_TIME_EXCEEDED')
  ) {
    return serviceUnavailable();
  }
  const ofGateway = isPayTabsError(error) ? problemOfGateway(error) : undefined;
  if (ofGateway !== undefined) return ofGateway;
  if (isConflict(error)) return serviceUnavailable();
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500) {
    return new Problem({
      status,
      code: CODES[status] ?? 'REQUEST_REFUSED',
      detail: DETAILS[status] ?? 'The request was refused.',
      cause: error,
    });
  }
  return new Problem({
    status: 500,
    code: 'INTERNAL_ERROR',
    detail: 'Something went wrong here. It was logged under the request id.',
    cause: error,
  });
}

/** A transaction that met others over and over until its time was up. Nothing was done. */
function isConflict(error: unknown): boolean {
  return error instanceof MongoError && error.hasErrorLabel('TransientTransactionError');
}

/** What the gateway or the way there caused; what is our own fault is none of these. Its words and traces stay in the log. */
function problemOfGateway(error: PayTabsError): Problem | undefined {
  switch (error.code) {
    case 'GATEWAY_UNAVAILABLE':
    case 'RATE_LIMITED':
      return new Problem({
        status: 503,
        code: 'GATEWAY_UNAVAILABLE',
        detail: 'The payment gateway cannot be reached now. Nothing was charged; try again.',
        retryAfterSeconds: seconds(error.retryAfterMs ?? 0),
        cause: error,
      });
    case 'OUTCOME_UNKNOWN':
      return new Problem({
        status: 503,
        code: 'OUTCOME_UNKNOWN',
        detail: 'The payment gateway did not tell the outcome. It is being found out; look again.',
        retryAfterSeconds: 5,
        cause: error,
      });
    case 'INTENT_STORE_FAILED':
      return serviceUnavailable();
    case 'AUTHENTICATION_FAILED':
    case 'DUPLICATE_REQUEST':
    case 'NOT_FOUND':
    case 'UNEXPECTED_REPLY':
      return notAccepted(error);
    case 'INVALID_REQUEST':
      // The client of the gateway finds some of them itself: then the gateway was asked nothing.
      return error.httpStatus === undefined ? undefined : notAccepted(error);
    case 'INVALID_OPTION':
    case 'INVALID_MONEY':
    case 'REFERENCE_REUSED':
    case 'ABORTED':
      return undefined;
  }
}

function notAccepted(cause: PayTabsError): Problem {
  return new Problem({
    status: 502,
    code: 'PAYMENT_ERROR',
    detail: 'The payment gateway did not accept the request.',
    cause,
  });
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}

/** Of Nest's exceptions, and of Fastify's errors for bodies, URLs and content types. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
