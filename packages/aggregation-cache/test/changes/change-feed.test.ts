import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { ChangeListener, ChangeSource } from '../../src/changes/change-source.js';
import { definePipelineClass } from '../../src/index.js';
import { InMemoryRemote } from '../../src/testing/index.js';
import { FakeSource } from '../support/fake-source.js';
import { settle, startProcess } from '../support/process.js';

const at = (t: number) => ({ operationTime: new Timestamp({ t, i: 1 }) });
const token = (n: number) => Buffer.of(n);
const STALL_MS = 5_000;
const CONTRACTS = ['c:shop.contracts', 'd:shop.contracts:i1'];

const contracts = definePipelineClass<void, { value: string }>({
  name: 'contracts',
  collection: 'contracts',
  pipeline: [],
  ttlJitter: 0,
});

interface Opened {
  readonly from: Uint8Array | undefined;
  readonly startAt: { readonly operationTime: Timestamp } | undefined;
  readonly listener: ChangeListener;
  isOpen: boolean;
}

/** Streams that the test speaks through. */
class FakeChanges implements ChangeSource {
  readonly opened: Opened[] = [];

  open(...[from, startAt, listener]: Parameters<ChangeSource['open']>): () => void {
    const stream = { from, startAt, listener, isOpen: true };
    this.opened.push(stream);
    return () => {
      stream.isOpen = false;
    };
  }

  get last(): Opened {
    const stream = this.opened.at(-1);
    if (stream === undefined) throw new Error('No stream was opened.');
    return stream;
  }
}

const fleet = () => {
  const clock = new ManualClock();
  const remote = new InMemoryRemote({ clock });
  const start = () => {
    const source = new FakeSource();
    source.point = at(100);
    const stream = new FakeChanges();
    // As seen from this process alone: a test may take it away.
    const store = Object.assign(Object.create(null), remote.connect(), { state: 'ready' });
    const changes = { source: stream, name: 'shop', stallMs: STALL_MS };
    return { ...startProcess({ clock, store, source, changes }), stream, store };
  };
  const read = async ({ engine }: ReturnType<typeof start>) =>
    (await engine.read(contracts, undefined, {})).rows[0]?.value;
  const roles = (...all: ReturnType<typeof start>[]) =>
    all.map(({ engine }) => engine.stats().changes.role);
  return { clock, remote, start, read, roles };
};

describe('the processes of a fleet', () => {
  it('watch the database by one stream', async () => {
    const { clock, start, roles } = fleet();
    const [one, other] = [start(), start()];
    await clock.advanceAsync(2_000);
    expect(roles(one, other)).toEqual(['leader', 'follower']);
    expect([one.stream.opened.length, other.stream.opened.length]).toEqual([1, 0]);
    expect(one.named('changesLed')).toHaveLength(1);
  });

  it('begin an epoch where nobody watched before, and watch from its time on', async () => {
    const { clock, start } = fleet();
    const one = start();
    await clock.advanceAsync(0);
    expect(one.stream.last).toMatchObject({ from: undefined, startAt: at(100) });
    expect(one.named('invalidated').at(-1)).toMatchObject({ dependencies: ['*'], by: 'changes' });
  });

  it('all hear of a change, with its time', async () => {
    const { clock, start, read } = fleet();
    const [one, other] = [start(), start()];
    await clock.advanceAsync(10);
    await read(other);
    other.source.rows = [{ value: 'new' }];
    one.stream.last.listener.changed({ dependencies: new Set(CONTRACTS), after: at(120) });
    await settle();
    expect(await read(other)).toBe('new');
    expect(other.source.requests.at(-1)?.after).toEqual(at(120));
  });

  it('have another leader within two seconds of the death of one, who goes on where it was', async () => {
    const { clock, start, roles } = fleet();
    const one = start();
    await clock.advanceAsync(500);
    one.stream.last.listener.reached(token(7));
    await clock.advanceAsync(800);
    // From here on, the leader does nothing any more: it cannot reach the store.
    const other = start();
    one.store.state = 'away';
    await clock.advanceAsync(2_000);
    expect(roles(other)).toEqual(['leader']);
    expect(other.stream.last.from).toEqual(token(7));
    expect(other.named('invalidated')).toEqual([]);
  });

  it('have another leader who goes on before a change that none of them could be told of', async () => {
    const { clock, start, roles } = fleet();
    const one = start();
    await clock.advanceAsync(500);
    one.stream.last.listener.reached(token(7));
    await clock.advanceAsync(500);
    const { invalidate } = one.store;
    one.store.invalidate = async () => {
      throw new Error('slow');
    };
    one.stream.last.listener.changed({ dependencies: new Set(CONTRACTS), after: at(120) });
    one.stream.last.listener.reached(token(8));
    await clock.advanceAsync(500);
    one.store.state = 'away';
    const other = start();
    await clock.advanceAsync(2_000);
    expect(roles(other)).toEqual(['leader']);
    expect(other.stream.last.from).toEqual(token(7));
    // Told after all, the place behind it is saved.
    other.store.invalidate = one.store.invalidate;
    other.stream.last.listener.changed({ dependencies: new Set(CONTRACTS), after: at(120) });
    other.stream.last.listener.reached(token(8));
    await clock.advanceAsync(500);
    other.store.invalidate = invalidate;
    await clock.advanceAsync(500);
    other.store.state = 'away';
    const last = start();
    await clock.advanceAsync(2_000);
    expect(last.stream.last.from).toEqual(token(8));
  });

  it('have another leader at once when one closes', async () => {
    const { clock, start, roles } = fleet();
    const [one, other] = [start(), start()];
    await clock.advanceAsync(500);
    const stream = one.stream.last;
    await one.engine.close();
    expect(stream.isOpen).toBe(false);
    await clock.advanceAsync(401);
    expect(roles(other)).toEqual(['leader']);
  });
});

