import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { encodeCursor } from '../../src/cache/page-cursor.js';
import { definePipelineClass, type RemoteStore } from '../../src/index.js';
import { InMemoryRemote } from '../../src/testing/index.js';
import { contracts, users } from '../support/classes.js';
import { Gate } from '../support/gate.js';
import { HEARTBEAT_MS, settle, startProcess } from '../support/process.js';

const NEW = [{ value: 'new' }];
const at = (seconds: number) => ({ operationTime: new Timestamp({ t: seconds, i: 1 }) });

const fleet = () => {
  const clock = new ManualClock();
  const remote = new InMemoryRemote({ clock });
  const start = (wrap: (store: RemoteStore) => RemoteStore = (store) => store) =>
    startProcess({ clock, store: wrap(remote.connect()) });
  const one = start();
  const other = start();
  const write = () => {
    for (const { source } of [one, other]) source.rows = NEW;
  };
  return { clock, remote, start, one, other, write };
};

const readValue = async ({ engine }: ReturnType<typeof startProcess>): Promise<unknown> =>
  (await engine.read(contracts, { id: 1 }, {})).rows[0]?.value;

describe('after an invalidation', () => {
  it('the old rows are answered in no process', async () => {
    const { one, other, write } = fleet();
    await readValue(one);
    await settle();
    await readValue(other);
    write();
    await expect(one.engine.invalidate({ collections: ['contracts'] })).resolves.toEqual({
      published: true,
    });
    expect(await readValue(one)).toBe('new');
    expect(await readValue(other)).toBe('new');
    expect(other.named('invalidated')).toEqual([
      { dependencies: ['w:shop.contracts'], by: 'message' },
    ]);
    expect(one.named('invalidated')).toEqual([
      {
        dependencies: ['c:shop.contracts', 'w:shop.contracts'],
        by: 'caller',
        published: true,
      },
    ]);
  });

  it('a class is read again when any collection of its pipeline was changed, and only then', async () => {
    const { one, write } = fleet();
    await readValue(one);
    await one.engine.read(users, { id: 1 }, {});
    write();
    await one.engine.invalidate({ collections: ['payments'] });
    expect(await readValue(one)).toBe('new');
    expect((await one.engine.read(users, { id: 1 }, {})).cache).toBe('HIT');
  });

  it('a load that began before is not kept in either tier', async () => {
    const { one, other, remote, write } = fleet();
    const gate = new Gate();
    one.source.beforeAnswer = () => gate.pass();
    const before = readValue(one);
    await gate.reached;
    write();
    await one.engine.invalidate({ collections: ['contracts'] });
    gate.open();
    // It asked before the invalidation, so it may be told what was.
    expect(await before).toBe('old');
    await settle();
    expect(remote.keys()).toEqual([]);
    expect(one.named('notStored')).toMatchObject([{ reason: 'moved' }]);
    one.source.beforeAnswer = async () => {};
    expect(await readValue(one)).toBe('new');
    expect(await readValue(other)).toBe('new');
  });

  it('a load that began before is not kept by a process on its own either', async () => {
    const alone = startProcess({ clock: new ManualClock() });
    const gate = new Gate();
    alone.source.beforeAnswer = () => gate.pass();
    const before = readValue(alone);
    await gate.reached;
    alone.source.rows = NEW;
    await expect(alone.engine.invalidate({ collections: ['contracts'] })).resolves.toEqual({
      published: undefined,
    });
    gate.open();
    expect(await before).toBe('old');
    expect(alone.named('notStored')).toMatchObject([{ reason: 'moved' }]);
    expect(await readValue(alone)).toBe('new');
  });

  it('a reader does not join a load that began before', async () => {
    const { one, write } = fleet();
    const gate = new Gate();
    one.source.beforeAnswer = () => gate.pass();
    const before = readValue(one);
    await gate.reached;
    write();
    await one.engine.invalidate({ collections: ['contracts'] });
    one.source.beforeAnswer = async () => {};
    expect(await readValue(one)).toBe('new');
    gate.open();
    expect(await before).toBe('old');
    expect(await readValue(one)).toBe('new');
  });

  it('by another process, a load that began before is kept nowhere, though no message came', async () => {
    const { one, other, remote, write, clock } = fleet();
    const gate = new Gate();
    one.source.beforeAnswer = () => gate.pass();
    const before = readValue(one);
    await gate.reached;
    write();
    remote.losesMessages = true;
    await other.engine.invalidate({ collections: ['contracts'] });
    gate.open();
    expect(await before).toBe('old');
    await settle();
    one.source.beforeAnswer = async () => {};
    expect(remote.keys()).toEqual([]);
    expect(await readValue(one)).toBe('new');
    expect(clock.now()).toBe(0);
  });

  it('a remote value that was looked up before is not taken into memory', async () => {
    const { one, start, write, clock } = fleet();
    await readValue(one);
    await settle();
    const gate = new Gate();
    const late = start((store) => ({
      ...store,
      state: 'ready',
      look: async (key, dependencies) => {
        const answer = await store.look(key, dependencies);
        await gate.pass();
        return answer;
      },
    }));
    const before = readValue(late);
    await gate.reached;
    write();
    late.source.rows = NEW;
    await late.engine.invalidate({ collections: ['contracts'] });
    gate.open();
    expect(await before).toBe('new');
    expect(await readValue(late)).toBe('new');
    expect(clock.now()).toBe(0);
  });
  it('is not undone by the answer that told of one before it', async () => {
    const { remote, one, other, write } = fleet();
    const strict = { ...contracts, mode: 'strict' as const };
    const read = async ({ engine }: typeof one) => (await engine.read(strict, { id: 1 }, {})).rows;
    await read(one);
    remote.losesMessages = true;
    await other.engine.invalidate({ collections: ['contracts'] });
    remote.losesMessages = false;
    await read(other);
    await settle();
    one.events.on('invalidated', ({ by }) => {
      if (by !== 'comparison') return;
      write();
      // Announced at once, before the answer has been used.
      void remote.connect().invalidate([{ dependency: 'w:shop.contracts', after: undefined }]);
    });
    await read(one);
    await settle();
    expect(await read(one)).toEqual(NEW);
  });
});

