import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { AggregationCacheError, definePipelineClass } from '../../src/index.js';
import { InMemoryRemote } from '../../src/testing/index.js';
import { FakeSource } from '../support/fake-source.js';
import { Gate } from '../support/gate.js';
import { settle, startProcess } from '../support/process.js';

const TTL_MS = 10_000;

type Options = Partial<Parameters<typeof definePipelineClass<void, { value: string }>>[0]>;

const classWith = (options: Options) =>
  definePipelineClass<void, { value: string }>({
    name: 'prices',
    collection: 'prices',
    pipeline: [],
    ttlMs: TTL_MS,
    ttlJitter: 0,
    earlyRefresh: 0,
    ...options,
  });

const noMember = () =>
  new AggregationCacheError('NO_MEMBER', 'nobody', { pipelineClass: 'prices', passedOver: [] });

const alone = (random?: () => number) => {
  const clock = new ManualClock();
  const process = startProcess({ clock, ...(random && { random }) });
  const read = (one: ReturnType<typeof classWith>) => process.engine.read(one, undefined, {});
  return { clock, read, ...process };
};

describe('stale while revalidate', () => {
  const prices = classWith({ staleWhileRevalidateMs: 5_000 });

  it('answers the old rows at once and loads the new ones, once', async () => {
    const { clock, read, source, named } = alone();
    await read(prices);
    source.rows = [{ value: 'new' }];
    clock.advance(TTL_MS + 1);
    const gate = new Gate();
    source.beforeAnswer = () => gate.pass();
    const answers = await Promise.all([read(prices), read(prices), read(prices)]);
    expect(answers.map(({ rows }) => rows[0]?.value)).toEqual(['old', 'old', 'old']);
    expect(answers[0]?.explain()).toMatchObject({ stale: true, cache: 'HIT' });
    gate.open();
    await settle();
    expect(source.requests).toHaveLength(2);
    expect((await read(prices)).rows[0]?.value).toBe('new');
    expect(named('servedStale')).toHaveLength(3);
    expect(named('refreshing')).toEqual([
      expect.objectContaining({ pipelineClass: 'prices', reason: 'stale' }),
    ]);
  });

  it('ends with its window', async () => {
    const { clock, read, source } = alone();
    await read(prices);
    source.rows = [{ value: 'new' }];
    clock.advance(TTL_MS + 5_000);
    expect((await read(prices)).rows[0]?.value).toBe('new');
  });

  it('never answers what was invalidated', async () => {
    const { clock, read, source, engine } = alone();
    await read(prices);
    clock.advance(TTL_MS + 1);
    source.rows = [{ value: 'new' }];
    await engine.invalidate({ collections: ['prices'] });
    expect((await read(prices)).rows[0]?.value).toBe('new');
  });

  it('tells when the load in the background fails, and fails nobody', async () => {
    const { clock, read, source, named } = alone();
    await read(prices);
    clock.advance(TTL_MS + 1);
    source.beforeAnswer = async () => Promise.reject(noMember());
    expect((await read(prices)).rows[0]?.value).toBe('old');
    await settle();
    expect(named('refreshFailed')).toMatchObject([{ error: { code: 'NO_MEMBER' } }]);
  });

  it('holds in another process too, which has it from the remote store', async () => {
    const clock = new ManualClock();
    const remote = new InMemoryRemote({ clock });
    const source = new FakeSource();
    const start = () => startProcess({ clock, store: remote.connect(), source });
    await start().engine.read(prices, undefined, {});
    await settle();
    await clock.advanceAsync(TTL_MS + 1);
    source.rows = [{ value: 'new' }];
    const other = start();
    const answer = await other.engine.read(prices, undefined, {});
    expect(answer.rows[0]?.value).toBe('old');
    expect(answer.explain().stale).toBe(true);
    await settle();
    expect((await other.engine.read(prices, undefined, {})).rows[0]?.value).toBe('new');
  });
});

describe('stale if error', () => {
  const prices = classWith({ staleIfErrorMs: 60_000, negativeMs: 0 });

  it('answers the old rows when the database fails, for as long as its window', async () => {
    const { clock, read, source, named } = alone();
    await read(prices);
    clock.advance(TTL_MS + 59_000);
    source.beforeAnswer = async () => Promise.reject(noMember());
    expect((await read(prices)).rows[0]?.value).toBe('old');
    expect(named('servedStale')).toMatchObject([{ reason: 'failed', ageMs: TTL_MS + 59_000 }]);
    clock.advance(1_001);
    await expect(read(prices)).rejects.toMatchObject({ code: 'NO_MEMBER' });
  });

  it('does not hide the failure when the rows were invalidated while it was asked', async () => {
    const { clock, read, source, engine } = alone();
    await read(prices);
    clock.advance(TTL_MS + 1);
    const gate = new Gate();
    source.beforeAnswer = async () => {
      await gate.pass();
      throw noMember();
    };
    const reading = read(prices);
    await gate.reached;
    await engine.invalidate({ collections: ['prices'] });
    gate.open();
    await expect(reading).rejects.toMatchObject({ code: 'NO_MEMBER' });
  });

  it('after a soft time-out answers the old rows, and keeps the new ones when they come', async () => {
    const { clock, read, source, named } = alone();
    const soft = classWith({ staleIfErrorMs: 60_000, softTimeoutMs: 200 });
    await read(soft);
    clock.advance(TTL_MS + 1);
    source.rows = [{ value: 'new' }];
    const gate = new Gate();
    source.beforeAnswer = () => gate.pass();
    const reading = read(soft);
    await gate.reached;
    clock.advance(200);
    expect((await reading).rows[0]?.value).toBe('old');
    expect(named('servedStale')).toMatchObject([{ reason: 'softTimeout' }]);
    gate.open();
    await settle();
    expect((await read(soft)).rows[0]?.value).toBe('new');
  });
});

