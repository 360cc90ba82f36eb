import { describe, expect, it, vi } from 'vitest';
import { outcomeOf } from '../../../test/support/operations.js';
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
