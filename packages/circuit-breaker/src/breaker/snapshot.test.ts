import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  CircuitBreaker,
  type CircuitBreakerEvents,
  type CircuitBreakerOptions,
  exportState,
  importState,
  isCircuitBreakerError,
} from '../index.js';
import { ManualClock } from '../testing/manual-clock.js';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 4, 1, 12);

const make = (options: Partial<CircuitBreakerOptions> = {}, wallTime = NOON) => {
  const clock = new ManualClock({ wallTime, now: 5000 });
  const breaker = new CircuitBreaker({
    name: 'gateway',
    minimumCalls: 2,
    openForMs: 60_000,
    halfOpen: { trials: 2 },
    clock,
    ...options,
  });
  const heard: string[] = [];
  for (const name of ['opened', 'halfOpened', 'closed', 'held', 'restored'] as const) {
    breaker.events.on(name, (payload: CircuitBreakerEvents[typeof name]) => {
      const { reason, state } = payload as { reason?: string; state?: string };
      heard.push([name, state ?? reason].filter(Boolean).join(' '));
    });
  }
  const call = (outcome: 'success' | 'failure', times = 1) => {
    for (let made = 0; made < times; made += 1) breaker.tryAcquire()?.[outcome]();
  };
  return { clock, breaker, heard, call };
};

/** As it comes back from a file. */
const stored = (breaker: CircuitBreaker): unknown =>
  JSON.parse(JSON.stringify(exportState(breaker)));

describe('an exported state', () => {
  it('is plain JSON with the real opening time and the sums of the window', () => {
    const { clock, breaker, call } = make({ slowCalls: { thresholdMs: 100 } });
    call('success');
    const slow = breaker.tryAcquire();
    clock.advance(100);
    slow?.failure();
    clock.advance(20_000);
    expect(stored(breaker)).toEqual({
      v: 1,
      takenAt: NOON + 20_100,
      state: 'open',
      opening: { openedAt: NOON + 100, waitMs: 60_000 },
      openings: { count: 1, lastWaitMs: 60_000 },
      failuresInARow: 0,
      window: { calls: 2, failures: 1, slow: 1, weight: 2, failedWeight: 1, slowWeight: 1 },
      holds: [],
    });
  });

  it('keeps the opening time when trials ran out of time before anyone looked', () => {
    const { clock, breaker, call } = make({ halfOpen: { maxDurationMs: 1000 } });
    call('failure', 2);
    clock.advance(60_000);
    breaker.tryAcquire();
    clock.advance(5000);
    expect(exportState(breaker).opening).toEqual({ openedAt: NOON + 61_000, waitMs: 60_000 });
  });

  it('makes the transition that is due', () => {
    const { clock, breaker, call, heard } = make();
    call('failure', 2);
    clock.jump(60_000);
    expect(exportState(breaker)).toMatchObject({ state: 'halfOpen', opening: null });
    expect(heard).toEqual(['opened failureRate', 'halfOpened']);
  });

  it('is half-open while it ramps up', () => {
    const { clock, breaker, call } = make({ rampUp: { durationMs: 1000 } });
    call('failure', 2);
    clock.advance(60_000);
    call('success', 2);
    expect(breaker.stats().share).toBe(0.1);
    expect(exportState(breaker)).toMatchObject({ state: 'halfOpen', opening: null, window: null });
  });

  it('of a breaker that was shut down is the state it was shut down in', () => {
    const { clock, breaker, call } = make();
    call('failure', 2);
    clock.advance(1000);
    breaker.shutDown();
    expect(exportState(breaker)).toMatchObject({
      state: 'open',
      opening: { openedAt: NOON, waitMs: 60_000 },
    });
    clock.advance(59_000);
    expect(exportState(breaker)).toMatchObject({ state: 'halfOpen', opening: null });
    const held = make().breaker;
    held.holdOpen();
    held.shutDown();
    expect(exportState(held)).toMatchObject({ state: 'halfOpen', opening: null, holds: [] });
    const closed = make();
    closed.call('success');
    closed.breaker.shutDown();
    expect(exportState(closed.breaker)).toMatchObject({ state: 'closed', window: { calls: 1 } });
  });

  it('is older than any wait where the clock knows no calendar, and the clock is reported', () => {
    const onListenerError = vi.fn();
    const { clock, breaker, call } = make({ onListenerError });
    call('failure', 2);
    clock.wallTime = () => Number.NaN;
    const snapshot = exportState(breaker);
    expect(snapshot).toMatchObject({ takenAt: 0, state: 'open' });
    expect(onListenerError).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({
        kind: 'callback',
        name: 'clock',
        error: new TypeError('clock must return a number from wallTime().'),
      }),
    );
    const there = make().breaker;
    importState(there, snapshot);
    expect(there.state).toBe('halfOpen');
  });
});

