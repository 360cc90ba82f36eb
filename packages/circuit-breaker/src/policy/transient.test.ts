import { describe, expect, it } from 'vitest';
import { AbortedError, BreakerOpenError, InvalidOptionError, TimeoutError } from '../errors.js';
import {
  BulkheadFullError,
  InjectedFaultError,
  NotRepeatableError,
  RateLimitedError,
} from './errors.js';
import { HttpStatusError } from './standard-http/status-error.js';
import { isTransient, nameOf, retryAfterOf } from './transient.js';

const trap = new Proxy({}, { get: () => expect.unreachable() });

describe('an error that may pass by itself', () => {
  it.each([
    new TimeoutError({ timeoutMs: 1 }),
    new BulkheadFullError({ reason: 'queueFull' }),
    new RateLimitedError({ retryAfterMs: 1 }),
    new InjectedFaultError(),
    new HttpStatusError({ answer: { status: 503 }, status: 503, retryAfterMs: undefined }),
    new Error('down'),
    new DOMException('', 'TimeoutError'),
    undefined,
    null,
    'down',
    trap,
  ])('may be %#', (error) => {
    expect(isTransient(error)).toBe(true);
  });

  it.each([
    new BreakerOpenError({ breaker: 'x', reason: 'open', retryAfterMs: 1 }),
    new AbortedError({ reason: 'enough' }),
    new InvalidOptionError({ option: 'x', value: 1, allowed: 'left out' }),
    new NotRepeatableError({ policy: 'retry' }),
    new DOMException('', 'AbortError'),
  ])('is none of %#', (error) => {
    expect(isTransient(error)).toBe(false);
  });
});

describe('what an error says of itself', () => {
  it.each([undefined, null, trap, 5, {}])(
    'is nothing where it is %#, which throws nothing',
    (error) => {
      expect([nameOf(error), retryAfterOf(error)]).toEqual([undefined, undefined]);
    },
  );

  it('is its name, and how long to wait in ms', () => {
    expect(nameOf(new TypeError('x'))).toBe('TypeError');
    expect(retryAfterOf({ retryAfterMs: 5 })).toBe(5);
    expect(retryAfterOf({ retryAfterMs: '5' })).toBeUndefined();
  });
});
