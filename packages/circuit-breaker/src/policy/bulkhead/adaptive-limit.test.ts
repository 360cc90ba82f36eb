import { describe, expect, it, vi } from 'vitest';
import { deferred, flush } from '../../../test/support/deferred.js';
import { recordPolicyEvents } from '../../../test/support/record-policy-events.js';
import {
  AbortedError,
  ADAPTIVE_DEFAULTS,
  type AdaptiveOptions,
  adaptive,
  BulkheadFullError,
  bulkhead,
  InvalidOptionError,
  pipeline,
  TimeoutError,
  timeout,
} from '../../index.js';
import { ManualClock } from '../../testing/index.js';
import { AdaptiveLimit } from './adaptive-limit.js';
import type { LimitChange } from './limit.js';

const down = new Error('down');
const late = new TimeoutError({ timeoutMs: 1 });

const setup = (
  options: AdaptiveOptions = {},
  onListenerError = vi.fn<(failure: unknown) => void>(),
) => {
  const clock = new ManualClock();
  const limit = new AdaptiveLimit(adaptive(options), clock, onListenerError);
  const changes: LimitChange[] = [];
  /** A round of calls that run together, as many as `used`, and take `ms` each. */
  const round = (used: number, ms: number, end: (place: number) => readonly [boolean, unknown]) => {
    const calls = Math.max(10, Math.min(100, Math.ceil(limit.current) + 1));
    const begun = Array.from({ length: calls }, (_, call) => limit.began(Math.min(call + 1, used)));
    clock.advance(ms);
    for (const [place, beganAt] of begun.entries()) {
      const change = limit.ended(beganAt, ...end(place));
      if (change !== undefined) changes.push(change);
    }
  };
  const well = () => [false, 'ok'] as const;
  const goesWell = (ms = 10, used: number = limit.current) => round(used, ms, well);
  const fails = (error: unknown, used: number = limit.current) =>
    round(used, 10, () => [true, error]);
  return { clock, limit, changes, round, goesWell, fails, onListenerError };
};

