import { describe, expect, it } from 'vitest';
import {
  BulkheadFullError,
  InjectedFaultError,
  NotRepeatableError,
  RateLimitedError,
} from './errors.js';

describe('the errors of policies', () => {
  it.each([
    [
      new BulkheadFullError({ reason: 'displaced' }),
      'BULKHEAD_FULL',
      'BulkheadFullError: The bulkhead has no place for the call (displaced).',
    ],
    [
      new RateLimitedError({ retryAfterMs: 12.3 }),
      'RATE_LIMITED',
      'RateLimitedError: The rate limit lets a call through in 13 ms.',
    ],
    [
      new NotRepeatableError({ policy: 'retry' }),
      'NOT_REPEATABLE',
      "NotRepeatableError: The operation may be run more than once by 'retry': declare it with safe() or idempotent(), or leave that policy out.",
    ],
    [new InjectedFaultError(), 'INJECTED_FAULT', 'InjectedFaultError: A fault was injected.'],
  ])('have a code, a name and a sentence: %#', (error, code, text) => {
    expect([error.code, String(error)]).toEqual([code, text]);
  });
});
