import { EventEmitter } from 'node:events';
import { CircuitBreakerRegistry, GuardedEmitter } from '@nestcms/circuit-breaker';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { BSON, type Db, type MongoClient, MongoNetworkError, type ReadPreference } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { AggregationCacheEvents } from '../cache/events.js';
import { definePipelineClass } from '../classes/define-pipeline-class.js';
import { MongoSource } from './mongo-source.js';

const turn = () => new Promise(setImmediate);

interface FakeServer {
  readonly address: string;
  readonly type: string;
  readonly replica?: string;
}

const SELECTION_MS = 2_000;

/** A driver whose topology and answers the test commands. */
const open = (servers: FakeServer[], { maxPoolSize = 100 } = {}) => {
  const client = new EventEmitter();
  const clock = new ManualClock();
  const describeServers = (list: FakeServer[]) => ({
    type: list.some(({ type }) => type === 'RSPrimary')
      ? 'ReplicaSetWithPrimary'
      : 'ReplicaSetNoPrimary',
    servers: new Map(
      list.map(({ address, type, replica }) => [
        address,
        { address, type, tags: replica === undefined ? {} : { replica }, error: null },
      ]),
    ),
  });
  Object.assign(client, {
    topology: { description: describeServers(servers) },
    connect: async () => {},
    options: { maxPoolSize },
  });
  const asked: string[] = [];
  let answer: () => Promise<Uint8Array[]> = async () => [BSON.serialize({ a: 1 })];
  const database = {
    collection: () => ({
      aggregate: (_: unknown, { readPreference }: { readPreference: ReadPreference }) => ({
        toArray: () => {
          asked.push(readPreference.tags?.[0]?.replica ?? readPreference.mode);
          return answer();
        },
      }),
    }),
  };
  const events = new GuardedEmitter<AggregationCacheEvents>();
  const passedOver: string[] = [];
  events.on('memberPassedOver', ({ member, reason }) => passedOver.push(`${member} ${reason}`));
  const source = new MongoSource({
    client: client as unknown as MongoClient,
    database: database as unknown as Db,
    breakers: new CircuitBreakerRegistry({ clock }),
    memberBreaker: { minimumCalls: 2, openForMs: 1_000, halfOpen: { trials: 1 } },
    keyPrefix: 'test',
    events,
    clock,
    random: () => 0,
    selectionTimeoutMs: SELECTION_MS,
    lagBudgetMs: 100,
  });
  const fetch = (members = ['replica1', 'replica2'], primary: 'last' | 'never' = 'last') =>
    source.fetch({
      pipelineClass: definePipelineClass({
        name: 'x',
        collection: 'a',
        pipeline: [],
        members: members.map((replica) => ({ replica })),
        primary,
        maxTimeMs: 500,
      }),
      pipeline: [],
      options: {},
    });
  return {
    clock,
    asked,
    passedOver,
    source,
    fetch,
    answerWith: (next: typeof answer) => {
      answer = next;
    },
    change: (list: FakeServer[]) =>
      client.emit('topologyDescriptionChanged', { newDescription: describeServers(list) }),
  };
};

const PRIMARY = { address: 'p', type: 'RSPrimary' };
const ONE = { address: 'a', type: 'RSSecondary', replica: 'replica1' };
const TWO = { address: 'b', type: 'RSSecondary', replica: 'replica2' };
const unheard = { type: 'Unknown' };

describe('right after the start', () => {
  it('a member that was not heard of yet is waited for', async () => {
    const { fetch, change, asked } = open([PRIMARY, { address: 'a', ...unheard }]);
    const reading = fetch(['replica1']);
    await turn();
    expect(asked).toEqual([]);
    change([PRIMARY, ONE]);
    await expect(reading).resolves.toMatchObject({ member: { address: 'a' } });
    expect(asked).toEqual(['replica1']);
  });

  it('but not for longer than a selection may take, once and for all reads', async () => {
    const { fetch, clock, passedOver } = open([PRIMARY, { address: 'a', ...unheard }]);
    const reading = fetch(['replica1']);
    await turn();
    clock.advance(SELECTION_MS);
    await expect(reading).resolves.toMatchObject({ member: { address: 'p' } });
    await expect(fetch(['replica1'])).resolves.toMatchObject({ member: { address: 'p' } });
    expect(passedOver).toEqual(['{"replica":"replica1"} absent', '{"replica":"replica1"} absent']);
  });

  it('nobody is waited for who is not wanted', async () => {
    const { fetch } = open([PRIMARY, ONE, { address: 'c', ...unheard }]);
    await expect(fetch(['replica1'])).resolves.toMatchObject({ member: { address: 'a' } });
  });
});

