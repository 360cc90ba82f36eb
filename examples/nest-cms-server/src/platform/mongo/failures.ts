import type { Outcome } from '@nestcms/circuit-breaker';
import {
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';

/** Answers of a server that is no primary (any more) or shuts down. */
const NOT_A_PRIMARY = new Set([91, 189, 10107, 11600, 11602, 13435, 13436]);
const CONNECTION_ERRORS = new Set([
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
]);

/** The error says that the primary could not be reached, not that it refused what it was asked. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof MongoServerError) return NOT_A_PRIMARY.has(Number(error.code));
  return (
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNetworkError ||
    error instanceof MongoOperationTimeoutError ||
    error instanceof MongoNotConnectedError ||
    error instanceof MongoTopologyClosedError ||
    (error instanceof Error && CONNECTION_ERRORS.has(error.name))
  );
}

/** How the primary's breaker sees a call: only an unreachable primary is a failure; an answer, even a refusal, is a success. */
export function classifyPrimaryUse(
  settled:
    | { readonly status: 'fulfilled'; readonly value: unknown }
    | { readonly status: 'rejected'; readonly error: unknown },
): Outcome {
  if (settled.status === 'fulfilled') return 'success';
  if (isUnreachable(settled.error)) return 'failure';
  return settled.error instanceof MongoServerError ? 'success' : 'ignored';
}
