import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { ONE, openFakeSource, PRIMARY, TWO, turn } from '../../test/support/fake-members.js';
import { checkLagBudget } from './lag-probe.js';

const SECOND = 1_767_225_600;

/** A set that writes every 10 ms, and of which `replica1` stands still from `stopAt` on. */
const openSet = (options: Parameters<typeof openFakeSource>[1] = {}) => {
  const set = openFakeSource([PRIMARY, ONE, TWO], options);
  const { clock, commandsWith } = set;
  const state = {
    stopAt: Number.POSITIVE_INFINITY,
    asked: [] as string[],
    /** What holds `replica1` up. */
    hold: async () => {},
  };
  const hello = (me: string, now: number) => {
    const at = Math.floor(now / 10) * 10;
    const ts = new Timestamp({ t: SECOND + Math.floor(at / 1_000), i: ((at % 1_000) + 10) / 10 });
    return {
      me,
      isWritablePrimary: me === 'p',
      hosts: ['p', 'a', 'b'],
      localTime: new Date(SECOND * 1_000 + clock.now()),
      lastWrite: { opTime: { ts, t: 1 }, lastWriteDate: new Date(SECOND * 1_000 + at) },
    };
  };
  commandsWith(async (member) => {
    state.asked.push(member);
    if (member === 'primary') return hello('p', clock.now());
    if (member === 'replica2') return hello('b', clock.now());
    await state.hold();
    return hello('a', Math.min(clock.now(), state.stopAt));
  });
  const lag = () => set.source.members().map(({ lagMs }) => lagMs);
  return { ...set, state, lag };
};

