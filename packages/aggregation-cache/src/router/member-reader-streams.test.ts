import { MongoNetworkError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import {
  AFTER,
  failureOf,
  numbers,
  openReader,
  P,
  row,
  settled,
  ts,
} from '../../test/support/fake-driver.js';

describe('a stream from a member', () => {
  const three = () => [[row(1), row(2)], [row(3)]];

  it('has its rows batch by batch, and ends cursor and session with the last', async () => {
    const { stream, state, sessions, asked, clock } = openReader();
    state.batches = three();
    const { batches, ...header } = await stream({ after: AFTER });
    expect(header).toMatchObject({ member: { address: 'a' }, asOf: ts(5), storable: true });
    expect(header.moment).toBeUndefined();
    expect(asked).toEqual(['question']);
    expect([state.closes, sessions[0]?.isEnded]).toEqual([0, false]);
    const seen = [];
    for await (const batch of batches) seen.push(numbers(batch));
    expect(seen).toEqual([[1, 2], [3]]);
    await settled();
    expect([state.closes, sessions[0]?.isEnded, clock.pendingTimers]).toEqual([1, true, 0]);
  });

  it('may be of one moment', async () => {
    const { stream, state } = openReader();
    state.batches = three();
    const { moment, asOf } = await stream({ moment: ts(3) });
    expect([moment, asOf]).toEqual([ts(3), ts(3)]);
  });

  it('may have no rows at all', async () => {
    const { stream, state } = openReader();
    const { batches } = await stream();
    for await (const batch of batches) expect(batch).toBe('never');
    await settled();
    expect(state.closes).toBe(1);
  });

  it('is left early, or not even begun, and ended on the server', async () => {
    const { stream, state, sessions } = openReader();
    state.batches = three();
    for await (const _ of (await stream({ after: AFTER })).batches) break;
    await settled();
    expect([state.closes, sessions[0]?.isEnded]).toEqual([1, true]);
    state.batches = three();
    (await stream({ after: AFTER })).close();
    await settled();
    expect([state.closes, sessions[1]?.isEnded]).toEqual([2, true]);
  });

  it('gives each batch the time of the class, but its consumer as much as he likes', async () => {
    const { stream, state, clock } = openReader();
    state.batches = three();
    const { batches } = await stream();
    const rows = batches[Symbol.asyncIterator]();
    await rows.next();
    await clock.advanceAsync(60_000);
    expect(clock.pendingTimers).toBe(0);
    state.batch = () => new Promise(() => {});
    const late = failureOf(rows.next());
    await clock.advanceAsync(749);
    expect(clock.pendingTimers).toBe(1);
    await clock.advanceAsync(1);
    expect(await late).toBe('timeout');
    await settled();
    expect(state.closes).toBe(1);
  });

  it('fails for the reason that the driver gives', async () => {
    const { stream, state } = openReader();
    state.batches = three();
    const { batches } = await stream();
    state.batch = () => Promise.reject(new MongoNetworkError('closed'));
    const rows = batches[Symbol.asyncIterator]();
    await rows.next();
    expect(await failureOf(rows.next())).toBe('network');
  });

  it('whose member left has no further batch', async () => {
    const { stream, state, change } = openReader();
    state.batches = three();
    const rows = (await stream()).batches[Symbol.asyncIterator]();
    await rows.next();
    change([P]);
    expect(await failureOf(rows.next())).toBe('gone');
  });
});