describe('a change stream', () => {
  it('that has lost its place makes everything void, and begins again', async () => {
    const { clock, start, read } = fleet();
    const one = start();
    await clock.advanceAsync(10);
    await read(one);
    // A place it has, but there is no going on from it.
    one.stream.last.listener.reached(token(1));
    const error = new Error('the history is gone');
    one.source.rows = [{ value: 'new' }];
    one.source.point = at(200);
    one.stream.last.listener.ended({ kind: 'historyLost', error });
    await clock.advanceAsync(150);
    expect(one.stream.last).toMatchObject({ from: undefined, startAt: at(200) });
    expect(await read(one)).toBe('new');
    expect(one.named('changesEnded')).toEqual([{ reason: 'historyLost', error }]);
  });

  it('that failed goes on from where it was, after a pause that grows', async () => {
    const { clock, start } = fleet();
    const one = start();
    await clock.advanceAsync(10);
    one.stream.last.listener.reached(token(3));
    const openedAt: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const { opened } = one.stream;
      const before = opened.length;
      const endedAt = clock.now();
      one.stream.last.listener.ended({ kind: 'failed', error: new Error('cut') });
      while (opened.length === before) await clock.advanceAsync(50);
      openedAt.push(clock.now() - endedAt);
      expect(one.stream.last.from).toEqual(token(3));
    }
    expect(openedAt).toEqual([100, 200, 400, 800]);
  });

  it('that the database refuses is told of once, and everything else goes on', async () => {
    const { clock, start, read, roles } = fleet();
    const one = start();
    await clock.advanceAsync(10);
    one.stream.last.listener.ended({ kind: 'refused', error: new Error('no right') });
    await clock.advanceAsync(60_000);
    expect(one.named('changesUnavailable')).toHaveLength(1);
    expect(one.named('changesStalled')).toEqual([]);
    expect(roles(one)).toEqual(['off']);
    await read(one);
    expect((await one.engine.read(contracts, undefined, {})).source).toBe('memory');
  });

  it('that shows no sign of life makes all processes ask the database, until it does', async () => {
    const { clock, start, read } = fleet();
    const [one, other] = [start(), start()];
    const live = async (ms: number) => {
      for (let n = 0; n < ms / 500; n += 1) {
        one.stream.last.listener.reached(token(n % 250));
        await clock.advanceAsync(500);
      }
    };
    await clock.advanceAsync(10);
    await live(10_000);
    await read(other);
    expect((await other.engine.read(contracts, undefined, {})).source).toBe('memory');
    await clock.advanceAsync(STALL_MS + 1_000);
    for (const process of [one, other]) {
      expect(process.named('changesStalled')).toHaveLength(1);
      const asked = process.source.requests.length;
      await read(process);
      await read(process);
      for await (const rows of process.engine.stream(contracts, undefined, {})) {
        expect(rows).toHaveLength(1);
      }
      expect(process.source.requests).toHaveLength(asked + 3);
    }
    await live(2_000);
    expect(other.named('changesResumed')).toHaveLength(1);
    await read(other);
    expect((await other.engine.read(contracts, undefined, {})).source).toBe('memory');
  });
});

describe('a process without a remote store', () => {
  it('watches for itself', async () => {
    const clock = new ManualClock();
    const stream = new FakeChanges();
    const source = new FakeSource();
    source.point = at(100);
    const changes = { source: stream, name: 'shop', stallMs: STALL_MS };
    const one = startProcess({ clock, source, changes });
    await clock.advanceAsync(10);
    expect(one.engine.stats().changes.role).toBe('alone');
    await one.engine.read(contracts, undefined, {});
    source.rows = [{ value: 'new' }];
    stream.last.listener.changed({ dependencies: new Set(CONTRACTS), after: at(120) });
    await settle();
    expect((await one.engine.read(contracts, undefined, {})).rows[0]?.value).toBe('new');
    await one.engine.close();
    expect(stream.last.isOpen).toBe(false);
  });
});

describe('a class whose rows come from another database too', () => {
  const people = definePipelineClass<void, { value: string }>({
    name: 'people',
    collection: 'contracts',
    pipeline: [{ $lookup: { from: { db: 'crm', coll: 'people' }, as: 'people', pipeline: [] } }],
  });

  it('is told of once where changes are heard, for of that one none are', async () => {
    const { start } = fleet();
    const one = start();
    for (const _ of [1, 2]) await one.engine.read(people, undefined, {});
    expect(one.named('changesUnheard')).toEqual([
      { pipelineClass: 'people', collections: ['crm.people'] },
    ]);
  });
});