describe('an imported state', () => {
  it('opens for what is left of the wait, and tells so', () => {
    const from = make();
    from.call('failure', 2);
    from.clock.advance(20_000);
    const to = make({}, NOON + 30_000);
    importState(to.breaker, stored(from.breaker));
    expect(to.heard).toEqual(['opened restored', 'restored open']);
    expect(to.breaker.retryAfterMs()).toBe(30_000);
    expect(to.breaker.stats().window).toMatchObject({ calls: 2, failures: 2 });
    expect(exportState(to.breaker).opening).toEqual({ openedAt: NOON, waitMs: 60_000 });
    to.clock.advance(30_000);
    expect(to.breaker.state).toBe('halfOpen');
    expect(to.heard.at(-1)).toBe('halfOpened');
  });

  it('goes to half-open at once when the wait has ended meanwhile', () => {
    const from = make();
    from.call('failure', 2);
    const to = make({}, NOON + 60_000);
    importState(to.breaker, stored(from.breaker));
    expect(to.heard).toEqual(['halfOpened', 'restored halfOpen']);
  });

  it('never waits longer than what was left, however wrong either calendar is', () => {
    const skew = fc.integer({ min: -25 * HOUR, max: 25 * HOUR });
    const passed = fc.integer({ min: 0, max: 59_999 });
    fc.assert(
      fc.property(skew, skew, passed, (there, here, passedMs) => {
        const from = make({}, NOON + there);
        from.call('failure', 2);
        from.clock.advance(passedMs);
        const to = make({}, NOON + passedMs + here);
        importState(to.breaker, stored(from.breaker));
        const ahead = Math.max(0, here - there);
        expect(to.breaker.retryAfterMs()).toBe(Math.max(0, 60_000 - passedMs - ahead));
      }),
    );
  });

  it('keeps the wait a single answer asked for', () => {
    const from = make({ classify: () => ({ outcome: 'failure', openForMs: HOUR }) });
    from.breaker.tryAcquire()?.report({ status: 'fulfilled', value: 429 });
    const to = make();
    importState(to.breaker, stored(from.breaker));
    expect(to.breaker.retryAfterMs()).toBe(HOUR);
  });

  it('goes on with the waits that grow', () => {
    const openForMs = { kind: 'exponential', initialMs: 1000, jitter: 'none' } as const;
    const from = make({ openForMs });
    from.call('failure', 2);
    from.clock.advance(1000);
    from.call('failure');
    expect(from.breaker.retryAfterMs()).toBe(2000);
    const to = make({ openForMs });
    importState(to.breaker, stored(from.breaker));
    to.clock.advance(2000);
    to.call('failure');
    expect(to.breaker.retryAfterMs()).toBe(4000);
  });

  it('begins the trials anew', () => {
    const from = make();
    from.call('failure', 2);
    from.clock.advance(60_000);
    from.call('success');
    const to = make();
    importState(to.breaker, stored(from.breaker));
    expect(to.breaker.stats().trials).toEqual({ running: 0, succeeded: 0, failed: 0 });
    to.call('success', 2);
    expect(to.breaker.state).toBe('closed');
  });

  it('counts the calls of the window on, and the run of failures', () => {
    const from = make({ minimumCalls: 5, consecutiveFailures: 4 });
    from.call('success');
    from.call('failure', 3);
    const to = make({ minimumCalls: 5, consecutiveFailures: 4 });
    importState(to.breaker, stored(from.breaker));
    expect(to.heard).toEqual(['restored closed']);
    expect(to.breaker.stats()).toMatchObject({
      window: { calls: 4, failures: 3, failureRate: 0.75 },
      failuresInARow: 3,
    });
    to.call('failure');
    expect(to.heard.at(-1)).toBe('opened consecutiveFailures');
  });

  it.each([
    [{ kind: 'time', durationMs: 10_000 }, 9999, 3],
    [{ kind: 'time', durationMs: 10_000 }, 10_000, 0],
    [{ kind: 'ewma', halfLifeMs: 10_000 }, 10_000, 1.5],
    [{ kind: 'count', size: 100 }, HOUR, 3],
    [{ kind: 'count', size: 2 }, 0, 2],
    [{ kind: 'consecutive' }, HOUR, 1],
  ] as const)('lets a window %o forget what is %d ms old', (window, ageMs, calls) => {
    const from = make({ minimumCalls: 10 });
    from.call('failure', 3);
    const to = make({ window, minimumCalls: 2 }, NOON + ageMs);
    importState(to.breaker, stored(from.breaker));
    expect(to.breaker.stats().window).toMatchObject({ calls, failures: calls });
  });

  it('leaves nothing of a window that fades in one that does not', () => {
    const from = make({ window: { kind: 'ewma', halfLifeMs: 1000 }, minimumCalls: 10 });
    from.call('failure', 3);
    from.clock.advance(700);
    const to = make({ window: { kind: 'time', durationMs: 1000 }, minimumCalls: 10 });
    importState(to.breaker, stored(from.breaker));
    expect(to.breaker.stats().window).toMatchObject({ calls: 2, failures: 2, failureRate: 1 });
    to.call('success');
    to.clock.advance(950);
    to.call('success');
    to.clock.advance(100);
    expect(to.breaker.stats().window).toEqual({
      calls: 1,
      failures: 0,
      slow: 0,
      failureRate: 0,
      slowRate: 0,
    });
  });

  it('makes holds that can be released', () => {
    const from = make();
    from.breaker.holdOpen({ reason: 'maintenance' });
    from.breaker.holdClosed();
    const snapshot = stored(from.breaker);
    const to = make();
    importState(to.breaker, snapshot);
    expect(to.heard).toEqual(['opened byHand', 'held maintenance', 'held', 'restored open']);
    const [open, closed] = to.breaker.holds;
    expect([open?.kind, open?.reason]).toEqual(['open', 'maintenance']);
    open?.release();
    expect(to.breaker.stats()).toMatchObject({ state: 'closed', held: 'closed' });
    closed?.release();
    expect(to.breaker.stats()).toMatchObject({ state: 'closed', held: undefined });
    expect(to.breaker.holds).toEqual([]);
  });

  it('makes no hold twice, and takes none of its own away', () => {
    const from = make();
    from.breaker.holdOpen({ reason: 'maintenance' });
    from.breaker.holdOpen({ reason: 'maintenance' });
    const to = make();
    const own = to.breaker.holdOpen({ reason: 'our own' });
    importState(to.breaker, stored(from.breaker));
    importState(to.breaker, stored(from.breaker));
    expect(to.breaker.holds.map(({ reason }) => reason)).toEqual([
      'our own',
      'maintenance',
      'maintenance',
    ]);
    expect(to.breaker.holds[0]).toBe(own);
  });

  it('tells holds apart by their kind and their reason', () => {
    const from = make();
    from.breaker.holdOpen({ reason: 'a' });
    from.breaker.holdOpen({ reason: 'a' });
    from.breaker.holdClosed({ reason: 'b' });
    const to = make();
    to.breaker.holdOpen({ reason: 'a' });
    to.breaker.holdClosed({ reason: 'a' });
    to.breaker.holdOpen({ reason: 'b' });
    importState(to.breaker, stored(from.breaker));
    expect(to.breaker.holds.map(({ kind, reason }) => `${kind} ${reason}`)).toEqual([
      'open a',
      'closed a',
      'open b',
      'open a',
      'closed b',
    ]);
  });

  it('fades calls, slow ones and weights alike', () => {
    const window = { kind: 'ewma', halfLifeMs: 1000 } as const;
    const options = { window, minimumCalls: 1000, slowCalls: { thresholdMs: 10 } };
    const from = make({ ...options, classify: () => ({ outcome: 'failure', weight: 3 }) });
    const slow = from.breaker.tryAcquire();
    from.clock.advance(10);
    slow?.report({ status: 'fulfilled', value: 1 });
    from.call('success', 1);
    const to = make(options, NOON + 2010);
    importState(to.breaker, stored(from.breaker));
    const there = exportState(to.breaker).window;
    const half = { calls: 0.5, failures: 0.25, slow: 0.25 };
    expect(there).toEqual({ ...half, weight: 1, failedWeight: 0.75, slowWeight: 0.75 });
  });

  it('leaves a breaker held closed without the calls that opened the other', () => {
    const from = make();
    from.call('failure', 2);
    const to = make();
    const hold = to.breaker.holdClosed();
    importState(to.breaker, stored(from.breaker));
    hold.release();
    to.call('success');
    expect(to.breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 1 } });
  });

  it('drops the results of calls begun before', () => {
    const to = make();
    const late = to.breaker.tryAcquire();
    importState(to.breaker, stored(make().breaker));
    late?.failure();
    expect(to.breaker.stats()).toMatchObject({
      window: { calls: 0 },
      inFlight: 0,
      totals: { late: 1 },
    });
  });

  it('opens nothing in mode shadow, and changes nothing in mode disabled or once shut down', () => {
    const from = make();
    from.call('failure', 2);
    const open = stored(from.breaker);
    const shadow = make({ mode: 'shadow' });
    importState(shadow.breaker, open);
    expect(shadow.breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 0 } });
    const disabled = make({ mode: 'disabled' });
    importState(disabled.breaker, open);
    expect(disabled.breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 0 } });
    const gone = make();
    gone.breaker.shutDown();
    gone.heard.length = 0;
    importState(gone.breaker, stored(make().breaker));
    expect([gone.breaker.isShutDown, gone.heard]).toEqual([true, []]);
  });

  it('comes out again as it went in', () => {
    const step = fc.constantFrom('success', 'failure', 'advance', 'hold', 'reset', 'trip');
    const window = fc.constantFrom<CircuitBreakerOptions['window'][]>(
      { kind: 'count', size: 5 },
      { kind: 'time', durationMs: 1000 },
      { kind: 'ewma' },
    );
    fc.assert(
      fc.property(fc.array(step), window, (steps, kind) => {
        const from = make({ window: kind, openForMs: 500 });
        for (const [index, made] of steps.entries()) {
          if (made === 'advance') from.clock.advance(90);
          else if (made === 'hold') from.breaker.holdOpen({ reason: `${index}` }).release();
          else if (made === 'reset') from.breaker.reset();
          else if (made === 'trip') from.breaker.trip();
          else from.call(made);
        }
        const snapshot = stored(from.breaker);
        const to = make({ window: kind, openForMs: 500 }, from.clock.wallTime());
        importState(to.breaker, snapshot);
        expect(exportState(to.breaker)).toEqual(snapshot);
      }),
    );
  });

  it('taken in while held open has no run of failures once it is half-open', () => {
    const from = make({ minimumCalls: 9 });
    from.call('failure', 3);
    const { breaker } = make();
    const hold = breaker.holdOpen();
    importState(breaker, stored(from.breaker));
    expect(breaker.stats().failuresInARow).toBe(3);
    hold.release();
    expect(breaker.stats()).toMatchObject({ state: 'halfOpen', failuresInARow: 0 });
  });
});

