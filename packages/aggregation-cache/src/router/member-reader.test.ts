import { MongoNetworkError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import {
  A,
  B,
  failureOf,
  member,
  numbers,
  openReader,
  P,
  routeTo,
} from '../../test/support/fake-driver.js';
import { AttemptFailed } from './member-reader.js';

describe('an attempt that failed', () => {
  it('says why, and keeps the cause', () => {
    const cause = new Error('x');
    const error = new AttemptFailed('network', cause);
    expect([error.message, error.failure, error.cause]).toEqual([
      'The attempt failed: network.',
      'network',
      cause,
    ]);
  });
});

describe('a read from a member', () => {
  it('is one question, with who answered it', async () => {
    const { read, sent, sessions, asked, clock, listeners } = openReader();
    const watching = listeners.size;
    const answer = await read();
    expect(numbers(answer.rows)).toEqual([1]);
    expect(answer).toMatchObject({ member: { address: 'a', tags: { at: 'a' } }, storable: true });
    expect([answer.asOf, answer.moment]).toEqual([undefined, undefined]);
    expect(sent).toMatchObject([
      { kind: 'question', collection: 'rows', what: [{ $match: {} }], options: { maxTimeMS: 500 } },
    ]);
    expect([sessions, asked]).toEqual([[], ['question']]);
    expect([clock.pendingTimers, listeners.size]).toEqual([0, watching]);
  });

  it.each([
    ['the member says', [A], 'a', { address: 'a', tags: { at: 'a' } }],
    [
      'the driver does not say, but there is one only',
      [A],
      undefined,
      { address: 'a', tags: { at: 'a' } },
    ],
    ['one of several says', [A, B], 'b', { address: 'b', tags: { at: 'b' } }],
    [
      'nobody says, and there are several',
      [A, B],
      undefined,
      { address: 'a+b', tags: { at: 'a' } },
    ],
    ['somebody says whom the route does not know', [A], 'z', { address: 'z', tags: { at: 'a' } }],
  ])('tells the address that %s', async (_, members, address, expected) => {
    const { read, state } = openReader();
    state.address = address;
    expect((await read({}, routeTo(members))).member).toEqual(expected);
  });

  it('is given up when the time of the class and a little is over', async () => {
    const { read, state, isStopped, clock, listeners } = openReader();
    const watching = listeners.size;
    state.answer = () => new Promise(() => {});
    const reading = failureOf(read());
    await clock.advanceAsync(749);
    expect(isStopped()).toBe(false);
    await clock.advanceAsync(1);
    expect(await reading).toBe('timeout');
    expect([isStopped(), listeners.size, clock.pendingTimers]).toEqual([true, watching, 0]);
  });

  it('does not begin at a member that left, or has another role, while it waited for its turn', async () => {
    for (const members of [[], [B, P], [member('a', 'primary')]]) {
      const { read, sent } = openReader(members);
      expect(await failureOf(read())).toBe('gone');
      expect(sent).toEqual([]);
    }
    const { read } = openReader([B]);
    expect(await failureOf(read({}, routeTo([A, B])))).toBe('answered');
  });

  it('is given up when the last member of its route left', async () => {
    const { read, state, change, isStopped, clock } = openReader();
    state.answer = () => new Promise(() => {});
    const reading = failureOf(read({}, routeTo([A, B])));
    change([A, P]);
    expect(clock.pendingTimers).toBe(1);
    change([P]);
    expect(await reading).toBe('gone');
    expect([clock.pendingTimers, isStopped()]).toEqual([0, true]);
  });

  it('fails for the reason that the driver gives', async () => {
    const { read, state, clock, listeners } = openReader();
    const watching = listeners.size;
    const cause = new MongoNetworkError('closed');
    state.answer = () => Promise.reject(cause);
    const error: AttemptFailed = await read().then(
      () => Promise.reject(new Error('answered')),
      (thrown: AttemptFailed) => thrown,
    );
    expect([error.failure, error.cause]).toEqual(['network', cause]);
    expect([clock.pendingTimers, listeners.size]).toEqual([0, watching]);
  });
});
