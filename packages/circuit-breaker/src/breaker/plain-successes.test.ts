import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { clockByHand, throws } from '../../test/support/deadlines.js';
import { GuardedEmitter } from '../events/guarded-emitter.js';
import type { CircuitBreakerOptions } from '../options.js';
import { CircuitBreakerRegistry } from '../registry/registry.js';
import { ManualClock } from '../testing/manual-clock.js';
import { CircuitBreaker } from './circuit-breaker.js';

const SLACK_MS = 50;
const TIME = { kind: 'time', durationMs: 1000, buckets: 10 } as const;

const setup = (options: Partial<CircuitBreakerOptions> = {}) => {
  const clock = Object.assign(new ManualClock(), { slackMs: SLACK_MS });
  const breaker = new CircuitBreaker({ name: 'x', clock, ...options });
  const succeed = async (times = 1) => {
    for (let left = times; left > 0; left -= 1) await breaker.execute(() => 'ok');
  };
  const fail = () => breaker.execute(() => Promise.reject(new Error('down'))).catch(() => {});
  return { clock, breaker, succeed, fail };
};

const WINDOWS = {
  count: { kind: 'count', size: 20 },
  time: TIME,
  ewma: { kind: 'ewma', halfLifeMs: 10_000 },
} as const;

describe('successes of a breaker that nothing has gone wrong with', () => {
  for (const [kind, window] of Object.entries(WINDOWS)) {
    it(`are in the window when someone looks: ${kind}`, async () => {
      const { breaker, succeed } = setup({ window });
      await succeed(7);
      expect(breaker.stats()).toMatchObject({ inFlight: 0, window: { calls: 7, failures: 0 } });
      expect(breaker.stats().totals.succeeded).toBe(7);
    });

    it(`weigh against the failures that follow: ${kind}`, async () => {
      const { breaker, succeed, fail } = setup({ window, minimumCalls: 2, failureRate: 0.5 });
      await succeed(3);
      await fail();
      await fail();
      expect(breaker.state).toBe('closed');
      await fail();
      expect(breaker.state).toBe('open');
    });
  }

  it('are as old as that, though another breaker keeps the tick going', async () => {
    const { clock, breaker, succeed } = setup({ window: TIME });
    const other = new CircuitBreaker({ name: 'y', clock, window: TIME, minimumCalls: 100 });
    await succeed(3);
    for (let tick = 0; tick < 8; tick += 1) {
      await other.execute(() => Promise.reject(new Error('down'))).catch(() => {});
      clock.advance(SLACK_MS);
    }
    await other.execute(() => Promise.reject(new Error('down'))).catch(() => {});
    await succeed(3);
    clock.advance(700);
    expect(breaker.stats().window.calls).toBe(3);
  });

  it('end a run of failures', async () => {
    const { breaker, succeed, fail } = setup({
      window: { kind: 'consecutive' },
      consecutiveFailures: 2,
    });
    for (let round = 0; round < 3; round += 1) {
      await fail();
      await succeed(3);
    }
    expect(breaker.state).toBe('closed');
    await fail();
    expect(breaker.stats().failuresInARow).toBe(1);
  });

  it('are as old as the tick they came in, in a window of time', async () => {
    const { clock, breaker, succeed } = setup({ window: TIME });
    await succeed(5);
    clock.advance(400);
    await succeed(3);
    clock.advance(599);
    expect(breaker.stats().window.calls).toBe(8);
    clock.advance(100);
    expect(breaker.stats().window.calls).toBe(3);
    clock.advance(1000);
    expect(breaker.stats().window.calls).toBe(0);
  });

  it('are as old as they are on a clock without ticks', async () => {
    const { clock, breaker, succeed } = setup({ window: TIME });
    Object.assign(clock, { slackMs: 0 });
    await succeed(3);
    clock.advance(950);
    await succeed(1);
    clock.advance(550);
    expect(breaker.stats().window.calls).toBe(1);
    await succeed(3);
    clock.advance(1500);
    expect(breaker.stats().window.calls).toBe(0);
  });

  it('hold no timer for longer than a tick', async () => {
    const { clock, succeed } = setup({ window: TIME });
    await succeed(5);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(2 * SLACK_MS);
    expect(clock.pendingTimers).toBe(0);
  });

  it('are told to whoever listens from then on', async () => {
    const { breaker, succeed } = setup();
    await succeed(3);
    let heard = 0;
    const stop = breaker.events.on('succeeded', () => {
      heard += 1;
    });
    await succeed(2);
    stop();
    await succeed(2);
    expect([heard, breaker.stats().totals.succeeded]).toEqual([2, 7]);
  });

  it('are told to a sink that changes its mind without a word', async () => {
    let listens = false;
    const told: string[] = [];
    const sink = { hears: () => listens, emit: (event: string) => told.push(event) };
    const { breaker, succeed } = setup();
    const disconnect = breaker.events.connect(sink);
    await succeed(3);
    listens = true;
    await succeed();
    disconnect();
    await succeed();
    expect(told).toEqual(['succeeded']);
    expect(breaker.stats().totals.succeeded).toBe(5);
  });

  it('are told to such a sink beside one that does not change its mind', async () => {
    let listens = false;
    const told: string[] = [];
    const { breaker, succeed } = setup();
    breaker.events.connect(new GuardedEmitter());
    breaker.events.connect({ hears: () => listens, emit: (event) => told.push(event) });
    await succeed(3);
    listens = true;
    await succeed();
    expect(told).toEqual(['succeeded']);
  });

  it('are told to such a sink of a registry', async () => {
    let listens = false;
    const told: string[] = [];
    const registry = new CircuitBreakerRegistry();
    registry.events.connect({ hears: () => listens, emit: (event) => told.push(event) });
    const breaker = registry.getOrCreate({ name: 'x' });
    for (let call = 0; call < 3; call += 1) await breaker.execute(() => 1);
    listens = true;
    await breaker.execute(() => 1);
    expect(told).toEqual(['succeeded']);
  });

  it('are told to whoever begins to listen to the registry', async () => {
    const registry = new CircuitBreakerRegistry();
    const breaker = registry.getOrCreate({ name: 'x' });
    for (let call = 0; call < 3; call += 1) await breaker.execute(() => 1);
    const heard: string[] = [];
    registry.events.on('succeeded', ({ breaker: name }) => heard.push(name));
    await breaker.execute(() => 1);
    expect(heard).toEqual(['x']);
  });

  it('are classified from the moment that is asked for', async () => {
    const { breaker, succeed } = setup();
    await succeed(3);
    breaker.update({ classify: () => 'failure' });
    await succeed(2);
    expect(breaker.stats().window).toMatchObject({ calls: 5, failures: 2 });
  });

  it('count as late once the breaker has changed its state', async () => {
    const { breaker, succeed } = setup();
    await succeed(3);
    let settle = (_value: number) => {};
    const running = breaker.execute(
      () =>
        new Promise<number>((resolve) => {
          settle = resolve;
        }),
    );
    breaker.trip();
    settle(1);
    await running;
    expect(breaker.stats().totals).toMatchObject({ succeeded: 3, late: 1 });
    expect(breaker.stats().inFlight).toBe(0);
  });

  it('are forgotten with the window', async () => {
    const { breaker, succeed } = setup();
    await succeed(3);
    breaker.reset();
    expect(breaker.stats().window.calls).toBe(0);
    await succeed();
    expect(breaker.stats().window.calls).toBe(1);
  });

  it('move with the window to one of another kind', async () => {
    const { breaker, succeed } = setup();
    await succeed(3);
    breaker.update({ window: TIME });
    await succeed(2);
    expect(breaker.stats().window.calls).toBe(5);
    breaker.update({ window: { kind: 'count', size: 4 }, minimumCalls: 2 });
    expect(breaker.stats().window.calls).toBe(4);
  });

  it('are slow if they took too long, and then all are looked at', async () => {
    const slowCalls = { thresholdMs: 100, rate: 0.5 };
    const { clock, breaker, succeed } = setup({ slowCalls, minimumCalls: 4, latency: true });
    await succeed(3);
    const slow = () =>
      breaker.execute(() => {
        clock.advance(100);
      });
    await slow();
    expect(breaker.stats().window).toMatchObject({ calls: 4, slow: 1 });
    await slow();
    await slow();
    expect(breaker.state).toBe('open');
    expect(breaker.stats().latency).toMatchObject({ calls: 6 });
  });

  it('open it by one that hangs, as soon as another comes', async () => {
    const slowCalls = { thresholdMs: 100, rate: 0.2 };
    const { clock, breaker, succeed } = setup({ slowCalls, minimumCalls: 4 });
    await succeed(3);
    breaker.execute(() => new Promise(() => {})).catch(() => {});
    clock.advance(99);
    await succeed();
    clock.advance(1);
    await expect(breaker.execute(() => 1)).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
  });

  it('open it by one that hangs, as soon as another ends', async () => {
    const slowCalls = { thresholdMs: 100, rate: 0.2 };
    const { clock, breaker, succeed } = setup({ slowCalls, minimumCalls: 4 });
    await succeed(3);
    breaker.execute(() => new Promise(() => {})).catch(() => {});
    clock.advance(50);
    await breaker.execute(() => {
      clock.advance(50);
    });
    expect(breaker.state).toBe('open');
  });

  it('are timed no more once that is switched off, and what was kept is let go of', async () => {
    const { breaker, succeed } = setup({ latency: true });
    await succeed(3);
    expect(breaker.stats().latency).toMatchObject({ calls: 3 });
    breaker.update({ latency: false });
    await succeed(3);
    breaker.update({ latency: true });
    expect(breaker.stats().latency).toBeUndefined();
    await succeed(2);
    expect(breaker.stats().latency).toMatchObject({ calls: 2 });
    expect(breaker.stats().totals.succeeded).toBe(8);
  });

  it('are the same whether someone looks after each or at the end', async () => {
    const action = fc.constantFrom('success', 'success', 'success', 'failure', 'wait');
    // Fading sums are rounded each time someone looks.
    const window = fc.constantFrom(WINDOWS.count, WINDOWS.time);
    await fc.assert(
      fc.asyncProperty(window, fc.array(action, { maxLength: 60 }), async (kind, actions) => {
        const options = { window: kind, minimumCalls: 5, failureRate: 0.6 } as const;
        const [watched, alone] = [setup(options), setup(options)];
        for (const next of actions) {
          for (const { clock, succeed, fail } of [watched, alone]) {
            if (next === 'success') await succeed().catch(() => {});
            else if (next === 'failure') await fail();
            else clock.advance(SLACK_MS);
          }
          watched.breaker.stats();
        }
        expect(alone.breaker.stats()).toEqual(watched.breaker.stats());
      }),
      { numRuns: 60 },
    );
  });
});

