import { describe, expect, it } from 'vitest';
import { setup as setupBreaker, succeed } from '../../test/support/breaker-setup.js';
import { deferred } from '../../test/support/deferred.js';
import type { CircuitBreakerOptions } from '../options.js';

const setup = (options: Partial<CircuitBreakerOptions> = {}) => {
  const parts = setupBreaker({
    slowCalls: { thresholdMs: 100, rate: 0.5 },
    minimumCalls: 4,
    ...options,
  });
  /** A call that takes `ms`. */
  const call = async (ms: number) => {
    await parts.breaker.execute(() => parts.clock.advance(ms));
  };
  const hang = (times: number) => {
    for (let count = 0; count < times; count += 1) {
      void parts.breaker.execute(() => new Promise(() => {}));
    }
  };
  return { ...parts, call, hang };
};

describe('slow calls', () => {
  it('that end open it at their rate, though all succeed', async () => {
    const { breaker, heard, call } = setup();
    for (const ms of [10, 99.9, 100]) await call(ms);
    expect(breaker.state).toBe('closed');
    await call(500);
    expect(breaker.state).toBe('open');
    expect(heard.at(-1)).toMatchObject([
      'opened',
      { reason: 'slowRate', calls: 4, failures: 0, slow: 2 },
    ]);
    expect(breaker.stats().window).toMatchObject({ slow: 2, slowRate: 0.5, failureRate: 0 });
  });

  it('are told with how long they took', async () => {
    const { heard, call } = setup();
    await call(33);
    expect(heard).toEqual([['succeeded', { breaker: 'gateway', durationMs: 33 }]]);
  });

  it('may fail too: they then count in both rates', async () => {
    const { breaker, clock } = setup();
    await breaker
      .execute(() => {
        clock.advance(100);
        throw new Error('late and wrong');
      })
      .catch(() => {});
    expect(breaker.stats().window).toMatchObject({ calls: 1, failures: 1, slow: 1 });
  });

  it.each(['execute', 'executeSync', 'tryAcquire', 'acquire', 'wrap', 'with a signal'] as const)(
    'are seen through %s',
    async (way) => {
      const { breaker, clock } = setup();
      const work = () => clock.advance(100);
      const acquired = async () => {
        const permit = await breaker.acquire();
        work();
        permit.success();
      };
      const ways = {
        execute: () => breaker.execute(work),
        executeSync: () => breaker.executeSync(work),
        tryAcquire: () => {
          const permit = breaker.tryAcquire();
          work();
          permit?.success();
        },
        acquire: acquired,
        wrap: () => breaker.wrap(async () => work())(),
        'with a signal': () => breaker.execute(work, { signal: new AbortController().signal }),
      };
      await ways[way]();
      expect(breaker.stats()).toMatchObject({ inFlight: 0, window: { calls: 1, slow: 1 } });
    },
  );
});