describe('a stored sample of version 1', () => {
  const sampleOf = (name: string): unknown =>
    JSON.parse(
      readFileSync(new URL(`../../test/samples/snapshot-v1-${name}.json`, import.meta.url), 'utf8'),
    );

  const scenes = {
    closed: () => {
      const { breaker, call } = make({ minimumCalls: 5 });
      const weighty = () => ({ outcome: 'failure', weight: 0.25 }) as const;
      breaker.update({ classify: weighty });
      breaker.tryAcquire()?.report({ status: 'fulfilled', value: 1 });
      call('success', 2);
      call('failure', 1);
      return breaker;
    },
    open: () => {
      const { clock, breaker, call } = make();
      call('failure', 2);
      clock.advance(60_000);
      call('failure');
      clock.advance(250);
      return breaker;
    },
    held: () => {
      const { breaker, call } = make();
      call('failure', 2);
      breaker.holdOpen({ reason: 'maintenance' });
      breaker.holdClosed();
      return breaker;
    },
  };

  it.each(['closed', 'open', 'held'] as const)('is what is exported now (%s)', (name) => {
    expect(stored(scenes[name]())).toEqual(sampleOf(name));
  });

  it.each([
    ['closed', { state: 'closed', failuresInARow: 1, window: { calls: 4, failures: 2 } }],
    ['open', { state: 'open', held: undefined, retryAfterMs: 49_750 }],
    ['held', { state: 'open', held: 'open' }],
  ])('is still taken in (%s)', (name, stats) => {
    const { breaker } = make({ minimumCalls: 10 }, NOON + 70_250);
    importState(breaker, sampleOf(name));
    expect(breaker.stats()).toMatchObject(stats);
  });
});