describe('a member', () => {
  it('that leaves while it is asked is left at once, without waiting for the driver', async () => {
    const { fetch, change, answerWith, asked, passedOver, clock } = open([PRIMARY, ONE, TWO]);
    answerWith(() => new Promise(() => {}));
    const reading = fetch();
    await turn();
    answerWith(async () => []);
    change([PRIMARY, TWO]);
    await expect(reading).resolves.toMatchObject({ member: { address: 'b' } });
    expect(asked).toEqual(['replica1', 'replica2']);
    expect(passedOver).toEqual(['a gone']);
    expect(clock.now()).toBe(0);
  });

  it('that becomes the primary while it is asked is left too', async () => {
    const { fetch, change, answerWith, passedOver } = open([PRIMARY, ONE, TWO]);
    answerWith(() => new Promise(() => {}));
    const reading = fetch();
    await turn();
    answerWith(async () => []);
    change([{ ...ONE, type: 'RSPrimary' }, TWO]);
    await expect(reading).resolves.toMatchObject({ member: { address: 'b' } });
    expect(passedOver).toEqual(['a gone']);
  });

  it('that says nothing is left after the time of the class and a little', async () => {
    const { fetch, answerWith, passedOver, clock } = open([PRIMARY, ONE, TWO]);
    answerWith(() => new Promise(() => {}));
    const reading = fetch();
    await turn();
    answerWith(async () => []);
    await clock.advanceAsync(500);
    expect(passedOver).toEqual([]);
    await clock.advanceAsync(250);
    await expect(reading).resolves.toMatchObject({ member: { address: 'b' } });
    expect(passedOver).toEqual(['a timeout']);
  });

  describe('whose connections are all taken by other reads', () => {
    const busy = async () => {
      const cache = open([PRIMARY, ONE], { maxPoolSize: 2 });
      const finish: ((rows: Uint8Array[]) => void)[] = [];
      cache.answerWith(() => new Promise((resolve) => finish.push(resolve)));
      const readings = Array.from({ length: 5 }, () => cache.fetch(['replica1']));
      await turn();
      return { ...cache, finish, readings };
    };

    it('is waited for, and the wait is none of its time', async () => {
      const { clock, asked, finish, readings, passedOver, source } = await busy();
      for (const left of [2, 2, 1]) {
        expect(finish).toHaveLength(left);
        await clock.advanceAsync(400);
        for (const end of finish.splice(0)) end([]);
        await turn();
      }
      const answers = await Promise.all(readings);
      expect(answers.map(({ member }) => member.address)).toEqual(Array(5).fill('a'));
      expect(asked).toHaveLength(5);
      expect(passedOver).toEqual([]);
      expect(source.members()).toEqual([{ member: 'a', breaker: 'closed' }]);
    });

    it('and says nothing is left by all as soon as its breaker opens', async () => {
      const { clock, asked, readings, passedOver, answerWith } = await busy();
      answerWith(() => (asked.at(-1) === 'replica1' ? new Promise(() => {}) : Promise.resolve([])));
      await clock.advanceAsync(750);
      await turn();
      // The third took the place of the first, before the second was over too and the breaker opened.
      await clock.advanceAsync(750);
      const answers = await Promise.all(readings);
      expect(answers.map(({ member }) => member.address)).toEqual(Array(5).fill('p'));
      expect(asked.filter((replica) => replica === 'replica1')).toHaveLength(3);
      expect(passedOver.toSorted()).toEqual([
        ...Array(2).fill('a breakerOpen'),
        ...Array(3).fill('a timeout'),
      ]);
    });

    it('and leaves is left by all at once', async () => {
      const { change, readings, passedOver, answerWith, clock } = await busy();
      answerWith(async () => []);
      change([PRIMARY]);
      await Promise.all(readings);
      expect(passedOver.every((one) => one === 'a gone' || one === 'a breakerOpen')).toBe(true);
      expect(clock.now()).toBe(0);
    });
  });

  it('that no connection was free for is not taken for dead', async () => {
    const { fetch, answerWith, asked, source, passedOver } = open([PRIMARY, ONE]);
    const error = Object.assign(new Error('busy'), { name: 'MongoWaitQueueTimeoutError' });
    answerWith(async () => {
      if (asked.at(-1) === 'replica1') throw error;
      return [];
    });
    for (let read = 0; read < 4; read += 1) await fetch(['replica1']);
    expect(passedOver).toEqual(Array(4).fill('a busy'));
    expect(source.members()[0]).toEqual({ member: 'a', breaker: 'closed' });
  });

  it('that keeps failing is not asked while its breaker is open, then tried once', async () => {
    const { fetch, answerWith, asked, clock, source, passedOver } = open([PRIMARY, ONE]);
    answerWith(async () => {
      if (asked.at(-1) === 'replica1') throw new MongoNetworkError('closed');
      return [];
    });
    await fetch();
    await fetch();
    expect(source.members()).toEqual([
      { member: 'a', breaker: 'open' },
      { member: 'p', breaker: 'closed' },
    ]);
    asked.length = 0;
    await fetch();
    expect(asked).toEqual(['primary']);
    expect(passedOver.at(-1)).toBe('a breakerOpen');
    clock.advance(1_000);
    answerWith(async () => []);
    await expect(fetch()).resolves.toMatchObject({ member: { address: 'a' } });
    expect(source.members()[0]).toEqual({ member: 'a', breaker: 'closed' });
  });
});

describe('when nobody can answer', () => {
  it('the last resort is waited for', async () => {
    const { fetch, change } = open([]);
    const reading = fetch([]);
    await turn();
    change([PRIMARY]);
    await expect(reading).resolves.toMatchObject({ member: { address: 'p' } });
  });

  it('the read ends with everybody who was passed over', async () => {
    const { fetch, clock, answerWith } = open([ONE]);
    answerWith(() => Promise.reject(new MongoNetworkError('closed')));
    const reading = fetch();
    const end = reading.catch((error: unknown) => error);
    await clock.advanceAsync(SELECTION_MS);
    expect(await end).toMatchObject({
      code: 'NO_MEMBER',
      details: {
        pipelineClass: 'x',
        passedOver: [
          { member: '{"replica":"replica2"}', reason: 'absent' },
          { member: 'primary', reason: 'absent' },
          { member: 'a', reason: 'network' },
        ],
      },
    });
  });

  it('a read does not wait if waiting would not help', async () => {
    const { fetch, answerWith, clock } = open([PRIMARY, ONE]);
    answerWith(() => Promise.reject(new MongoNetworkError('closed')));
    await expect(fetch(['replica1'])).rejects.toMatchObject({ code: 'NO_MEMBER' });
    expect(clock.now()).toBe(0);
  });
});