describe('an adaptive limit', () => {
  it('begins at 20, or at what is nearest within its bounds', () => {
    expect(adaptive()).toEqual({ kind: 'adaptive', ...ADAPTIVE_DEFAULTS, classify: undefined });
    expect([adaptive({ max: 5 }).initial, adaptive({ min: 300 }).initial]).toEqual([5, 300]);
    expect(adaptive({ min: 300 }).max).toBe(300);
  });

  it('grows by its square root with each round that goes well', () => {
    const { limit, changes, goesWell } = setup({ initial: 16 });
    const seen = [1, 2, 3].map(() => {
      goesWell();
      return limit.current;
    });
    expect(seen).toEqual([20, 24, 29]);
    expect(changes).toEqual([
      { from: 16, to: 20, reason: 'growth' },
      { from: 20, to: 24, reason: 'growth' },
      { from: 24, to: 29, reason: 'growth' },
    ]);
  });

  it('never grows above its ceiling', () => {
    const { limit, goesWell } = setup({ initial: 16, max: 21 });
    for (let round = 0; round < 5; round += 1) goesWell();
    expect(limit.current).toBe(21);
  });

  it('stays while less than half of it is in use, whatever happens', () => {
    const { limit, goesWell, fails } = setup({ initial: 20 });
    goesWell(10, 9);
    fails(late, 9);
    goesWell(500, 9);
    expect(limit.current).toBe(20);
    goesWell(10, 10);
    expect(limit.current).toBe(24);
  });

  it('falls by a tenth when more calls failed than is normal, to its floor', () => {
    const { limit, changes, fails, onListenerError } = setup({ initial: 20, min: 17 });
    fails(late);
    expect(changes).toEqual([{ from: 20, to: 18, reason: 'failures' }]);
    for (let round = 0; round < 5; round += 1) fails(down);
    expect([limit.current, changes.length]).toEqual([17, 2]);
    expect(onListenerError).not.toHaveBeenCalled();
  });

  it('takes a tenth of failures for normal', () => {
    const { limit, round } = setup({ initial: 10 });
    round(10, 10, (place) => [place === 0, down]);
    expect(limit.current).toBe(13);
    const strict = setup({ initial: 10, failureTolerance: 0.05 });
    strict.round(10, 10, (place) => [place === 0, down]);
    expect(strict.limit.current).toBe(9);
  });

  it('falls once for many calls that fail together, not once for each', () => {
    const { clock, limit } = setup({ initial: 100 });
    const begun = Array.from({ length: 100 }, (_, call) => limit.began(call + 1));
    clock.advance(1000);
    for (const beganAt of begun) {
      limit.ended(beganAt, true, late);
      clock.advance(1);
    }
    expect(limit.current).toBe(90);
  });

  it('falls when calls take more than twice as long as usual', () => {
    const { limit, changes, goesWell } = setup({ initial: 20, max: 20 });
    for (let round = 0; round < 5; round += 1) goesWell(10);
    goesWell(20);
    expect(limit.current).toBe(20);
    goesWell(25);
    expect(changes).toEqual([{ from: 20, to: 18, reason: 'latency' }]);
  });

  it('takes soon for usual what is faster', () => {
    const { limit, goesWell } = setup({ initial: 20, max: 20 });
    goesWell(100);
    for (let round = 0; round < 10; round += 1) goesWell(10);
    goesWell(50);
    expect(limit.current).toBe(18);
  });

  it('learns nothing about latency from a round in which nothing succeeded', () => {
    const { limit, changes, fails, goesWell } = setup({
      initial: 20,
      max: 20,
      failureTolerance: 1,
    });
    fails(down);
    expect(limit.current).toBe(20);
    goesWell(10);
    goesWell(50);
    expect([limit.current, changes.at(-1)?.reason]).toEqual([18, 'latency']);
  });

  it('was in use if half of it was at any time of the round', () => {
    const { clock, limit } = setup({ initial: 10 });
    const begun = Array.from({ length: 11 }, (_, call) => limit.began(call === 3 ? 5 : 1));
    clock.advance(10);
    for (const beganAt of begun) limit.ended(beganAt, false, 'ok');
    expect(limit.current).toBe(13);
  });

  it('takes for usual, in time, what is so for long', () => {
    const { limit, goesWell } = setup({ initial: 100, max: 100 });
    goesWell(10);
    let lowest = limit.current;
    for (let round = 0; round < 60; round += 1) {
      goesWell(50);
      lowest = Math.min(lowest, limit.current);
    }
    expect(lowest).toBeLessThan(20);
    expect(limit.current).toBe(100);
  });

  it('learns nothing from calls that were given up or refused further in', () => {
    const { limit, fails } = setup({ initial: 20 });
    fails(new AbortedError({ reason: 'enough' }));
    fails(new BulkheadFullError({ reason: 'queueFull' }));
    expect(limit.current).toBe(20);
  });

  it('asks classify what a call’s end counts as', () => {
    const classify: AdaptiveOptions['classify'] = (settled) =>
      settled.status === 'rejected' ? 'success' : { outcome: 'failure', weight: 2 };
    const { limit, fails, goesWell, onListenerError } = setup({ initial: 16, classify });
    fails(down);
    expect(limit.current).toBe(20);
    goesWell();
    expect(limit.current).toBe(18);
    expect(onListenerError).not.toHaveBeenCalled();
  });

  it('learns nothing from what classify ignores', () => {
    const { limit, fails, onListenerError } = setup({ initial: 20, classify: () => 'ignored' });
    fails(down);
    expect(limit.current).toBe(20);
    expect(onListenerError).not.toHaveBeenCalled();
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['is rejected', () => Promise.reject(new Error('broken')) as never],
    ['gives no outcome', () => 'bad' as never],
    ['gives nothing', () => null as never],
  ])('takes the default when classify %s, and reports it', (_how, classify) => {
    const { limit, fails, onListenerError } = setup({ initial: 20, classify });
    fails(down);
    expect(limit.current).toBe(18);
    expect(onListenerError).toHaveBeenCalledWith(
      expect.objectContaining({ kind: 'callback', name: 'classify' }),
    );
  });

  it('says what classify must give', () => {
    const { fails, onListenerError } = setup({ classify: () => 'bad' as never });
    fails(down);
    expect(onListenerError).toHaveBeenCalledWith({
      kind: 'callback',
      name: 'classify',
      error: new TypeError("classify must return 'success', 'failure' or 'ignored'."),
    });
  });

  it('says how many calls it takes', () => {
    expect(() => adaptive({ max: 0 })).toThrow('a whole number from 1 to 100000 (calls); it is 0.');
  });

  it.each([
    [{ min: 0 }, 'min'],
    [{ min: 1.5 }, 'min'],
    [{ max: 1.5 }, 'max'],
    [{ initial: 1.5 }, 'initial'],
    [{ min: 5, max: 4 }, 'max'],
    [{ min: 5, initial: 4 }, 'initial'],
    [{ max: 5, initial: 6 }, 'initial'],
    [{ latencyTolerance: 1 }, 'latencyTolerance'],
    [{ failureTolerance: 1.1 }, 'failureTolerance'],
    [{ classify: 'success' }, 'classify'],
    [{ most: 5 }, 'most'],
  ])('refuses %j because of %s', (options, option) => {
    expect(() => adaptive(options as AdaptiveOptions)).toThrow(InvalidOptionError);
    expect(() => adaptive(options as AdaptiveOptions)).toThrow(`Option '${option}'`);
  });
});