/** What an import throws, if it does. */
const refusalOf = (breaker: CircuitBreaker, snapshot: unknown): unknown => {
  try {
    importState(breaker, snapshot);
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('what is no snapshot', () => {
  const good = () => stored(make().breaker) as Record<string, unknown>;
  const window = { calls: 2, failures: 1, slow: 0, weight: 2, failedWeight: 1, slowWeight: 0 };
  const open = { state: 'open', opening: { openedAt: 0, waitMs: 1 } };

  it.each([
    ['', null, 'an object'],
    ['', [], 'an object'],
    ['', '{}', 'an object'],
    ['v', { v: 2 }, '1'],
    ['takenAt', { takenAt: '2026' }, 'a number from -8640000000000000 to 8640000000000000'],
    ['takenAt', { takenAt: Number.NaN }, 'a number from -8640000000000000 to 8640000000000000'],
    ['state', { state: 'isolated' }, "'closed' or 'open' or 'halfOpen'"],
    ['opening', { state: 'open' }, "an object, for its state is 'open' and nothing holds it so"],
    [
      'opening',
      { state: 'open', holds: [{ kind: 'closed', reason: null }] },
      "an object, for its state is 'open' and nothing holds it so",
    ],
    ['opening', { ...open, state: 'closed' }, "null, for its state is not 'open'"],
    ['opening', { opening: undefined }, 'an object'],
    ['opening.openedAt', { ...open, takenAt: -1 }, 'a number from -8640000000000000 to -1'],
    [
      'opening.waitMs',
      { state: 'open', opening: { openedAt: 0, waitMs: 0 } },
      'a number above 0 to 2592000000 (ms)',
    ],
    [
      'opening.waitMs',
      { state: 'open', opening: { openedAt: 0, waitMs: 2592000001 } },
      'a number above 0 to 2592000000 (ms)',
    ],
    ['openings', { openings: 3 }, 'an object'],
    [
      'openings.count',
      { openings: { count: 1.5, lastWaitMs: null } },
      'a whole number from 0 to 1000000000000',
    ],
    [
      'openings.count',
      { openings: { count: -1, lastWaitMs: null } },
      'a number from 0 to 1000000000000',
    ],
    ['openings.lastWaitMs', { openings: { count: 1 } }, 'a number above 0 to 2592000000 (ms)'],
    ['failuresInARow', { failuresInARow: -1 }, 'a number from 0 to 1000000000000'],
    ['window', { window: 'none' }, 'an object'],
    ['window.calls', { window: { ...window, calls: -1 } }, 'a number from 0 to 1000000000000'],
    ['window.failures', { window: { ...window, failures: 3 } }, 'a number from 0 to 2'],
    ['window.slow', { window: { ...window, slow: 3 } }, 'a number from 0 to 2'],
    ['window.weight', { window: { ...window, weight: null } }, 'a number from 0 to 1000000000000'],
    ['window.failedWeight', { window: { ...window, failedWeight: 3 } }, 'a number from 0 to 2'],
    ['window.slowWeight', { window: { ...window, slowWeight: 3 } }, 'a number from 0 to 2'],
    ['holds', { holds: {} }, 'a list of at most 1000'],
    ['holds', { holds: Array.from({ length: 1001 }) }, 'a list of at most 1000'],
    ['holds[0]', { holds: ['open'] }, 'an object'],
    ['holds[1].kind', { holds: [{ kind: 'open', reason: null }, {}] }, "'open' or 'closed'"],
    ['holds[0].reason', { holds: [{ kind: 'open', reason: ' ' }] }, 'a text, not blank, or null'],
    ['holds[0].reason', { holds: [{ kind: 'open', reason: 5 }] }, 'a text, not blank, or null'],
    [
      'opening.waitMs',
      { state: 'open', opening: { openedAt: 0, waitMs: '5' } },
      'a number above 0 to 2592000000 (ms)',
    ],
  ])('is refused at %s', (path, wrong, allowed) => {
    const isWhole = path === '';
    const { breaker, heard } = make();
    const snapshot = isWhole ? wrong : { ...good(), ...(wrong as object) };
    const error = refusalOf(breaker, snapshot);
    expect(isCircuitBreakerError(error, 'INVALID_SNAPSHOT')).toBe(true);
    expect(error).toMatchObject({ path, allowed });
    expect([breaker.state, breaker.holds, heard]).toEqual(['closed', [], []]);
  });

  it.each([
    ['v', (trap: object) => Object.defineProperty(good(), 'v', trap)],
    ['window', (trap: object) => Object.defineProperty(good(), 'window', trap)],
    [
      'window.slow',
      (trap: object) => ({
        ...good(),
        window: Object.defineProperty({ ...window }, 'slow', trap),
      }),
    ],
    [
      'opening.waitMs',
      (trap: object) => ({
        ...good(),
        ...open,
        opening: Object.defineProperty({ ...open.opening }, 'waitMs', trap),
      }),
    ],
    [
      'openings.count',
      (trap: object) => ({ ...good(), openings: Object.defineProperty({}, 'count', trap) }),
    ],
    [
      'holds[1]',
      (trap: object) => ({
        ...good(),
        holds: Object.defineProperty([{ kind: 'open', reason: null }, null], 1, trap),
      }),
    ],
    [
      'holds[0].reason',
      (trap: object) => ({
        ...good(),
        holds: [Object.defineProperty({ kind: 'open' }, 'reason', trap)],
      }),
    ],
    [
      'holds',
      () => {
        const { proxy, revoke } = Proxy.revocable([], {});
        revoke();
        return { ...good(), holds: proxy };
      },
    ],
    [
      'holds',
      () => ({
        ...good(),
        holds: new Proxy([], {
          get() {
            throw new Error('a trap');
          },
        }),
      }),
    ],
    [
      '',
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      },
    ],
  ])('is refused at %s where looking at it throws', (path, trapped) => {
    const { breaker, heard } = make();
    const trap = {
      enumerable: true,
      get() {
        throw new Error('a trap');
      },
    };
    const error = refusalOf(breaker, trapped(trap));
    expect(isCircuitBreakerError(error, 'INVALID_SNAPSHOT')).toBe(true);
    expect(error).toMatchObject({
      path,
      allowed: 'plain data, which throws nothing when it is read',
    });
    expect([breaker.state, breaker.holds, heard]).toEqual(['closed', [], []]);
  });

  it('says so of the whole', () => {
    expect(() => importState(make().breaker, 1)).toThrow('The snapshot must be an object.');
    expect(() => importState(make().breaker, {})).toThrow("The snapshot's 'v' must be 1.");
  });

  it('is refused by nothing but that error, whatever it is', () => {
    const part = fc.constantFrom(...Object.keys(good()));
    fc.assert(
      fc.property(part, fc.jsonValue(), (name, value) => {
        const { breaker } = make();
        const error = refusalOf(breaker, { ...good(), [name]: value });
        const isKnown = error === undefined || isCircuitBreakerError(error, 'INVALID_SNAPSHOT');
        expect(isKnown).toBe(true);
        const { window, retryAfterMs } = breaker.stats();
        expect(window.failures).toBeLessThanOrEqual(window.calls);
        expect(retryAfterMs).toBeLessThanOrEqual(60_000);
      }),
    );
  });

  it('is not what is as large as can be', () => {
    const { breaker } = make();
    const holds = Array.from({ length: 1000 }, () => ({ kind: 'closed', reason: null }));
    importState(breaker, { ...good(), holds });
    expect(breaker.holds).toHaveLength(1000);
    breaker.reset();
    const waitMs = 30 * 24 * HOUR;
    importState(breaker, { ...good(), state: 'open', opening: { openedAt: NOON, waitMs } });
    expect(breaker.retryAfterMs()).toBe(waitMs);
  });

  it('may have fields that are not known yet', () => {
    const { breaker } = make();
    importState(breaker, { ...good(), later: true });
    expect(breaker.state).toBe('closed');
  });
});
