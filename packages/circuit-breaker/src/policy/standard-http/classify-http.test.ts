import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../breaker/circuit-breaker.js';
import { defaultClassify } from '../../breaker/default-classify.js';
import { AbortedError, isCircuitBreakerError, TimeoutError } from '../../errors.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { isTransient } from '../transient.js';
import { classifyHttp, LONGEST_RETRY_AFTER_MS } from './classify-http.js';
import { HttpStatusError } from './status-error.js';

const answer = (status: number, retryAfter?: string) => ({
  status,
  headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
});
const fulfilled = (value: unknown) => classifyHttp({ status: 'fulfilled', value });
const rejected = (error: unknown) => classifyHttp({ status: 'rejected', error });

describe('an answer', () => {
  it.each([100, 200, 204, 301, 400, 401, 403, 404, 409, 422, 451])(
    'of %i is a success',
    (status) => {
      expect(fulfilled(answer(status, '5'))).toBe('success');
      expect(fulfilled({ statusCode: status })).toBe('success');
    },
  );

  it.each([408, 429, 500, 501, 502, 503, 504, 599])('of %i is a failure', (status) => {
    expect(fulfilled(answer(status))).toBe('failure');
    expect(fulfilled({ statusCode: status })).toBe('failure');
  });

  it.each([429, 503])('of %i opens for as long as it asks', (status) => {
    expect(fulfilled(answer(status, '7'))).toEqual({ outcome: 'failure', openForMs: 7000 });
    expect(fulfilled(answer(status, '0'))).toBe('failure');
    expect(fulfilled(answer(status, '86400'))).toEqual({
      outcome: 'failure',
      openForMs: LONGEST_RETRY_AFTER_MS,
    });
  });

  it.each([500, 408, 404])('of %i does not, whatever it asks', (status) => {
    expect(fulfilled(answer(status, '7'))).toBeTypeOf('string');
  });

  it('that is none is a success: the operation knows', () => {
    expect(fulfilled(undefined)).toBe('success');
    expect(fulfilled({ rows: [] })).toBe('success');
  });
});

describe('a rejection', () => {
  it('counts as it does by default', () => {
    expect(rejected(new TypeError('fetch failed'))).toBe('failure');
    expect(rejected(new TimeoutError({ timeoutMs: 1 }))).toBe('failure');
    expect(rejected(new AbortedError({ reason: 1 }))).toBe('ignored');
    expect(rejected(new DOMException('', 'AbortError'))).toBe('ignored');
  });

  it('that stands for an answer counts as that answer', () => {
    const error = (status: number, retryAfterMs?: number) =>
      new HttpStatusError({ answer: answer(status), status, retryAfterMs });
    expect(rejected(error(500, 7000))).toBe('failure');
    expect(rejected(error(503, 7000))).toEqual({ outcome: 'failure', openForMs: 7000 });
    expect(error(503).message).toBe('The other side answered with 503.');
    expect(error(503).name).toBe('HttpStatusError');
    expect(JSON.stringify(error(503))).toBe('{"code":"HTTP_STATUS","status":503}');
    expect(isCircuitBreakerError(error(503), 'HTTP_STATUS')).toBe(true);
  });

  it('that comes from another copy of this package counts as that answer too', () => {
    const foreign = Object.assign(new Error('from elsewhere'), {
      code: 'HTTP_STATUS',
      status: 429,
      retryAfterMs: 3000,
      [Symbol.for('@nestcms/circuit-breaker.error')]: true,
    });
    expect(rejected(foreign)).toEqual({ outcome: 'failure', openForMs: 3000 });
  });

  it('that stands for an answer is a failure by default, and passing trouble', () => {
    const error = new HttpStatusError({ answer: answer(503), status: 503, retryAfterMs: 5 });
    expect(defaultClassify({ status: 'rejected', error })).toBe('failure');
    expect(isTransient(error)).toBe(true);
  });
});

describe('a breaker of one’s own', () => {
  it('opens by it', async () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({ name: 'x', classify: classifyHttp, clock });
    await breaker.execute(() => answer(429, '12'));
    expect(breaker.state).toBe('open');
    expect(breaker.retryAfterMs()).toBe(12_000);
  });
});
