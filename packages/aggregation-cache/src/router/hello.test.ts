import { Long, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { compareOptimes, readHello } from './hello.js';

const ts = new Timestamp({ t: 5, i: 1 });
const REPLY = {
  me: 'a:1',
  isWritablePrimary: true,
  hosts: ['a:1', 'b:1'],
  passives: ['c:1'],
  localTime: new Date(7_000),
  lastWrite: { opTime: { ts, t: 3 }, lastWriteDate: new Date(6_000) },
};

describe('what a member says of itself', () => {
  it('is how far it is, and by which clock', () => {
    expect(readHello(REPLY)).toEqual({
      me: 'a:1',
      isPrimary: true,
      applied: { ts, term: 3 },
      wroteAt: 6_000,
      serverTime: 7_000,
      electable: ['a:1', 'b:1'],
      passive: ['c:1'],
    });
  });

  it('may leave out its name, its peers and the election, and is the primary only if it says so', () => {
    const { lastWrite, localTime } = REPLY;
    const opTime = { ts };
    expect(readHello({ localTime, lastWrite: { ...lastWrite, opTime } })).toEqual({
      me: undefined,
      isPrimary: false,
      applied: { ts, term: 0 },
      wroteAt: 6_000,
      serverTime: 7_000,
      electable: [],
      passive: [],
    });
    expect(readHello({ ...REPLY, me: 5, isWritablePrimary: 1, hosts: 'abc' })).toMatchObject({
      me: undefined,
      isPrimary: false,
      electable: [],
      passive: ['c:1'],
    });
  });

  it('counts elections in whatever form they come', () => {
    const lastWrite = { ...REPLY.lastWrite, opTime: { ts, t: Long.fromNumber(4) } };
    expect(readHello({ ...REPLY, lastWrite })?.applied.term).toBe(4);
  });

  it.each([
    ['no last write', { ...REPLY, lastWrite: undefined }],
    ['no place of it', { ...REPLY, lastWrite: { lastWriteDate: new Date(1) } }],
    ['no time of it', { ...REPLY, lastWrite: { opTime: {}, lastWriteDate: new Date(1) } }],
    [
      'a time of another type',
      { ...REPLY, lastWrite: { ...REPLY.lastWrite, opTime: { ts: Long.fromNumber(1) } } },
    ],
    ['no date of it', { ...REPLY, lastWrite: { opTime: { ts } } }],
    ['no time of its own', { ...REPLY, localTime: undefined }],
  ])('is nothing with %s', (_, reply) => {
    expect(readHello(reply)).toBeUndefined();
  });
});

describe('of two places in the oplog', () => {
  const place = (term: number, t: number) => ({ term, ts: new Timestamp({ t, i: 0 }) });

  it('the one of the later election is later, then that of the later time', () => {
    expect(compareOptimes(place(1, 9), place(2, 1))).toBeLessThan(0);
    expect(compareOptimes(place(2, 1), place(1, 9))).toBeGreaterThan(0);
    expect(compareOptimes(place(1, 1), place(1, 2))).toBeLessThan(0);
    expect(compareOptimes(place(1, 2), place(1, 1))).toBeGreaterThan(0);
    expect(compareOptimes(place(1, 1), place(1, 1))).toBe(0);
  });
});
