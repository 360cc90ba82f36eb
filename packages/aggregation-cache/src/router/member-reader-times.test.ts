import { MongoNetworkError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import {
  A,
  AFTER,
  B,
  type FakeSession,
  failureOf,
  numbers,
  openReader,
  P,
  PRIMARY,
  pipelineClass,
  ROUTE,
  routeTo,
  row,
  ts,
} from '../../test/support/fake-driver.js';

describe('a read as of a time', () => {
  it('waits for it first, in a session that knows it, and then asks in the same', async () => {
    const { read, sent, sessions, asked } = openReader();
    const answer = await read({ after: AFTER });
    expect(sent).toMatchObject([
      {
        kind: 'wait',
        collection: 'rows',
        what: { _id: { $in: [] } },
        options: {
          readPreference: ROUTE.readPreference,
          readConcern: { level: 'majority' },
          maxTimeMS: 1_000,
          comment: 'aggregation-cache: waits for secondary',
        },
      },
      { kind: 'question' },
    ]);
    expect(sessions).toHaveLength(1);
    const [session] = sessions as [FakeSession];
    expect(session.options).toEqual({ causalConsistency: true });
    expect(session.advanced).toEqual([AFTER.clusterTime, AFTER.operationTime]);
    expect(sent.map(({ options }) => options.session)).toEqual([session, session]);
    expect(sent[0]?.options.signal).toBe(sent[1]?.options.signal);
    expect(session.isEnded).toBe(true);
    expect([answer.asOf, answer.storable]).toEqual([AFTER.operationTime, true]);
    // The wait is none of the question's time.
    expect(asked).toEqual(['question']);
  });

  it('does not need a signed time', async () => {
    const { read, sessions } = openReader();
    await read({ after: { operationTime: ts(5) } });
    expect(sessions[0]?.advanced).toEqual([ts(5)]);
  });

  it('waits once for what the member has reached, and again for more', async () => {
    const { read, kinds } = openReader();
    await read({ after: AFTER });
    await read({ after: AFTER });
    await read({ after: { operationTime: ts(4) } });
    expect(kinds()).toEqual(['wait', 'question', 'question', 'question']);
    await read({ after: { operationTime: ts(6) } });
    expect(kinds().slice(4)).toEqual(['wait', 'question']);
  });

  it('waits again for a member that left and came back, and for no other', async () => {
    const { read, change, kinds, reader, sent } = openReader();
    await read({ after: AFTER });
    await read({ after: AFTER }, routeTo([B]));
    change([B, P]);
    change([A, B, P]);
    sent.length = 0;
    await read({ after: AFTER }, routeTo([B]));
    expect(kinds()).toEqual(['question']);
    await read({ after: AFTER });
    expect(kinds()).toEqual(['question', 'wait', 'question']);
    reader.close();
    change([B, P]);
    change([A, B, P]);
    await read({ after: AFTER });
    expect(kinds().slice(3)).toEqual(['question']);
  });

  it('waits each time at members that the driver cannot tell apart, unless each is known', async () => {
    const { read, kinds, sent } = openReader();
    const both = routeTo([A, B]);
    await read({ after: AFTER }, both);
    await read({ after: AFTER }, both);
    expect(kinds()).toEqual(['wait', 'question', 'wait', 'question']);
    await read({ after: AFTER });
    await read({ after: AFTER }, both);
    expect(kinds().slice(4)).toEqual(['wait', 'question', 'wait', 'question']);
    await read({ after: AFTER }, routeTo([B]));
    sent.length = 0;
    await read({ after: AFTER }, both);
    expect(kinds()).toEqual(['question']);
  });

  it('is too late for a member that does not reach it within the budget', async () => {
    const { read, state, sessions, kinds } = openReader();
    state.wait = () => Promise.reject(Object.assign(new Error('late'), { code: 50 }));
    expect(await failureOf(read({ after: AFTER }))).toBe('lagging');
    expect([sessions[0]?.isEnded, kinds()]).toEqual([true, ['wait']]);
    state.wait = () => Promise.reject(new MongoNetworkError('closed'));
    expect(await failureOf(read({ after: AFTER }))).toBe('network');
    // Not reached, so it is waited for again.
    state.wait = async () => [];
    await read({ after: AFTER });
    expect(kinds().slice(-2)).toEqual(['wait', 'question']);
  });

  it('has the budget beside the time of the class; the class may say another', async () => {
    const { read, state, clock, sent } = openReader();
    state.wait = () => new Promise(() => {});
    const reading = failureOf(read({ after: AFTER }));
    await clock.advanceAsync(1_749);
    expect(clock.pendingTimers).toBe(1);
    await clock.advanceAsync(1);
    expect(await reading).toBe('timeout');
    const own = failureOf(
      read({ after: AFTER, pipelineClass: { ...pipelineClass, lagBudgetMs: 70 } }),
    );
    expect(sent.at(-1)?.options.maxTimeMS).toBe(70);
    await clock.advanceAsync(819);
    expect(clock.pendingTimers).toBe(1);
    await clock.advanceAsync(1);
    expect(await own).toBe('timeout');
  });

  describe('that the server does not know', () => {
    const unknown = () => Promise.reject(Object.assign(new Error('x'), { code: 205 }));

    it('is tried twice, for the first answer may have brought the time', async () => {
      const { read, state, kinds } = openReader();
      let tries = 0;
      state.wait = async () => {
        tries += 1;
        return tries === 1 ? unknown() : [];
      };
      expect(await read({ after: AFTER })).toMatchObject({ storable: true, asOf: ts(5) });
      expect(kinds()).toEqual(['wait', 'wait', 'question']);
    });

    it('is not tried again where something else went wrong', async () => {
      const { read, state, kinds } = openReader();
      state.wait = () => Promise.reject(new MongoNetworkError('closed'));
      expect(await failureOf(read({ after: AFTER }, PRIMARY))).toBe('network');
      expect(kinds()).toEqual(['wait']);
      let tries = 0;
      state.wait = () => {
        tries += 1;
        return tries === 1 ? unknown() : Promise.reject(new MongoNetworkError('closed'));
      };
      expect(await failureOf(read({ after: AFTER }, PRIMARY))).toBe('network');
      expect(tries).toBe(2);
    });

    it('ends the attempt at a secondary', async () => {
      const { read, state, kinds } = openReader();
      state.wait = unknown;
      expect(await failureOf(read({ after: AFTER }))).toBe('timeUnknown');
      expect(kinds()).toEqual(['wait', 'wait']);
    });

    it('is left out at the primary, whose rows are answered and not kept', async () => {
      const { read, state, kinds, sessions } = openReader();
      state.wait = unknown;
      const answer = await read({ after: AFTER }, PRIMARY);
      expect([answer.asOf, answer.storable, numbers(answer.rows)]).toEqual([undefined, false, [1]]);
      expect(kinds()).toEqual(['wait', 'wait', 'question']);
      expect(sessions.map(({ isEnded }) => isEnded)).toEqual([true, true]);
    });

    it('may be one that the driver itself refuses', async () => {
      const { read, state, sessions, kinds } = openReader();
      state.refusesTimes = true;
      expect(await failureOf(read({ after: AFTER }))).toBe('timeUnknown');
      expect(sessions.map(({ isEnded }) => isEnded)).toEqual([true, true]);
      expect(kinds()).toEqual([]);
    });
  });
});

describe('a read of one moment', () => {
  it('is made in a session of its own, which finds out the newest', async () => {
    const { read, sent, sessions, state } = openReader();
    state.answer = async () => {
      (sessions[0] as FakeSession).snapshotTime = ts(8);
      return [row(1)];
    };
    const answer = await read({ moment: 'any' });
    expect(sessions[0]?.options).toEqual({ snapshot: true });
    expect(sent.map(({ options }) => options.session)).toEqual([sessions[0]]);
    expect([answer.moment, answer.asOf, answer.storable]).toEqual([ts(8), ts(8), true]);
    expect(sessions[0]?.isEnded).toBe(true);
  });

  it('or is told which', async () => {
    const { read, sessions } = openReader();
    expect((await read({ moment: ts(3) })).moment).toEqual(ts(3));
    expect(sessions[0]?.snapshotTime).toEqual(ts(3));
    await read({ moment: 'any' });
    expect(sessions[1]?.snapshotTime).toBeUndefined();
  });

  it('waits in one session and asks in another, if it must also be after a time', async () => {
    const { read, sent, sessions } = openReader();
    const answer = await read({ moment: ts(9), after: AFTER });
    const [waits, exact] = sessions as [FakeSession, FakeSession];
    expect(sent.map(({ options }) => options.session)).toEqual([waits, exact]);
    expect([waits.isEnded, exact.isEnded]).toEqual([true, true]);
    expect([answer.asOf, answer.moment]).toEqual([ts(9), ts(9)]);
  });
});
