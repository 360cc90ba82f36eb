import { type RetryPolicy, retry, retryBudget } from '@nestcms/circuit-breaker';
import type { OperationKind } from '../events.js';
import type { ResolvedOptions } from '../options.js';
import type { CallReports } from './call-reports.js';
import { FailedTry } from './failed-try.js';
import { tuned } from './tuned.js';

/**
 * How calls of one kind are tried again.
 * @throws PayTabsError INVALID_OPTION
 */
export function triesOf(
  kind: OperationKind,
  { options, reports }: { options: ResolvedOptions; reports: CallReports },
): RetryPolicy {
  const { clock, random, maxAttempts, retryDelayMs, timeoutMs, onListenerError } = options;
  return retry({
    maxAttempts,
    maxDelayMs: timeoutMs,
    backoff: { kind: 'exponential', initialMs: retryDelayMs, maxMs: 60_000 },
    shouldRetry: ({ error }) => error instanceof FailedTry && error.mayRepeat,
    delayFor: ({ error, delayMs }) => {
      const askedMs = error instanceof FailedTry ? (error.error.retryAfterMs ?? 0) : 0;
      return Math.max(askedMs, delayMs);
    },
    onRetry: ({ error, attempt, delayMs }) => {
      if (!(error instanceof FailedTry)) return;
      reports.retry(error.call, { attempt, delayMs, error: error.error });
    },
    clock,
    random,
    // A write is tried again only if no byte of it has left, which loads nobody.
    ...(kind === 'read'
      ? { budget: tuned('retryBudget', () => retryBudget(options.retryBudget)) }
      : {}),
    ...(onListenerError === undefined ? {} : { onListenerError }),
  });
}
