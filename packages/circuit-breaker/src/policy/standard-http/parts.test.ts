import { describe, expect, it, vi } from 'vitest';
import { outcomeOf } from '../../../test/support/operations.js';
import { inner } from '../../breaker/inner.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { standardHedgedHttp, standardHttp } from '../standard-http.js';

const GET = { method: 'GET' };

const setup = () => {
  const clock = new ManualClock();
  const onListenerError = vi.fn();
  const http = standardHttp({ name: 'x', clock, random: () => 0.5, onListenerError });
  return { clock, http, onListenerError };
};

describe('the wait before another attempt', () => {
  it('is what an answer asks for, and nothing else', async () => {
    const { clock, http, onListenerError } = setup();
    const calledAt: number[] = [];
    const call = outcomeOf(
      http.execute(GET, async () => {
        calledAt.push(clock.now());
        if (calledAt.length > 1) return { status: 200 };
        throw Object.assign(new Error('down'), { retryAfterMs: 5000 });
      }),
    );
    await clock.advanceAsync(200);
    expect([calledAt, call.value]).toEqual([[0, 125], { status: 200 }]);
    expect(onListenerError).not.toHaveBeenCalled();
  });

  it('is the usual one where an answer asks for none', async () => {
    const { clock, http, onListenerError } = setup();
    const operation = vi.fn(async () => ({ status: 503 }));
    outcomeOf(http.execute(GET, operation));
    await clock.advanceAsync(125);
    expect(operation).toHaveBeenCalledTimes(2);
    expect(onListenerError).not.toHaveBeenCalled();
  });
});

describe('the groups of options', () => {
  it('take all that the parts themselves take', () => {
    const breaker = {
      mode: 'shadow',
      tags: ['http'],
      window: { kind: 'count', size: 30 },
      failureRate: 0.3,
      minimumCalls: 3,
      consecutiveFailures: 4,
      slowCalls: { thresholdMs: 5 },
      latency: true,
      classify: () => 'success' as const,
      openForMs: 6,
      halfOpen: { trials: 7 },
      rampUp: {},
      sharedRejection: true,
    } as const;
    const http = standardHttp({
      name: 'x',
      breaker,
      bulkhead: { maxConcurrent: 8, maxQueue: 9, maxQueueMs: 10, abandonAfterMs: 11 },
      retry: {
        maxAttempts: 2,
        backoff: { kind: 'constant' },
        maxDelayMs: 12,
        shouldRetry: () => true,
        onRetry: () => {},
      },
    });
    const { settings } = http.breaker[inner].machine;
    const { tags, ...others } = breaker;
    expect(settings).toMatchObject({ ...others, slowCalls: { thresholdMs: 5, rate: 0.8 } });
    expect(http.breaker.tags).toEqual(tags);
    expect([http.bulkhead.limit, http.retry.maxAttempts]).toEqual([8, 2]);
  });
});

describe('a breaker of one’s own', () => {
  it.each([null, 'mine', 5])('is not %o', (breaker) => {
    expect(() => standardHttp({ name: 'x', breaker: breaker as never })).toThrow(
      "Option 'breaker' must be an object",
    );
  });
});

describe('a hedge for HTTP', () => {
  it('waits for 2 s while it has seen too few calls', () => {
    expect(standardHedgedHttp({ name: 'x' }).hedge?.delayMs).toBe(2000);
  });
});

describe('a group of options that throws when it is read', () => {
  it('has its own error given out', () => {
    const down = new Error('down');
    const bulkhead = Object.defineProperty({}, 'maxQueue', {
      enumerable: true,
      get: () => {
        throw down;
      },
    });
    expect(() => standardHttp({ name: 'x', bulkhead })).toThrow(down);
  });
});