describe('the lag of a member', () => {
  it('is asked for once an interval, the primary first, from the first read on', async () => {
    const { fetch, clock, state, source, lag } = openSet({ lagProbeMs: 1_000 });
    await clock.advanceAsync(5_000);
    expect(state.asked).toEqual([]);
    expect(lag()).toEqual([0, undefined, undefined]);
    await fetch();
    await turn();
    expect(state.asked).toEqual(['primary', 'replica1', 'replica2']);
    expect(lag()).toEqual([0, 0, 0]);
    await clock.advanceAsync(3_000);
    expect(state.asked).toHaveLength(12);
    source.close();
    await clock.advanceAsync(3_000);
    expect(state.asked).toHaveLength(12);
  });

  it('is right to 100 ms at one probe a second, and grows between two', async () => {
    const { fetch, clock, state, lag } = openSet({ lagProbeMs: 1_000, lagBudgetMs: 60_000 });
    await fetch();
    await clock.advanceAsync(4_321);
    state.stopAt = clock.now();
    await clock.advanceAsync(679);
    for (let probe = 0; probe < 5; probe += 1) {
      for (const ms of [0, 250, 500]) {
        await clock.advanceAsync(ms);
        const off = (lag()[1] ?? 0) - (clock.now() - state.stopAt);
        expect(Math.abs(off)).toBeLessThanOrEqual(100);
      }
      await clock.advanceAsync(250);
    }
    expect(lag()[2]).toBe(0);
  });

  it('over the budget passes it over without asking it, until a probe says otherwise', async () => {
    const { fetch, clock, state, passedOver, asked } = openSet({ lagBudgetMs: 300 });
    await fetch();
    state.stopAt = clock.now();
    await clock.advanceAsync(250);
    expect((await fetch()).member.address).toBe('a');
    await clock.advanceAsync(200);
    asked.length = 0;
    const answer = await fetch();
    expect(answer.member.address).toBe('b');
    expect(answer.attempts).toEqual([
      { member: 'a', outcome: 'lagging' },
      { member: 'b', outcome: 'answered' },
    ]);
    expect(asked).toEqual(['replica2']);
    expect(passedOver).toEqual(['a lagging']);
    // The class says more.
    const patient = { members: ['replica1'], lagBudgetMs: 5_000 };
    expect((await fetch(patient)).member.address).toBe('a');
    const strict = { members: ['replica1'], lagBudgetMs: 100, primary: 'never' as const };
    await expect(fetch(strict)).rejects.toMatchObject({
      code: 'NO_MEMBER',
      details: { passedOver: [{ member: 'a', reason: 'lagging' }] },
    });
    state.stopAt = Number.POSITIVE_INFINITY;
    await clock.advanceAsync(100);
    expect((await fetch()).member.address).toBe('a');
  });

  it('grows while it does not answer, and no second question is sent after the first', async () => {
    const { fetch, clock, state, lag, asked } = openSet({ lagBudgetMs: 300 });
    await fetch();
    await turn();
    let release = () => {};
    state.hold = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    await clock.advanceAsync(1_050);
    // Last heard of at 0; asked at 100 and not since.
    expect(lag()).toEqual([0, 1_050, 0]);
    expect(state.asked.filter((member) => member === 'replica1')).toHaveLength(2);
    asked.length = 0;
    await fetch();
    expect(asked).toEqual(['replica2']);
    state.hold = async () => {};
    release();
    await turn();
    expect(lag()[1]).toBe(0);
    expect((await fetch()).member.address).toBe('a');
  });

  it('grows while its questions fail, also when it never answered one', async () => {
    const { fetch, clock, state, lag } = openSet();
    state.hold = () => Promise.reject(new Error('no'));
    await fetch();
    await clock.advanceAsync(500);
    expect(lag()).toEqual([0, 500, 0]);
  });

  it('is not taken from the silence of a member to which reads have all connections', async () => {
    const { fetch, clock, state, lag, answerWith } = openSet({ maxPoolSize: 1 });
    await fetch();
    await turn();
    answerWith(() => new Promise(() => {}));
    const reading = fetch(['replica1']);
    state.hold = () => new Promise(() => {});
    await clock.advanceAsync(400);
    expect(lag()[1]).toBe(0);
    await clock.advanceAsync(2_000);
    await reading.catch(() => {});
  });

  it('is not known of servers that do not tell, and keeps nobody from being read', async () => {
    const { fetch, clock, commandsWith, lag } = openSet();
    commandsWith(async () => ({ ok: 1, isWritablePrimary: false }));
    await fetch();
    await clock.advanceAsync(2_000);
    expect(lag()).toEqual([0, undefined, undefined]);
    expect((await fetch()).member.address).toBe('a');
  });

  it('is not told by a server that has become the primary meanwhile', async () => {
    const { fetch, clock, commandsWith, lag } = openSet();
    commandsWith(async (member) => ({
      me: member === 'primary' ? 'p' : 'a',
      isWritablePrimary: true,
      localTime: new Date(0),
      lastWrite: {
        opTime: { ts: new Timestamp({ t: 1, i: 1 }), t: 1 },
        lastWriteDate: new Date(0),
      },
    }));
    await fetch();
    await clock.advanceAsync(200);
    expect(lag()).toEqual([0, undefined, undefined]);
  });

  it('of members with the same tags is that of the one that lags most', async () => {
    const twin = { ...ONE, address: 'a2' };
    const { fetch, clock, commandsWith, passedOver, source } = openFakeSource([
      PRIMARY,
      ONE,
      twin,
      TWO,
    ]);
    let turnOf = 0;
    commandsWith(async (member) => {
      const twins = ['a', 'a2'];
      const names: Record<string, string | undefined> = { primary: 'p', replica2: 'b' };
      const me = names[member] ?? twins[turnOf++ % 2] ?? '';
      const at = me === 'a2' ? 0 : clock.now();
      return {
        me,
        isWritablePrimary: me === 'p',
        localTime: new Date(SECOND * 1_000 + clock.now()),
        lastWrite: {
          opTime: { ts: new Timestamp({ t: SECOND, i: at + 1 }), t: 1 },
          lastWriteDate: new Date(SECOND * 1_000 + at),
        },
      };
    });
    await fetch();
    await turn();
    // Once for each, in every round.
    expect(turnOf).toBe(2);
    await clock.advanceAsync(500);
    expect(source.members().map(({ address, lagMs }) => [address, (lagMs ?? -1) > 300])).toEqual([
      ['p', false],
      ['a', false],
      ['a2', true],
      ['b', false],
    ]);
    expect((await fetch()).member.address).toBe('b');
    expect(passedOver).toEqual(['a+a2 lagging']);
  });

  it('over the budget keeps a hedge from it too', async () => {
    const { fetch, clock, state, classOf, answerWith, events } = openSet();
    const hedged: string[] = [];
    events.on('hedged', ({ member }) => {
      hedged.push(member);
    });
    const members = ['replica2', 'replica1'];
    const pipelineClass = classOf({ members, hedgeDelayMs: 20 });
    for (let n = 0; n < 20; n += 1) await fetch({}, { pipelineClass });
    state.stopAt = clock.now();
    await clock.advanceAsync(500);
    answerWith((member) => (member === 'replica2' ? new Promise(() => {}) : Promise.resolve([])));
    const reading = fetch({}, { pipelineClass });
    await clock.advanceAsync(20);
    expect((await reading).member.address).toBe('p');
    expect(hedged).toEqual(['p']);
  });

  it('is forgotten when it leaves', async () => {
    const { fetch, clock, state, change, lag } = openSet();
    await fetch();
    state.stopAt = clock.now();
    await clock.advanceAsync(1_000);
    expect(lag()[1]).toBeGreaterThan(900);
    change([PRIMARY, TWO]);
    change([PRIMARY, ONE, TWO]);
    expect(lag()[1]).toBeUndefined();
  });

  it('does not hang on a primary that does not answer', async () => {
    const { fetch, clock, state, commandsWith, lag } = openSet({ lagProbeMs: 1_000 });
    await fetch();
    await turn();
    let asked = 0;
    commandsWith(async (member) => {
      if (member === 'primary') return new Promise(() => {});
      asked += 1;
      return {};
    });
    await clock.advanceAsync(1_000);
    expect(asked).toBe(0);
    await clock.advanceAsync(250);
    expect(asked).toBe(2);
    expect(state.asked).toHaveLength(3);
    expect(lag()).toEqual([0, 0, 0]);
  });
});

describe('a lag budget', () => {
  it('below the interval of the probe is refused', () => {
    expect(() => checkLagBudget(999, 1_000)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        details: { option: 'lagBudgetMs', value: 999, allowed: 'at least lagProbeMs, 1000 (ms)' },
      }),
    );
    checkLagBudget(1_000, 1_000);
    checkLagBudget(undefined, 1_000);
  });
});