describe('a message that was lost', () => {
  it('is made up for within a heartbeat', async () => {
    const { clock, remote, one, other, write } = fleet();
    await readValue(one);
    remote.losesMessages = true;
    write();
    await other.engine.invalidate({ collections: ['contracts'] });
    expect(await readValue(one)).toBe('old');
    await clock.advanceAsync(HEARTBEAT_MS / 2 + 1);
    expect(await readValue(one)).toBe('new');
    expect(one.named('invalidated')).toEqual([
      { dependencies: ['w:shop.contracts'], by: 'comparison' },
    ]);
  });

  it('is not made up for by an answer that was long under way: it is as old as its question', async () => {
    const { clock, start, one, write } = fleet();
    let asked = 0;
    const gate = new Gate();
    const slow = start((store) => ({
      ...store,
      state: 'ready',
      generations: async (dependencies) => {
        asked += 1;
        // The second question and all after it are never answered.
        if (asked > 1) return new Promise(() => {});
        const answer = await store.generations(dependencies);
        await gate.pass();
        return answer;
      },
      subscribe: () => () => {},
    }));
    await readValue(slow);
    clock.advance(HEARTBEAT_MS / 2);
    await gate.reached;
    write();
    slow.source.rows = NEW;
    await one.engine.invalidate({ collections: ['contracts'] });
    clock.advance(HEARTBEAT_MS - 100);
    gate.open();
    await settle();
    clock.advance(101);
    expect(await readValue(slow)).toBe('new');
  });

  it('is not needed where comparing came to a halt: the next read asks first', async () => {
    const { clock, remote, start, other, write } = fleet();
    let comparing = true;
    const halted = start((store) => ({
      ...store,
      state: 'ready',
      generations: (names) => (comparing ? store.generations(names) : new Promise(() => {})),
    }));
    await readValue(halted);
    comparing = false;
    remote.losesMessages = true;
    halted.source.rows = NEW;
    write();
    await other.engine.invalidate({ collections: ['contracts'] });
    await clock.advanceAsync(HEARTBEAT_MS + 1);
    expect(await readValue(halted)).toBe('new');
  });

  it('leaves what still stands in memory: asking confirms it', async () => {
    const { clock, start } = fleet();
    let comparing = true;
    const halted = start((store) => ({
      ...store,
      state: 'ready',
      generations: (names) => (comparing ? store.generations(names) : new Promise(() => {})),
    }));
    await readValue(halted);
    comparing = false;
    await clock.advanceAsync(HEARTBEAT_MS + 1);
    const answer = await halted.engine.read(contracts, { id: 1 }, {});
    expect(answer).toMatchObject({ cache: 'HIT', source: 'memory' });
    expect(halted.source.requests).toHaveLength(1);
  });
});

