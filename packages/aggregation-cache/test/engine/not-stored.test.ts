import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { definePipelineClass, type RemoteStore } from '../../src/index.js';
import { InMemoryRemote } from '../../src/testing/index.js';
import { contracts } from '../support/classes.js';
import { settle, startProcess } from '../support/process.js';

const MEBIBYTE = 1024 * 1024;

const open = ({ maxEntryBytes = 10 * MEBIBYTE, wrap = (store: RemoteStore) => store } = {}) => {
  const clock = new ManualClock();
  const remote = new InMemoryRemote({ clock });
  const alone = startProcess({ clock, maxEntryBytes });
  const shared = startProcess({ clock, maxEntryBytes, store: wrap(remote.connect()) });
  return { clock, remote, alone, shared };
};

const rowsOf = (bytes: number) => [{ value: 'x'.repeat(bytes) }];

const readAll = async ({ engine }: ReturnType<typeof startProcess>, id = 1): Promise<unknown[]> => {
  const seen: unknown[] = [];
  for await (const rows of engine.stream(contracts, { id }, {})) seen.push(...rows);
  return seen;
};

describe('a result that is answered and not kept is told of, once', () => {
  it('that is larger than an entry may be', async () => {
    const { remote, shared } = open({ maxEntryBytes: 1_024 });
    shared.source.rows = rowsOf(2_000);
    await shared.engine.read(contracts, { id: 1 }, {});
    await settle();
    expect(shared.named('notStored')).toMatchObject([{ reason: 'tooLarge', tier: undefined }]);
    expect(remote.keys()).toEqual([]);
  });

  it('that is larger than all of memory, though the remote store has it', async () => {
    const { remote, alone, shared } = open();
    for (const process of [alone, shared]) {
      process.source.rows = rowsOf(2 * MEBIBYTE);
      await process.engine.read(contracts, { id: 1 }, {});
      await settle();
      expect(process.named('notStored')).toMatchObject([{ reason: 'tooLarge', tier: 'memory' }]);
      expect(process.engine.stats().memory.entries).toBe(0);
      // Until what is being written has been.
      await process.engine.close();
    }
    expect(remote.keys()).toHaveLength(1);
  });

  it('that memory gives up at once for what is worth more', async () => {
    const { alone } = open();
    const { engine, source, named } = alone;
    source.rows = rowsOf(10_000);
    for (let round = 0; round < 5; round += 1) {
      for (let id = 0; id < 30; id += 1) await engine.read(contracts, { id }, {});
    }
    expect(named('notStored')).toEqual([]);
    source.rows = rowsOf(0.9 * MEBIBYTE);
    await engine.read(contracts, { id: 99 }, {});
    expect(named('notStored')).toMatchObject([{ reason: 'outweighed', tier: 'memory' }]);
    expect((await engine.read(contracts, { id: 99 }, {})).cache).toBe('MISS');
  });

  it('that the remote store refuses, though memory has it', async () => {
    const refuse = (store: RemoteStore): RemoteStore =>
      Object.assign(Object.create(store), { store: async () => 'refused' });
    const { shared } = open({ wrap: refuse });
    await shared.engine.read(contracts, { id: 1 }, {});
    await settle();
    expect(shared.named('notStored')).toMatchObject([{ reason: 'tooLarge', tier: 'remote' }]);
    expect((await shared.engine.read(contracts, { id: 1 }, {})).cache).toBe('HIT');
  });

  it('that took longer to load than it may be kept', async () => {
    const { clock, remote, shared } = open();
    const short = definePipelineClass({
      name: 'short',
      collection: 'a',
      pipeline: [],
      ttlMs: 100,
      ttlJitter: 0,
    });
    shared.source.beforeAnswer = async () => clock.advance(100);
    await shared.engine.read(short, undefined, {});
    await settle();
    expect(shared.named('notStored')).toMatchObject([{ reason: 'expired', tier: undefined }]);
    expect(shared.engine.stats().memory.entries).toBe(0);
    expect(remote.keys()).toEqual([]);
  });
});

describe('a stream', () => {
  it('of too many bytes counts as an answer that is not kept', async () => {
    const { alone } = open({ maxEntryBytes: 1_024 });
    alone.source.rows = [...rowsOf(600), ...rowsOf(600), ...rowsOf(600)];
    expect(await readAll(alone)).toHaveLength(3);
    expect(alone.named('filled')).toMatchObject([{ rows: 3, bytes: expect.closeTo(1_860, -2) }]);
    expect(alone.named('notStored')).toMatchObject([{ reason: 'tooLarge' }]);
  });

  it('of rows that can be kept nowhere says why', async () => {
    const { alone } = open({ maxEntryBytes: 1_024 });
    alone.source.rows = rowsOf(2_000);
    const sample = definePipelineClass({
      name: 'sample',
      collection: 'a',
      pipeline: [{ $sample: { size: 1 } }],
    });
    for await (const rows of alone.engine.stream(sample, undefined, {})) {
      expect(rows).toHaveLength(1);
    }
    expect(alone.named('notStored')).toMatchObject([{ reason: 'uncacheable', detail: '$sample' }]);
  });
});