/** A breaker on a clock that goes on while no timer gets its turn, as in work that never waits. */
const busy = (options: Partial<CircuitBreakerOptions>) => {
  const { clock, inner } = clockByHand(SLACK_MS);
  return { clock: inner, breaker: new CircuitBreaker({ name: 'x', clock, ...options }) };
};

describe('a breaker whose timers do not get their turn', () => {
  it('forgets successes that are too old all the same', () => {
    const { clock, breaker } = busy({ window: TIME, minimumCalls: 100, failureRate: 0.5 });
    for (let call = 0; call < 10_000; call += 1) {
      clock.jump(1);
      breaker.executeSync(() => 1);
    }
    expect(breaker.stats().window.calls).toBeLessThan(4000);
    let failures = 0;
    for (; breaker.state === 'closed'; failures += 1) {
      clock.jump(1);
      const fail = () => breaker.executeSync(() => throws());
      expect(fail).toThrow('no timers here');
    }
    expect(failures).toBeLessThan(2000);
  });

  it('is half-open in the end', async () => {
    const { clock, breaker } = busy({ openForMs: 1000 });
    breaker.trip();
    let refused = 0;
    for (; refused < 10_000; refused += 1) {
      const answer = await breaker.execute(() => 'ok').catch(({ code }) => code);
      if (answer === 'ok') break;
      clock.jump(1);
    }
    expect(refused).toBeGreaterThanOrEqual(1000 - SLACK_MS);
    expect(refused).toBeLessThan(4000);
  });
});

