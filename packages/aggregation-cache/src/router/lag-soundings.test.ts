import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { ReadPreference, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { Hello } from './hello.js';
import { LagProbe } from './lag-probe.js';
import type { Route } from './routes.js';
import type { KnownMember, TopologyView } from './topology-view.js';

const INTERVAL_MS = 1_000;
const settled = () => new Promise(setImmediate);

const member = (address: string, tag = address): KnownMember => ({
  address,
  tags: { at: tag },
  role: 'secondary',
});
const P: KnownMember = { address: 'p', tags: {}, role: 'primary' };
const [A, B] = [member('a'), member('b')];
const routeTo = (members: readonly KnownMember[], role: Route['role'] = 'secondary'): Route => ({
  id: '',
  members,
  role,
  isFailover: false,
  readPreference: new ReadPreference('secondary'),
});

/** A member that has everything up to `ms`, and says so at `now`, by the clock that all share. */
const hello = (me: string, ms: number, now = ms): Hello => ({
  me,
  isPrimary: me === 'p',
  applied: { ts: new Timestamp({ t: 1_000 + ms, i: 1 }), term: 1 },
  wroteAt: ms,
  serverTime: now,
  electable: [],
  passive: [],
});

interface Asked {
  readonly id: string;
  readonly at: number;
  readonly answer: (hello: Hello | undefined) => Promise<unknown>;
  readonly fail: () => Promise<unknown>;
}

const open = (members: readonly KnownMember[] = [P, A, B], shape = 'replicaSet') => {
  const clock = new ManualClock();
  const state = { members, busy: new Set<string>() };
  const listeners = new Set<() => void>();
  const timers: unknown[] = [];
  const asked: Asked[] = [];
  const probe = new LagProbe({
    view: {
      shape,
      get members() {
        return state.members;
      },
      onChange: (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    } as unknown as TopologyView,
    clock: {
      now: () => clock.now(),
      wallTime: () => clock.wallTime(),
      setTimer: (callback, ms, options) => {
        timers.push(options);
        return clock.setTimer(callback, ms);
      },
    },
    intervalMs: INTERVAL_MS,
    ask: ({ id }) =>
      new Promise((resolve, reject) => {
        const settle = (end: () => void) => {
          end();
          return settled();
        };
        asked.push({
          id,
          at: clock.now(),
          answer: (one) => settle(() => resolve(one)),
          fail: () => settle(() => reject(new Error('no'))),
        });
      }),
    isBusy: ({ id }) => state.busy.has(id),
  });
  const change = (next: readonly KnownMember[]) => {
    state.members = next;
    for (const listener of listeners) listener();
  };
  const ids = () => asked.map(({ id }) => id);
  const last = (id: string) => asked.findLast((one) => one.id === id) as Asked;
  return { clock, state, listeners, timers, asked, probe, change, ids, last };
};

describe('the rounds of the probe', () => {
  it('begin once, with the primary, and then come at each interval', async () => {
    const { probe, clock, ids, last } = open();
    probe.start();
    probe.start();
    expect(ids()).toEqual(['p']);
    await last('p').answer(hello('p', 0));
    expect(ids()).toEqual(['p', 'a', 'b']);
    // What would have asked them without the primary's answer is gone.
    expect(clock.pendingTimers).toBe(1);
    await last('a').answer(hello('a', 0));
    await last('b').answer(hello('b', 0));
    await clock.advanceAsync(INTERVAL_MS - 1);
    expect(ids()).toHaveLength(3);
    await clock.advanceAsync(1);
    expect(ids().slice(3)).toEqual(['p']);
  });

  it('go on without a primary that says nothing for a moment, and ask nobody twice', async () => {
    const { probe, clock, asked, ids, last } = open();
    probe.start();
    await clock.advanceAsync(249);
    expect(ids()).toEqual(['p']);
    await clock.advanceAsync(1);
    expect(asked.map(({ id, at }) => [id, at])).toEqual([
      ['p', 0],
      ['a', 250],
      ['b', 250],
    ]);
    await last('a').answer(hello('a', 250));
    await last('p').answer(hello('p', 250));
    expect(ids()).toHaveLength(3);
  });

  it('ask the secondaries at once where there is no primary', () => {
    const { probe, clock, ids } = open([A, B]);
    probe.start();
    expect(ids()).toEqual(['a', 'b']);
    expect(clock.pendingTimers).toBe(1);
  });

  it('ask nobody of what is no replica set', async () => {
    const { probe, clock, ids } = open([P, A], 'opaque');
    probe.start();
    await clock.advanceAsync(INTERVAL_MS);
    expect(ids()).toEqual([]);
  });

  it('keep no process alive', async () => {
    const { probe, timers } = open();
    probe.start();
    expect(timers).toEqual([{ background: true }, { background: true }]);
  });

  it('end with the probe, and do not begin after it', async () => {
    const { probe, clock, ids, listeners } = open();
    probe.start();
    probe.close();
    expect(listeners.size).toBe(0);
    await clock.advanceAsync(10 * INTERVAL_MS);
    expect(ids()).toEqual(['p']);
    probe.start();
    expect(ids()).toEqual(['p']);
    const other = open();
    other.probe.close();
    other.probe.start();
    expect(other.ids()).toEqual([]);
  });

  it('take no answer that comes after the end', async () => {
    const { probe, last } = open([A]);
    probe.start();
    probe.close();
    await last('a').answer(hello('a', 0));
    expect(probe.lagMs('a')).toBeUndefined();
  });
});

describe('what is known of a member', () => {
  const known = async (a: number, b: number, primary = 500) => {
    const set = open();
    set.clock.advance(1_000);
    set.probe.start();
    await set.last('p').answer(hello('p', primary, 1_000));
    await set.last('a').answer(hello('a', a));
    await set.last('b').answer(hello('b', b));
    return set;
  };

  it('is by how much it lags, or that it does not', async () => {
    const { probe } = await known(500, 100);
    expect(probe.lagMs('a')).toBe(0);
    expect(probe.lagMs('b')).toBeGreaterThan(0);
    expect([probe.lagMs('p'), probe.lagMs('z')]).toEqual([0, undefined]);
  });

  it('is compared with the primary, not with another secondary', async () => {
    // Both have heard of more than the primary had when it was asked.
    const { probe, clock } = await known(900, 700);
    clock.advance(500);
    expect([probe.lagMs('a'), probe.lagMs('b')]).toEqual([0, 0]);
  });

  it('is the greatest lag, where it may be any of several', async () => {
    const { probe } = await known(500, 100);
    const lagMs = probe.lagMs('b');
    expect(probe.lagOf(routeTo([A, B]))).toBe(lagMs);
    expect(probe.lagOf(routeTo([B, A]))).toBe(lagMs);
    expect(probe.lagOf(routeTo([B, member('z')]))).toBe(lagMs);
    expect(probe.lagOf(routeTo([member('z')]))).toBeUndefined();
    expect(probe.lagOf(routeTo([P], 'primary'))).toBe(0);
    expect(probe.lagOf(routeTo([B], 'router'))).toBeUndefined();
    expect(probe.lagOf(routeTo([B], 'standalone'))).toBeUndefined();
  });

  it('is nothing where it does not say how far it is', async () => {
    const { probe, last, clock } = open([A]);
    probe.start();
    await last('a').answer(undefined);
    clock.advance(500);
    expect(probe.lagMs('a')).toBeUndefined();
  });

  it('is nothing where somebody else answered, or in another role', async () => {
    const { probe, last, clock } = open([A, B]);
    probe.start();
    await last('a').answer(hello('b', 0));
    await last('b').answer({ ...hello('b', 0), isPrimary: true });
    clock.advance(500);
    expect([probe.lagMs('a'), probe.lagMs('b')]).toEqual([undefined, undefined]);
  });

  it('is nothing where somebody answered who is no member', async () => {
    const { probe, last, clock } = open([A, B]);
    probe.start();
    await last('a').answer(hello('z', 0));
    clock.advance(500);
    expect([probe.lagMs('a'), probe.lagMs('z')]).toEqual([undefined, undefined]);
  });

  it('is gone when it left, also when it was just being asked', async () => {
    const { probe, change, last, clock } = await known(500, 100);
    change([P, B]);
    expect(probe.lagMs('a')).toBeUndefined();
    expect(probe.lagMs('b')).toBeGreaterThan(0);
    await clock.advanceAsync(INTERVAL_MS);
    await last('p').answer(hello('p', 600));
    change([P, A]);
    await last('b').answer(hello('b', 600));
    expect(probe.lagMs('b')).toBeUndefined();
  });
});

describe('a member that says nothing', () => {
  it('lags since it was last heard of, or asked for the first time', async () => {
    const { probe, last, clock } = open([A, B]);
    clock.advance(100);
    probe.start();
    await last('a').answer(hello('a', 100));
    clock.advance(50);
    await last('b').fail();
    expect([probe.lagMs('a'), probe.lagMs('b')]).toEqual([0, 50]);
    await clock.advanceAsync(INTERVAL_MS - 50);
    await last('a').fail();
    expect([probe.lagMs('a'), probe.lagMs('b')]).toEqual([INTERVAL_MS, INTERVAL_MS]);
    // It goes on from there.
    await clock.advanceAsync(INTERVAL_MS);
    await last('a').fail();
    expect(probe.lagMs('a')).toBe(2 * INTERVAL_MS);
  });

  it('is taken for silent after an interval, and is asked no second question meanwhile', async () => {
    const { probe, last, clock, asked, ids } = open();
    probe.start();
    // The primary is late, so the others are asked later in this round than in the next one.
    await clock.advanceAsync(250);
    await last('p').answer(hello('p', 250));
    await clock.advanceAsync(INTERVAL_MS - 250);
    await last('p').answer(hello('p', INTERVAL_MS));
    // After 750 ms nobody is.
    expect(probe.lagMs('a')).toBeUndefined();
    await clock.advanceAsync(INTERVAL_MS);
    await last('p').answer(hello('p', 2 * INTERVAL_MS));
    expect(probe.lagMs('a')).toBe(2 * INTERVAL_MS - 250);
    expect(ids().filter((id) => id === 'a')).toHaveLength(1);
    expect(asked.at(-1)?.id).toBe('p');
  });

  it('is silent after exactly an interval', async () => {
    const { probe, clock } = open([A]);
    probe.start();
    await clock.advanceAsync(INTERVAL_MS);
    expect(probe.lagMs('a')).toBe(INTERVAL_MS);
  });

  it('may be busy with reads, which says nothing of its lag', async () => {
    const { probe, last, state, clock } = open([A]);
    state.busy.add('a');
    probe.start();
    await last('a').fail();
    clock.advance(50);
    expect(probe.lagMs('a')).toBeUndefined();
  });

  it('says nothing of one that left, whoever else shares its route', async () => {
    const twins = [member('a', 'x'), member('b', 'x')];
    const { probe, asked, change, clock } = open(twins);
    probe.start();
    // Asked as often as there are members, for each answer names one.
    expect(asked.map(({ id }) => id)).toEqual(['a+b', 'a+b']);
    change(twins.slice(1));
    await asked[0]?.fail();
    expect(probe.lagMs('b')).toBeUndefined();
    await asked[1]?.fail();
    clock.advance(70);
    expect([probe.lagMs('a'), probe.lagMs('b')]).toEqual([undefined, 70]);
  });

  it('is one of several that the driver cannot tell apart only if none of them answers', async () => {
    const twins = [member('a', 'x'), member('b', 'x')];
    const { probe, asked, clock } = open(twins);
    probe.start();
    await asked[0]?.answer(hello('a', 0));
    await asked[1]?.fail();
    clock.advance(70);
    expect([probe.lagMs('a'), probe.lagMs('b')]).toEqual([0, undefined]);
  });
});