describe('generations that the remote store lost', () => {
  it('make everything older void, in memory too', async () => {
    const { clock, remote, one, write } = fleet();
    await readValue(one);
    await settle();
    write();
    remote.wipe();
    await clock.advanceAsync(HEARTBEAT_MS / 2 + 1);
    expect(await readValue(one)).toBe('new');
  });
});

describe('while the remote store is away', () => {
  it('reads go on, and memory answers for one heartbeat at most', async () => {
    const { clock, remote, one } = fleet();
    await readValue(one);
    remote.setState('away');
    await clock.advanceAsync(HEARTBEAT_MS - 1);
    expect((await one.engine.read(contracts, { id: 1 }, {})).source).toBe('memory');
    await clock.advanceAsync(2);
    expect((await one.engine.read(contracts, { id: 1 }, {})).source).toBe('member');
    expect((await one.engine.read(contracts, { id: 1 }, {})).source).toBe('memory');
    expect(one.named('remoteLost')).toHaveLength(1);
    expect(one.named('remoteFailed')).toEqual([]);
    expect(one.engine.stats().remote.state).toBe('away');
  });

  it('an invalidation holds here at once, and everywhere when the store is back', async () => {
    const { clock, remote, one, other, write } = fleet();
    await readValue(one);
    await settle();
    await readValue(other);
    remote.setState('away');
    write();
    await expect(one.engine.invalidate({ collections: ['contracts'] })).resolves.toEqual({
      published: false,
    });
    expect(one.engine.stats().remote.pendingInvalidations).toBe(2);
    expect(await readValue(one)).toBe('new');
    remote.setState('ready');
    await settle();
    expect(one.engine.stats().remote.pendingInvalidations).toBe(0);
    expect(await readValue(one)).toBe('new');
    expect(await readValue(other)).toBe('new');
    expect(clock.now()).toBe(0);
  });

  it('the store is not used for a collection whose invalidation it has not confirmed', async () => {
    const { start, one, write } = fleet();
    await readValue(one);
    await settle();
    let deaf = false;
    const partial = start((store) => ({
      ...store,
      state: 'ready',
      invalidate: (changes) =>
        deaf ? Promise.reject(new Error('refused')) : store.invalidate(changes),
    }));
    expect(await readValue(partial)).toBe('old');
    deaf = true;
    write();
    partial.source.rows = NEW;
    await partial.engine.invalidate({ collections: ['contracts'] });
    // The store still has the old rows under a generation that still stands.
    expect(await readValue(partial)).toBe('new');
    expect(await readValue(partial)).toBe('new');
    deaf = false;
    await one.engine.read(users, { id: 1 }, {});
    expect(partial.engine.stats().remote.pendingInvalidations).toBe(2);
  });
});

describe('a process that alone is cut off', () => {
  it('does not believe what it loaded meanwhile once it is back', async () => {
    const { clock, start, other, write } = fleet();
    let isCut = true;
    const cutOff = start((store) => ({
      ...store,
      get state() {
        return isCut ? ('away' as const) : store.state;
      },
    }));
    expect(await readValue(cutOff)).toBe('old');
    write();
    cutOff.source.rows = NEW;
    await other.engine.invalidate({ collections: ['contracts'] });
    isCut = false;
    await clock.advanceAsync(HEARTBEAT_MS / 2 + 1);
    expect(await readValue(cutOff)).toBe('new');
  });
});

