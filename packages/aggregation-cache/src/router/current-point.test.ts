import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { type Db, type Document, type MongoClient, type ReadPreference, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { PointTeller } from '../ports/source.js';
import { CurrentPoint } from './current-point.js';
import type { KnownMember, TopologyView } from './topology-view.js';

const ts = (i: number) => new Timestamp({ t: 1_000, i });

const MEMBERS: readonly KnownMember[] = [
  { address: 'p', role: 'primary', tags: {} },
  ...['a', 'b', 'c'].map((address) => ({
    address,
    role: 'secondary' as const,
    tags: { replica: address },
  })),
];

interface Sent {
  readonly command: string;
  readonly wanted: unknown;
  readonly session: Document;
  readonly member: string;
  readonly answer: (time: number, signed?: number) => void;
  readonly fail: () => void;
}

const open = (
  members: readonly KnownMember[],
  hosts: readonly string[] = ['p', 'a', 'b', 'c'],
  shape: TopologyView['shape'] = 'replicaSet',
  toldBy: PointTeller = 'majority',
  electable = hosts.length,
) => {
  const clock = new ManualClock();
  const sent: Sent[] = [];
  const client = {
    startSession: (options: Document) => {
      const session = {
        options,
        isEnded: false,
        endSession: async () => {
          session.isEnded = true;
          throw new Error('nobody is there');
        },
      };
      return session;
    },
  };
  const database = {
    command: (
      command: Document,
      options: { session: Document; readPreference: ReadPreference | 'primary' },
    ) =>
      new Promise<Document>((resolve, reject) => {
        const { readPreference: wanted, session } = options;
        const member = wanted === 'primary' ? 'p' : (wanted.tags?.[0]?.replica ?? 'p');
        sent.push({
          command: Object.keys(command)[0] ?? '',
          member,
          wanted,
          session,
          answer: (time, signed = time + 1) => {
            session.operationTime = ts(time);
            if (signed > 0) session.clusterTime = { clusterTime: ts(signed) };
            resolve({
              me: member,
              isWritablePrimary: member === 'p',
              hosts: hosts.slice(0, electable),
              passives: hosts.slice(electable),
              localTime: new Date(0),
              lastWrite: { opTime: { ts: ts(time), t: 1 }, lastWriteDate: new Date(0) },
            });
          },
          fail: () => reject(new Error('no')),
        });
      }),
  };
  const point = new CurrentPoint({
    client: client as unknown as MongoClient,
    database: database as unknown as Db,
    view: { shape, members } as unknown as TopologyView,
    clock,
    timeoutMs: 2_000,
    toldBy,
  });
  return { clock, point, sent };
};

const turn = () => new Promise(setImmediate);
const numberOf = (token: { operationTime: Timestamp } | undefined) => token?.operationTime.i;

describe('the current point', () => {
  it('is that of the primary', async () => {
    const { point, sent } = open(MEMBERS);
    const reading = point.read();
    await turn();
    expect(sent.map(({ command, wanted }) => [command, wanted])).toEqual([['ping', 'primary']]);
    expect(sent[0]?.session.options).toEqual({ causalConsistency: true });
    expect(sent[0]?.session.isEnded).toBe(false);
    sent[0]?.answer(7);
    expect(await reading).toMatchObject({
      operationTime: ts(7),
      clusterTime: { clusterTime: ts(8) },
    });
    expect(sent[0]?.session.isEnded).toBe(true);
  });

  it('of what is no replica set is that of whoever is there', async () => {
    const router: KnownMember = { address: 'r', tags: {}, role: 'router' };
    const { point, sent } = open([router], [], 'opaque');
    const reading = point.read();
    await turn();
    expect(sent.map(({ command, wanted }) => [command, wanted])).toEqual([['ping', 'primary']]);
    sent[0]?.answer(7);
    expect(numberOf(await reading)).toBe(7);
    const failing = point.read();
    await turn();
    sent[1]?.fail();
    expect(await failing).toBeUndefined();
    expect(sent).toHaveLength(2);
  });

  it('has the newest signed time of those that have one', async () => {
    for (const times of [
      [4, 8, 0],
      [8, 0, 4],
      [0, 4, 8],
    ]) {
      const { point, sent } = open(MEMBERS.slice(1), ['a', 'b', 'c', 'd', 'e']);
      const reading = point.read();
      await turn();
      for (const [index, signed] of times.entries()) sent[index]?.answer(3, signed);
      expect((await reading)?.clusterTime).toEqual({ clusterTime: ts(8) });
    }
  });

  it('is shared only by those who came before it was asked for', async () => {
    const { point, sent } = open(MEMBERS);
    const first = point.read();
    await turn();
    const [second, third] = [point.read(), point.read()];
    await turn();
    // One that is under way may have been answered before what they know of.
    expect(sent).toHaveLength(1);
    sent[0]?.answer(7);
    expect(numberOf(await first)).toBe(7);
    await turn();
    expect(sent).toHaveLength(2);
    const fourth = point.read();
    sent[1]?.answer(9);
    expect([numberOf(await second), numberOf(await third)]).toEqual([9, 9]);
    await turn();
    sent[2]?.answer(11);
    expect(numberOf(await fourth)).toBe(11);
    expect(sent).toHaveLength(3);
  });

  it('is asked for anew after one that failed', async () => {
    const { point, sent } = open([MEMBERS[0] as KnownMember]);
    const first = point.read();
    await turn();
    const second = point.read();
    sent[0]?.fail();
    // There is nobody else.
    expect(await first).toBeUndefined();
    await turn();
    sent[1]?.answer(5);
    expect(numberOf(await second)).toBe(5);
  });

  it('without a primary is the newest that a majority knows of', async () => {
    const { point, sent } = open(MEMBERS.slice(1));
    const reading = point.read();
    await turn();
    expect(sent.map(({ command, member }) => [command, member])).toEqual([
      ['hello', 'a'],
      ['hello', 'b'],
      ['hello', 'c'],
    ]);
    sent[0]?.answer(3);
    sent[1]?.answer(9);
    sent[2]?.answer(4);
    expect(await reading).toEqual({
      operationTime: ts(9),
      clusterTime: { clusterTime: ts(10) },
    });
  });

  it("is nobody else's to tell where the primary is wanted", async () => {
    const { point, sent } = open(MEMBERS.slice(1), undefined, undefined, 'primary');
    expect(await point.read()).toBeUndefined();
    expect(sent).toEqual([]);
  });

  it.each([
    // Of four that vote three are a majority, and one of any three is among two others.
    ['p a b c', '', 2, true],
    ['p a b c', '', 1, false],
    ['p a b c d', '', 3, true],
    ['p a b c d', '', 2, false],
    // The primary and one that votes may be a majority without any that does not.
    ['p q r', 'a b c', 3, false],
    ['p q a', 'b c', 1, false],
    ['p q a', 'b c', 3, false],
    ['p a b', 'c', 3, true],
    ['p a b', 'c', 2, true],
    ['p a b', 'c d', 2, false],
    ['p', 'a b c', 3, false],
  ])(
    'of %s that vote, and of %s that may, needs a majority: %i answer, %o',
    async (hosts, passives, answering, isKnown) => {
      const electable = hosts.split(' ');
      const named = [...electable, ...passives.split(' ').filter(Boolean)];
      const { point, sent } = open(MEMBERS.slice(1), named, undefined, undefined, electable.length);
      const reading = point.read();
      await turn();
      for (const [index, one] of sent.entries()) {
        if (index < answering) one.answer(5);
        else one.fail();
      }
      expect((await reading) !== undefined).toBe(isKnown);
    },
  );

  it('is not to be had of members that name nobody', async () => {
    const { point, sent } = open(MEMBERS.slice(1), []);
    const reading = point.read();
    await turn();
    for (const one of sent) one.answer(5);
    expect(await reading).toBeUndefined();
  });

  it('is not waited for longer than it may take', async () => {
    const { point, clock, sent } = open(MEMBERS);
    const reading = point.read();
    await clock.advanceAsync(2_000);
    expect(sent.map(({ member }) => member)).toEqual(['p', 'a', 'b', 'c']);
    for (const one of sent.slice(1)) one.answer(5);
    // The primary is there and says nothing; the others are a majority.
    expect(numberOf(await reading)).toBe(5);
    const again = point.read();
    await clock.advanceAsync(4_000);
    expect(await again).toBeUndefined();
    expect(sent).toHaveLength(8);
  });
});