describe('a breaker whose timers are faked by a test', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('goes by the fake time at once', async () => {
    const open = new CircuitBreaker({ name: 'open', openForMs: 30_000 });
    const closed = new CircuitBreaker({ name: 'closed', window: { ...TIME, durationMs: 10_000 } });
    const outcome = () => open.execute(() => 'ok').catch(({ code }) => code);
    open.trip();
    for (let call = 0; call < 3; call += 1) {
      expect(await outcome()).toBe('BREAKER_OPEN');
      await closed.execute(() => 1);
    }
    vi.useFakeTimers();
    // Fake time begins anew: what it shows is a step back, and passes from here.
    expect(open.state).toBe('open');
    vi.advanceTimersByTime(60_000);
    expect(await outcome()).toBe('ok');
    await closed.execute(() => 1);
    expect(closed.stats().window.calls).toBe(1);
  });
});

describe('an open breaker that nobody listens to', () => {
  it('gives each caller a promise of its own again, once that is asked for', () => {
    const { breaker } = setup({ sharedRejection: true });
    breaker.trip();
    const refused = () => {
      const promise = breaker.execute(() => 'ok');
      promise.catch(() => {});
      return promise;
    };
    const first = refused();
    expect(refused()).toBe(first);
    breaker.update({ sharedRejection: false });
    expect(refused()).not.toBe(first);
    expect(refused()).not.toBe(refused());
    breaker.update({ sharedRejection: true });
    expect(refused()).toBe(refused());
  });

  it('refuses until the tick after which it may be over, and then looks', async () => {
    const { clock, breaker } = setup({ openForMs: 200 });
    breaker.trip();
    const refused = () => breaker.execute(() => 'ok').catch(({ code }) => code);
    for (let call = 0; call < 3; call += 1) expect(await refused()).toBe('BREAKER_OPEN');
    clock.advance(199);
    expect(await refused()).toBe('BREAKER_OPEN');
    clock.advance(1);
    expect(await refused()).toBe('ok');
    expect(breaker.stats().totals.rejected).toBe(4);
  });

  it('tells whoever listens from then on', async () => {
    const { breaker } = setup();
    breaker.trip();
    const refused = () => breaker.execute(() => 'ok').catch(() => {});
    await refused();
    await refused();
    let heard = 0;
    breaker.events.on('rejected', () => {
      heard += 1;
    });
    await refused();
    expect([heard, breaker.stats().totals.rejected]).toEqual([1, 3]);
  });

  it('lets calls through at once when it is told to', async () => {
    const { breaker } = setup();
    const outcome = () => breaker.execute(() => 'ok').catch(({ code }) => code);
    breaker.trip();
    await outcome();
    breaker.update({ mode: 'shadow' });
    expect(await outcome()).toBe('ok');
    breaker.update({ mode: 'enforcing' });
    breaker.trip();
    await outcome();
    breaker.holdClosed();
    expect(await outcome()).toBe('ok');
  });
});