describe('a reader while the remote store is away', () => {
  it('joins a load for one heartbeat, for then nobody knows what was invalidated since it began', async () => {
    const { clock, remote, one, write } = fleet();
    await readValue(one);
    remote.setState('away');
    await one.engine.invalidate({ collections: ['contracts'] });
    const gate = new Gate();
    one.source.beforeAnswer = () => gate.pass();
    const before = readValue(one);
    await gate.reached;
    await clock.advanceAsync(HEARTBEAT_MS);
    const joining = readValue(one);
    await settle();
    expect(one.source.requests).toHaveLength(2);
    // Another process writes and invalidates here.
    write();
    await clock.advanceAsync(1);
    one.source.beforeAnswer = async () => {};
    expect(await readValue(one)).toBe('new');
    gate.open();
    expect(await Promise.all([before, joining])).toEqual(['old', 'old']);
  });
});

describe('a reader that has seen a write', () => {
  it('is not answered from anything that may be older', async () => {
    const { one, other } = fleet();
    await readValue(one);
    await settle();
    const read = (process: typeof one, seconds: number) =>
      process.engine.read(contracts, { id: 1 }, { after: at(seconds) });
    expect((await read(one, 10)).source).toBe('member');
    expect(one.source.requests.at(-1)?.after).toEqual(at(10));
    await settle();
    expect((await read(one, 10)).source).toBe('memory');
    expect((await read(one, 9)).source).toBe('memory');
    expect((await read(other, 9)).source).toBe('remote');
    expect((await read(other, 11)).source).toBe('member');
  });

  it('does not join a load that may be older', async () => {
    const { one } = fleet();
    const gate = new Gate();
    one.source.beforeAnswer = () => gate.pass();
    const before = readValue(one);
    await gate.reached;
    one.source.beforeAnswer = async () => {};
    const after = await one.engine.read(contracts, { id: 1 }, { after: at(5) });
    expect(after.source).toBe('member');
    gate.open();
    await before;
    expect(one.source.requests).toHaveLength(2);
  });
});

describe('a load after an invalidation', () => {
  it('asks for data not older than the write, in every process', async () => {
    const { one, other } = fleet();
    await readValue(one);
    await one.engine.invalidate({ collections: ['payments'], after: at(7) });
    await readValue(one);
    expect(one.source.requests.at(-1)?.after).toEqual(at(7));
    await one.engine.invalidate({ collections: ['contracts'] });
    await readValue(other);
    expect(other.source.requests.at(-1)?.after).toEqual(at(7));
  });

  it('asks for what the primary has reached, if the caller does not name the write', async () => {
    const { one } = fleet();
    one.source.point = at(3);
    await one.engine.invalidate({ collections: ['contracts'] });
    await readValue(one);
    expect(one.source.requests.at(-1)?.after).toEqual(at(3));
  });

  it('is told that nobody knows what to ask for, though what was named is void', async () => {
    const { one, other } = fleet();
    await readValue(one);
    await readValue(other);
    Object.defineProperty(one.source, 'knowsTimes', { value: true });
    const all = one.engine.invalidate({ collections: ['contracts'] });
    await expect(all).rejects.toMatchObject({ code: 'POINT_UNKNOWN' });
    expect(one.named('invalidated')).toMatchObject([{ by: 'caller', published: true }]);
    expect(other.named('invalidated')).toMatchObject([{ by: 'message' }]);
    await expect(
      one.engine.invalidate({ collections: ['contracts'], after: at(3) }),
    ).resolves.toEqual({ published: true });
  });

  it('asks no more for a time that not even the primary knew', async () => {
    const { one, other } = fleet();
    await readValue(other);
    await one.engine.invalidate({ collections: ['contracts'], after: at(9) });
    other.source.storable = false;
    await readValue(other);
    other.source.storable = true;
    other.source.requests.length = 0;
    await readValue(other);
    expect(other.source.requests).toMatchObject([{ after: undefined }]);
    expect((await other.engine.read(contracts, { id: 1 }, {})).cache).toBe('HIT');
    await one.engine.invalidate({ collections: ['contracts'], after: at(10) });
    await readValue(other);
    expect(other.source.requests.at(-1)?.after).toEqual(at(10));
  });

  it('asks for what the database has reached in place of a time that it did not know, which may hide an earlier write', async () => {
    const { one, other } = fleet();
    other.source.point = at(3);
    await readValue(other);
    await one.engine.invalidate({ collections: ['contracts'], after: at(5) });
    await one.engine.invalidate({ collections: ['contracts'], after: at(9) });
    other.source.point = at(6);
    other.source.storable = false;
    await readValue(other);
    other.source.storable = true;
    await readValue(other);
    // A member that lags behind the write at 5 must not refill what is void.
    expect(other.source.requests.at(-1)?.after).toEqual(at(6));
    expect((await other.engine.read(contracts, { id: 1 }, {})).cache).toBe('HIT');
  });

  it('goes on asking for it while nobody can say how far the database is', async () => {
    const { one, other } = fleet();
    await readValue(other);
    await one.engine.invalidate({ collections: ['contracts'], after: at(9) });
    Object.defineProperty(other.source, 'knowsTimes', { value: true });
    other.source.storable = false;
    // Enough for a bounded read, but nobody to ask for what was wrong.
    other.source.currentPoint = async (toldBy) => (toldBy === 'majority' ? at(1) : undefined);
    await readValue(other);
    await readValue(other);
    expect(other.source.requests.at(-1)?.after).toEqual(at(9));
    expect((await other.engine.read(contracts, { id: 1 }, {})).cache).toBe('MISS');
  });

  it('never goes back to an earlier time', async () => {
    const { one } = fleet();
    await one.engine.invalidate({ collections: ['contracts'], after: at(9) });
    await one.engine.invalidate({ collections: ['contracts'], after: at(4) });
    await one.engine.read(contracts, { id: 1 }, { after: at(2) });
    expect(one.source.requests.at(-1)?.after).toEqual(at(9));
  });
});