describe('calls that hang', () => {
  it('open it when the next call asks, which is not let through', async () => {
    const { breaker, clock, heard, hang } = setup();
    hang(4);
    clock.advance(99);
    expect(breaker.tryAcquire()).toBeDefined();
    clock.advance(1);
    heard.length = 0;
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ reason: 'open' });
    expect(heard.map(([name]) => name)).toEqual(['opened', 'rejected']);
    expect(heard[0]?.[1]).toMatchObject({ reason: 'slowRate', calls: 0 });
  });

  it.each(['executeSync', 'tryAcquire', 'acquire', 'wrap'] as const)(
    'are found by %s too',
    async (way) => {
      const { breaker, clock, hang } = setup();
      hang(4);
      clock.advance(100);
      const ways = {
        executeSync: async () => breaker.executeSync(() => 1),
        tryAcquire: async () => {
          if (breaker.tryAcquire() === undefined) throw breaker.openError();
        },
        acquire: () => breaker.acquire(),
        wrap: () => breaker.wrap(async () => 1)(),
      };
      await expect(ways[way]()).rejects.toMatchObject({ code: 'BREAKER_OPEN', reason: 'open' });
    },
  );

  it('open it when another call ends', async () => {
    const { breaker, clock, call, hang } = setup({ minimumCalls: 3 });
    hang(2);
    clock.advance(60);
    await call(40);
    expect(breaker.state).toBe('open');
  });

  it('open it when a call ends that began before calls were timed', async () => {
    const { breaker, clock } = setup({ slowCalls: false, minimumCalls: 1 });
    const work = deferred();
    const untimed = breaker.execute(() => work.promise);
    breaker.update({ slowCalls: { thresholdMs: 100, rate: 0.5 } });
    breaker.tryAcquire();
    clock.advance(100);
    work.resolve('ok');
    await untimed;
    expect(breaker.state).toBe('open');
  });

  it('do not open it while too few for the rate', async () => {
    const { breaker, clock, call, hang } = setup();
    for (let count = 0; count < 4; count += 1) await call(1);
    hang(3);
    clock.advance(100);
    // Three of seven.
    breaker.tryAcquire()?.ignore();
    expect(breaker.state).toBe('closed');
    hang(1);
    clock.advance(100);
    expect(breaker.tryAcquire()).toBeUndefined();
  });

  it('do not open it while too few for the minimum', () => {
    const { breaker, clock, hang } = setup();
    hang(3);
    clock.advance(3_600_000);
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it('no longer count once they end, as slow ones in the window do', async () => {
    const { breaker, clock } = setup({ minimumCalls: 2 });
    const work = deferred();
    const running = breaker.execute(() => work.promise);
    clock.advance(100);
    work.resolve('at last');
    await running;
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 1, slow: 1 } });
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it('from before an opening hang for nobody after recovery', async () => {
    const { breaker, clock, hang } = setup({ halfOpen: { trials: 1 } });
    hang(4);
    clock.advance(100);
    expect(breaker.tryAcquire()).toBeUndefined();
    clock.advance(1000);
    breaker.tryAcquire()?.success();
    expect(breaker.state).toBe('closed');
    for (let count = 0; count < 10; count += 1) breaker.tryAcquire()?.success();
    expect(breaker.state).toBe('closed');
  });

  it('are measured by the threshold there is now', () => {
    const { breaker, clock, hang } = setup();
    hang(4);
    clock.advance(150);
    breaker.update({ slowCalls: { thresholdMs: 500 } });
    expect(breaker.tryAcquire()).toBeDefined();
    breaker.update({ slowCalls: { thresholdMs: 50 } });
    expect(breaker.tryAcquire()).toBeUndefined();
  });

  it('are measured anew by a longer threshold, also those that were slow by the old one', async () => {
    const { breaker, clock, call, hang } = setup({ minimumCalls: 5 });
    hang(4);
    clock.advance(150);
    // They are seen to be slow, but are too few.
    expect(breaker.tryAcquire()).toBeDefined();
    breaker.update({ slowCalls: { thresholdMs: 500 } });
    await call(1);
    expect(breaker.state).toBe('closed');
    clock.advance(350);
    expect(breaker.tryAcquire()).toBeUndefined();
  });
});

describe('timing', () => {
  it('begins with the calls after it is switched on, and ends with those after it is switched off', async () => {
    const { breaker, clock, heard } = setupBreaker();
    const first = breaker.tryAcquire();
    breaker.update({ slowCalls: { thresholdMs: 100 } });
    const second = breaker.tryAcquire();
    clock.advance(100);
    first?.success();
    breaker.update({ slowCalls: false });
    second?.success();
    const durations = heard
      .filter(([name]) => name === 'succeeded')
      .map(([, payload]) => (payload as { durationMs: number | undefined }).durationMs);
    expect(durations).toEqual([undefined, undefined]);
    expect(breaker.stats().window).toMatchObject({ calls: 2, slow: 0 });
  });

  it('is not done where nobody asked for it, however the call is made', async () => {
    const { breaker, heard } = setupBreaker({ minimumCalls: 50 });
    await breaker.execute(succeed);
    await breaker.execute(succeed, {});
    await breaker.execute(succeed, { signal: new AbortController().signal });
    breaker.executeSync(() => 1);
    breaker.tryAcquire()?.success();
    expect(heard.map(([, payload]) => (payload as { durationMs: unknown }).durationMs)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
  });
});