describe('a bulkhead with an adaptive limit', () => {
  it('lets those in who wait when the limit grows, and tells of it', async () => {
    const clock = new ManualClock();
    const maxConcurrent = adaptive({ initial: 10 });
    const policy = bulkhead({ maxConcurrent, maxQueue: 100, clock });
    const heard = recordPolicyEvents(policy.events, ['limitChanged']);
    const operations = Array.from({ length: 25 }, () => deferred<void>());
    for (const { promise } of operations) void policy.execute(() => promise);
    expect([policy.limit, policy.running, policy.queued]).toEqual([10, 10, 15]);
    clock.advance(10);
    for (const { resolve } of operations.slice(0, 10)) resolve();
    await flush();
    expect([policy.limit, policy.running, policy.queued]).toEqual([13, 13, 2]);
    expect(heard).toEqual([['limitChanged', { from: 10, to: 13, reason: 'growth' }]]);
  });

  it('falls when a time limit further out gives calls up', async () => {
    const clock = new ManualClock();
    const policy = bulkhead({ maxConcurrent: adaptive({ initial: 20 }), clock });
    const limited = pipeline([timeout({ timeoutMs: 100, clock }), policy]);
    for (let call = 0; call < 20; call += 1) {
      limited.execute(() => new Promise(() => {})).catch(() => {});
    }
    clock.advance(100);
    expect(policy.limit).toBe(18);
  });

  it('finds about as many places as the other side has', async () => {
    const clock = new ManualClock();
    const policy = bulkhead({ maxConcurrent: adaptive(), maxQueue: 1000, clock });
    // Thirty calls take 10 ms each; what is more than that waits for its turn over there.
    let busy = 0;
    const serve = async () => {
      busy += 1;
      const ms = 10 * Math.ceil(busy / 30);
      await new Promise<void>((resolve) => clock.setTimer(resolve, ms));
      busy -= 1;
    };
    let isOpen = true;
    const client = async () => {
      while (isOpen) await policy.execute(serve);
    };
    const clients = Array.from({ length: 150 }, client);
    const seen: number[] = [];
    for (let turn = 0; turn < 100; turn += 1) {
      await clock.advanceAsync(10);
      seen.push(policy.limit);
    }
    isOpen = false;
    await clock.advanceAsync(100);
    await Promise.all(clients);
    const settled = seen.slice(30);
    expect(Math.min(...settled)).toBeGreaterThan(20);
    expect(Math.max(...settled)).toBeLessThan(90);
  });
});
