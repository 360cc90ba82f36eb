import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { BSON, MongoNetworkError, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import {
  ONE,
  openFakeSource,
  PRIMARY,
  SELECTION_MS,
  TWO,
  turn,
} from '../../test/support/fake-members.js';

const TWO_LEADS = [
  { ...PRIMARY, type: 'RSSecondary' },
  { ...TWO, type: 'RSPrimary' },
];
const UNKNOWN = { address: 'a', type: 'Unknown' };

describe('a client', () => {
  it('that is not connected is, by the first read, however that ends', async () => {
    const { fetch, change, client, state } = openFakeSource([]);
    const { topology } = client as unknown as { topology: { description: object } };
    expect(state.connects).toBe(0);
    // Nothing is known of its topology.
    change([]);
    client.emit('topologyDescriptionChanged', {
      newDescription: { ...topology.description, type: 'Unknown' },
    });
    const reading = fetch([]);
    await turn();
    expect(state.connects).toBe(1);
    change([PRIMARY]);
    await expect(reading).resolves.toMatchObject({ member: { address: 'p' } });
  });

  it('is connected by whoever only wants to know that it is ready, and waited for as long', async () => {
    const { source, client, clock, state } = openFakeSource([]);
    client.emit('topologyDescriptionChanged', {
      newDescription: {
        type: 'Unknown',
        servers: new Map([['a', { ...UNKNOWN, tags: {}, error: null }]]),
      },
    });
    clock.advance(500);
    let isReady = false;
    const ready = source.ready([]).then(() => {
      isReady = true;
    });
    expect(state.connects).toBe(1);
    await clock.advanceAsync(SELECTION_MS - 1);
    expect(isReady).toBe(false);
    await clock.advanceAsync(1);
    expect(isReady).toBe(true);
    await ready;
  });

  it('that could not be connected says why, to who waits for it and to who reads', async () => {
    const { source, fetch, client, clock } = openFakeSource([]);
    const servers = new Map([['a', { ...UNKNOWN, tags: {}, error: null }]]);
    client.emit('topologyDescriptionChanged', { newDescription: { type: 'Unknown', servers } });
    const ready = source.ready([]);
    await clock.advanceAsync(SELECTION_MS);
    await expect(ready).resolves.toEqual([
      'No member of the database can be reached (Nobody is there): until one can, only what is kept is answered.',
    ]);
    const reading = fetch(['replica1']).catch((error: unknown) => error);
    await clock.advanceAsync(SELECTION_MS);
    await expect(reading).resolves.toMatchObject({
      code: 'NO_MEMBER',
      cause: { message: 'Nobody is there.' },
    });
  });

  it('that is connected is left alone, and so it is after the end', async () => {
    const { fetch, state, source, client } = openFakeSource([PRIMARY]);
    await fetch([]);
    expect(state.connects).toBe(0);
    expect(client.listenerCount('topologyDescriptionChanged')).toBe(1);
    source.close();
    expect(client.listenerCount('topologyDescriptionChanged')).toBe(0);
  });

  it('keeps nobody waiting after the end', async () => {
    const { fetch, source, clock } = openFakeSource([{ address: 'x', type: 'Unknown' }]);
    const ended = Promise.allSettled([fetch(), source.ready([])]);
    await turn();
    source.close();
    const closed = { reason: { code: 'CLOSED' } };
    expect(await ended).toMatchObject([closed, closed]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('knows times, unless it is of a server on its own', () => {
    expect(openFakeSource([PRIMARY, ONE]).source.knowsTimes).toBe(true);
    expect(openFakeSource([]).source.knowsTimes).toBe(true);
    const alone = openFakeSource([{ address: 'x', type: 'Standalone' }]);
    expect(alone.source.knowsTimes).toBe(false);
  });

  it('is asked how far it is, and its members how far they are', async () => {
    const { source, commandsWith, fetch, clock } = openFakeSource([PRIMARY, ONE]);
    const sent: unknown[] = [];
    commandsWith(async (member, command) => {
      sent.push([member, command]);
      return {};
    });
    expect(await source.currentPoint()).toEqual({
      operationTime: new Timestamp({ t: 5, i: 0 }),
      clusterTime: undefined,
    });
    expect(sent).toEqual([['primary', { ping: 1 }]]);
    await fetch([]);
    await clock.advanceAsync(0);
    expect(sent.slice(1)).toEqual([
      ['primary', { hello: 1 }],
      ['replica1', { hello: 1 }],
    ]);
    source.close();
    await clock.advanceAsync(10_000);
    expect(sent).toHaveLength(3);
  });
});

describe('a read that waits', () => {
  it('tells each absence once, and asks nobody twice', async () => {
    const { fetch, change, asked, passedOver, answerWith, clock } = openFakeSource([ONE]);
    answerWith(async (member) => {
      if (member === 'replica1') throw new MongoNetworkError('closed');
      return [];
    });
    const reading = fetch();
    await turn();
    change([ONE]);
    await turn();
    change([PRIMARY, ONE]);
    await expect(reading).resolves.toMatchObject({ member: { address: 'p' } });
    expect(asked).toEqual(['replica1', 'primary']);
    expect(passedOver).toEqual(['{"replica":"replica2"} absent', 'primary absent', 'a network']);
    expect(clock.pendingTimers).toBeLessThanOrEqual(1);
  });

  it.each([
    ['another one', TWO_LEADS],
    ['itself', [PRIMARY, TWO]],
  ])('outlasts the election at which its member steps down, be %s the next', async (_, next) => {
    const { fetch, change, asked, answerWith } = openFakeSource([PRIMARY, TWO]);
    answerWith(async () => {
      if (asked.length > 1) return [];
      change([{ ...PRIMARY, type: 'RSSecondary' }, TWO]);
      throw Object.assign(new Error('stepped down'), { code: 189 });
    });
    const reading = fetch([]);
    await turn();
    change(next);
    const { address } = next.find(({ type }) => type === 'RSPrimary') ?? PRIMARY;
    await expect(reading).resolves.toMatchObject({ member: { address } });
    expect(asked).toEqual(['primary', 'primary']);
  });

  it('asks a member again that could not answer as a secondary, and is the primary by now', async () => {
    const { fetch, change, asked, answerWith } = openFakeSource([
      { ...PRIMARY, type: 'RSSecondary' },
      TWO,
    ]);
    answerWith(async (member) => {
      if (member === 'primary') return [];
      change(TWO_LEADS);
      throw Object.assign(new Error('in recovery'), { code: 13_436 });
    });
    const { address } = TWO;
    await expect(fetch(['replica2'])).resolves.toMatchObject({ member: { address } });
    expect(asked).toEqual(['replica2', 'primary']);
  });

  it('asks at once who came while it asked others, though they change no more', async () => {
    const { fetch, change, asked, answerWith } = openFakeSource([ONE]);
    answerWith(async (member) => {
      if (member === 'primary') return [];
      change([PRIMARY, ONE]);
      throw new MongoNetworkError('closed');
    });
    await expect(fetch(['replica1'])).resolves.toMatchObject({ member: { address: 'p' } });
    expect(asked).toEqual(['replica1', 'primary']);
  });

  it('asks one that comes back once more, not again and again', async () => {
    const { fetch, change, asked, answerWith } = openFakeSource([PRIMARY, TWO]);
    answerWith(async () => {
      if (asked.length === 1) change([TWO]);
      throw new MongoNetworkError('closed');
    });
    const reading = fetch([]);
    await turn();
    change([PRIMARY, TWO]);
    await expect(reading).rejects.toMatchObject({ code: 'NO_MEMBER' });
    expect(asked).toEqual(['primary', 'primary']);
  });

  it('hears of one change, and leaves neither listener nor timer behind', async () => {
    const manual = new ManualClock();
    let running = 0;
    let ends = 0;
    const clock = {
      now: () => manual.now(),
      wallTime: () => manual.wallTime(),
      setTimer: (callback: () => void, ms: number) => {
        const cancel = manual.setTimer(callback, ms);
        if (ms > SELECTION_MS / 2) running += 1;
        return () => {
          if (ms > SELECTION_MS / 2) ends += 1;
          cancel();
        };
      },
    };
    const { fetch, change } = openFakeSource([PRIMARY, UNKNOWN], { clock });
    const reading = fetch(['replica1']);
    await turn();
    change([PRIMARY, ONE]);
    await reading;
    change([PRIMARY, ONE, TWO]);
    expect([running, ends]).toEqual([1, 1]);
  });

  it('is ended by its signal', async () => {
    const { fetch, change } = openFakeSource([]);
    const controller = new AbortController();
    const reading = fetch([], { signal: controller.signal });
    await turn();
    controller.abort(new Error('enough'));
    change([]);
    await expect(reading).rejects.toThrow('enough');
  });
});

describe('a member that lags', () => {
  it('is asked up to its budget, and not beyond', async () => {
    const set = openFakeSource([PRIMARY, ONE], { lagProbeMs: 100, lagBudgetMs: 150 });
    set.commandsWith(async (member) => {
      if (member === 'primary') return {};
      throw new Error('no');
    });
    await set.fetch(['replica1']);
    await set.clock.advanceAsync(150);
    expect(set.source.members()[1]).toMatchObject({ address: 'a', lagMs: 150 });
    expect(await set.fetch(['replica1'])).toMatchObject({ member: { address: 'a' } });
    set.clock.advance(1);
    expect(await set.fetch(['replica1'])).toMatchObject({ member: { address: 'p' } });
    expect(set.passedOver).toEqual(['a lagging']);
    const pipelineClass = set.classOf({ members: ['replica1'], lagBudgetMs: 151 });
    expect(await set.fetch({}, { pipelineClass })).toMatchObject({ member: { address: 'a' } });
  });
});

describe('a stream', () => {
  const row = (n: number) => BSON.serialize({ n });
  const read = async (batches: AsyncIterable<readonly Uint8Array[]>) => {
    const seen: number[] = [];
    for await (const batch of batches)
      for (const bytes of batch) seen.push(BSON.deserialize(bytes).n as number);
    return seen;
  };
  /** Two batches, and what comes after them. */
  const openStream = (after: () => Promise<Uint8Array[] | undefined>) => {
    const set = openFakeSource([PRIMARY, ONE, TWO]);
    const batches = [[row(1)], [row(2), row(3)]];
    set.streamWith(async () => batches.shift() ?? after());
    return set;
  };
  const fails = (error: unknown) => () => Promise.reject(error);

  it('comes from the first wanted member, with all that is known of it', async () => {
    const { stream } = openStream(async () => undefined);
    const { batches, ...header } = await stream();
    expect(header).toMatchObject({
      member: { address: 'a' },
      storable: true,
      attempts: [{ member: 'a', outcome: 'answered' }],
    });
    expect(await read(batches)).toEqual([1, 2, 3]);
  });

  it('comes from the next one, if the first has no rows at all', async () => {
    const { stream, streamWith, passedOver } = openFakeSource([PRIMARY, ONE, TWO]);
    streamWith(async (member) => {
      if (member === 'replica1') throw new MongoNetworkError('closed');
      return undefined;
    });
    expect((await stream()).member.address).toBe('b');
    expect(passedOver).toEqual(['a network']);
  });

  it('that breaks off has no other member, and is bad for this one', async () => {
    const cause = new MongoNetworkError('closed');
    const { stream, source, asked } = openStream(fails(cause));
    const { batches } = await stream();
    await expect(read(batches)).rejects.toMatchObject({
      code: 'NO_MEMBER',
      details: { passedOver: [{ member: 'a', reason: 'network' }] },
      cause,
    });
    expect(new Set(asked)).toEqual(new Set(['replica1']));
    // Two are needed: one good begin, one bad end.
    expect(source.members()[1]).toMatchObject({ address: 'a', asked: 1, breaker: 'open' });
  });

  it('that breaks off at a member whose breaker is open already says the same', async () => {
    const { stream, source, fetch, answerWith } = openStream(fails(new MongoNetworkError('x')));
    const { batches } = await stream();
    answerWith(fails(Object.assign(new Error('busy'), { code: 462 })));
    await fetch({ members: ['replica1'], primary: 'never' }).catch(() => {});
    expect(source.members()[1]).toMatchObject({ address: 'a', breaker: 'open' });
    await expect(read(batches)).rejects.toMatchObject({ code: 'NO_MEMBER' });
  });

  it('whose question is refused in the middle ends for that', async () => {
    const { stream, source } = openStream(fails(Object.assign(new Error('no'), { code: 17 })));
    const { batches } = await stream();
    await expect(read(batches)).rejects.toMatchObject({ code: 'QUERY_FAILED' });
    expect(source.members()[1]).toMatchObject({ address: 'a', breaker: 'closed' });
  });

  it('that comes too late is ended on the server', async () => {
    const set = openFakeSource([PRIMARY, ONE, TWO]);
    const pipelineClass = set.classOf({ hedgeDelayMs: 20 });
    set.streamWith(
      (member) =>
        new Promise((resolve) => {
          set.clock.setTimer(() => resolve([row(1)]), member === 'replica1' ? 90 : 0);
        }),
    );
    for (let n = 0; n < 20; n += 1) await set.fetch({}, { pipelineClass });
    const streaming = set.stream({ pipelineClass });
    await set.clock.advanceAsync(20);
    expect((await streaming).member.address).toBe('b');
    expect(set.state.closedCursors).toBe(0);
    await set.clock.advanceAsync(70);
    await turn();
    expect(set.state.closedCursors).toBe(1);
  });
});

describe('a read that was overtaken', () => {
  it('is slow by the delay of its class', async () => {
    const set = openFakeSource([PRIMARY, ONE, TWO], {
      memberBreaker: { minimumCalls: 1, consecutiveFailures: 1, openForMs: 5_000 },
    });
    const pipelineClass = set.classOf({ hedgeDelayMs: 50, maxTimeMs: 5_000 });
    for (let n = 0; n < 20; n += 1) await set.fetch({}, { pipelineClass });
    set.answerWith((member) =>
      member === 'replica1' ? new Promise(() => {}) : Promise.resolve([]),
    );
    const reading = set.fetch({}, { pipelineClass });
    await set.clock.advanceAsync(50);
    expect((await reading).member.address).toBe('b');
    await set.clock.advanceAsync(99);
    expect(set.source.members()[1]).toMatchObject({ address: 'a', breaker: 'closed' });
    await set.clock.advanceAsync(1);
    expect(set.source.members()[1]).toMatchObject({ address: 'a', breaker: 'open' });
  });

  it('has spent what its class had saved up', async () => {
    const set = openFakeSource([PRIMARY, ONE, TWO]);
    const hedged: unknown[] = [];
    set.events.on('hedged', (event) => {
      hedged.push(event);
    });
    const pipelineClass = set.classOf({ hedgeDelayMs: 50, maxTimeMs: 5_000 });
    for (let n = 0; n < 20; n += 1) await set.fetch({}, { pipelineClass });
    set.answerWith((member) =>
      member === 'replica1' ? new Promise(() => {}) : Promise.resolve([]),
    );
    void set.fetch({}, { pipelineClass });
    await set.clock.advanceAsync(50);
    expect(hedged).toHaveLength(1);
    const second = set.fetch({}, { pipelineClass });
    await set.clock.advanceAsync(100);
    expect(hedged).toHaveLength(1);
    await set.clock.advanceAsync(10_000);
    await second;
  });
});