describe('a load that fails late', () => {
  const open = async () => {
    const { clock, read, source, named } = alone();
    const soft = classWith({ staleIfErrorMs: 5_000, softTimeoutMs: 200 });
    await read(soft);
    clock.advance(TTL_MS + 1);
    const gate = new Gate();
    source.beforeAnswer = async () => {
      await gate.pass();
      throw new Error('the member is gone');
    };
    const reading = read(soft);
    await gate.reached;
    return { clock, named, gate, reading };
  };

  it('after a soft time-out is told once, as a refresh that failed', async () => {
    const { clock, named, gate, reading } = await open();
    clock.advance(200);
    expect((await reading).rows[0]?.value).toBe('old');
    gate.open();
    await settle();
    expect(named('servedStale')).toHaveLength(1);
    expect(named('refreshFailed')).toHaveLength(1);
  });
});

describe('rows that were good enough when the load began', () => {
  it('are no answer when it fails, if they are too old by then', async () => {
    const { clock, read, source } = alone();
    const lenient = classWith({ staleIfErrorMs: 5_000 });
    await read(lenient);
    clock.advance(TTL_MS + 1);
    const gate = new Gate();
    source.beforeAnswer = async () => {
      await gate.pass();
      throw new Error('the member is gone');
    };
    const reading = read(lenient);
    await gate.reached;
    clock.advance(5_000);
    gate.open();
    await expect(reading).rejects.toThrow('the member is gone');
  });
});

describe('a hard time-out', () => {
  it("ends a reader's wait, not the load", async () => {
    const { clock, read, source } = alone();
    const hard = classWith({ hardTimeoutMs: 300 });
    const gate = new Gate();
    source.beforeAnswer = () => gate.pass();
    const reading = read(hard);
    await gate.reached;
    clock.advance(300);
    await expect(reading).rejects.toMatchObject({
      code: 'READ_TIMEOUT',
      details: { pipelineClass: 'prices', hardTimeoutMs: 300 },
    });
    gate.open();
    await settle();
    expect((await read(hard)).source).toBe('memory');
  });
});

describe('early refresh', () => {
  it('is drawn by chance near the end of the rows, and spares everybody the wait', async () => {
    let luck = 0;
    const { clock, read, source, named } = alone(() => luck);
    const prices = classWith({ earlyRefresh: 1 });
    source.beforeAnswer = async () => {
      clock.advance(100);
    };
    await read(prices);
    source.rows = [{ value: 'new' }];
    clock.advance(TTL_MS - 300);
    expect((await read(prices)).rows[0]?.value).toBe('old');
    expect(named('refreshing')).toHaveLength(0);
    luck = 0.99;
    expect((await read(prices)).rows[0]?.value).toBe('old');
    expect(named('refreshing')).toMatchObject([{ reason: 'early' }]);
    await settle();
    expect((await read(prices)).rows[0]?.value).toBe('new');
  });
});

describe('the negative window', () => {
  const failing = async () => Promise.reject(noMember());

  it('spares a failing database the same question', async () => {
    const { clock, read, source, named } = alone();
    const prices = classWith({ negativeMs: 1_000 });
    source.beforeAnswer = failing;
    for (let n = 0; n < 5; n += 1) {
      await expect(read(prices)).rejects.toMatchObject({ code: 'NO_MEMBER' });
    }
    expect(source.requests).toHaveLength(1);
    expect(named('failedFast')).toHaveLength(4);
    clock.advance(1_000);
    source.beforeAnswer = async () => {};
    expect((await read(prices)).rows).toHaveLength(1);
  });

  it('ends when the data was invalidated', async () => {
    const { read, source, engine } = alone();
    const prices = classWith({ negativeMs: 1_000 });
    source.beforeAnswer = failing;
    await expect(read(prices)).rejects.toThrow('nobody');
    source.beforeAnswer = async () => {};
    await engine.invalidate({ collections: ['prices'] });
    expect((await read(prices)).rows).toHaveLength(1);
  });

  it('of a reader who has seen a write is none of those who have not', async () => {
    const { engine, read, source } = alone();
    const prices = classWith({ negativeMs: 1_000 });
    const readAfter = (t: number) =>
      engine.read(prices, undefined, { after: { operationTime: new Timestamp({ t, i: 1 }) } });
    // No member has got as far yet.
    source.beforeAnswer = async ({ after }) => {
      if (after !== undefined) throw noMember();
    };
    await expect(readAfter(5)).rejects.toThrow('nobody');
    await expect(readAfter(6)).rejects.toThrow('nobody');
    expect(source.requests).toHaveLength(1);
    expect((await read(prices)).rows).toHaveLength(1);
    await expect(readAfter(4)).rejects.toThrow('nobody');
    expect(source.requests).toHaveLength(3);
  });

  it('can be switched off', async () => {
    const { read, source } = alone();
    const prices = classWith({ negativeMs: 0 });
    source.beforeAnswer = failing;
    for (let n = 0; n < 3; n += 1) await expect(read(prices)).rejects.toThrow('nobody');
    expect(source.requests).toHaveLength(3);
  });

  it('of an empty result is a life of its own', async () => {
    const { clock, read, source } = alone();
    const prices = classWith({ emptyTtlMs: 500 });
    source.rows = [];
    await read(prices);
    clock.advance(499);
    expect((await read(prices)).source).toBe('memory');
    clock.advance(1);
    expect((await read(prices)).source).toBe('member');
  });
});
