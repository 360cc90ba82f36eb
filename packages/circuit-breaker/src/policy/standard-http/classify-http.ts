import { defaultClassify } from '../../breaker/default-classify.js';
import type { Classification, Settled } from '../../breaker/outcome.js';
import { isCircuitBreakerError } from '../../errors.js';
import { systemClock } from '../../ports/system-clock.js';
import { isTrouble, retryAfterMsOf, statusOf } from './answer.js';

/** Milliseconds that a `Retry-After` may keep a breaker open. Five minutes: a wrong header must not cost an hour. */
export const LONGEST_RETRY_AFTER_MS = 300_000;

/**
 * What an HTTP call counts as, by the status of its answer: 500 and above, 408 and 429 are failures, all
 * other answers successes, 4xx too: the other side works. A 429 or 503 with `Retry-After` opens the breaker
 * for so long, at most five minutes. Rejections count as they do by default.
 */
export const classifyHttp = (settled: Settled): Classification => {
  if (settled.status === 'fulfilled') {
    const status = statusOf(settled.value);
    if (status === undefined || !isTrouble(status)) return 'success';
    return trouble(status, retryAfterMsOf(settled.value, systemClock));
  }
  const { error } = settled;
  if (isCircuitBreakerError(error, 'HTTP_STATUS')) return trouble(error.status, error.retryAfterMs);
  return defaultClassify(settled);
};

const trouble = (status: number, retryAfterMs = 0): Classification => {
  const asksToWait = status === 429 || status === 503;
  if (!asksToWait || retryAfterMs === 0) return 'failure';
  return { outcome: 'failure', openForMs: Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS) };
};