describe('the first page of a listing', () => {
  const firstPage = ({ engine }: ReturnType<typeof startProcess>) =>
    engine.page(contracts, { id: 1 }, { size: 10 });

  it('is not older than an invalidation that was published, in any process', async () => {
    const { one, other, remote } = fleet();
    await readValue(other);
    await one.engine.invalidate({ collections: ['contracts'], after: at(9) });
    for (const process of [one, other]) {
      await firstPage(process);
      expect(process.source.requests.at(-1)?.after).toEqual(at(9));
    }
    // One that has heard of nothing yet.
    const late = startProcess({ clock: new ManualClock(), store: remote.connect() });
    await firstPage(late);
    expect(late.source.requests.at(-1)?.after).toEqual(at(9));
  });

  it('is not older than one that no other process could be told of', async () => {
    const { one, remote } = fleet();
    await firstPage(one);
    remote.setState('away');
    await one.engine.invalidate({ collections: ['contracts'], after: at(9) });
    await firstPage(one);
    expect(one.source.requests.at(-1)?.after).toEqual(at(9));
  });

  it('shows the write of its caller, and what follows is of its moment', async () => {
    const { one } = fleet();
    await one.engine.invalidate({ collections: ['contracts'], after: at(9) });
    await one.engine.page(contracts, { id: 1 }, { size: 10, after: at(12) });
    expect(one.source.requests.at(-1)?.after).toEqual(at(12));
    const { key } = await one.engine.prepare(contracts, { id: 1 }, undefined);
    const cursor = encodeCursor({ moment: at(8).operationTime, skip: 10 }, key);
    await one.engine.page(contracts, { id: 1 }, { size: 10, cursor });
    expect(one.source.requests.at(-1)).toMatchObject({
      after: undefined,
      moment: at(8).operationTime,
    });
  });
});

describe('a read that can be kept nowhere', () => {
  const sampleIn = (mode: 'strict' | 'bounded' | 'eventual') =>
    definePipelineClass({
      name: `sample-${mode}`,
      collection: 'contracts',
      pipeline: [{ $sample: { size: 1 } }],
      mode,
    });

  it.each(['strict', 'bounded'] as const)(
    'is not older than what another process invalidated before it heard of anything: %s',
    async (mode) => {
      const { one, other } = fleet();
      await one.engine.invalidate({ collections: ['contracts'], after: at(9) });
      await other.engine.read(sampleIn(mode), undefined, {});
      expect(other.source.requests).toMatchObject([{ after: at(9) }]);
    },
  );

  it('asks nobody for it where this process is trusted alone', async () => {
    const { other, remote } = fleet();
    await settle();
    remote.setState('away');
    await other.engine.read(sampleIn('eventual'), undefined, {});
    expect(other.source.requests).toHaveLength(1);
    expect(other.named('remoteFailed')).toEqual([]);
  });
});
