import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { definePipelineClass } from '../../src/index.js';
import { InMemoryRemote } from '../../src/testing/index.js';
import { users } from '../support/classes.js';
import { FakeSource } from '../support/fake-source.js';
import { Gate } from '../support/gate.js';
import { HEARTBEAT_MS, settle, startProcess } from '../support/process.js';

const at = (t: number) => ({ operationTime: new Timestamp({ t, i: 1 }) });

const inMode = (mode: 'strict' | 'bounded' | 'eventual') =>
  definePipelineClass<void, { value: string }>({
    name: `in ${mode}`,
    collection: 'contracts',
    pipeline: [],
    ttlJitter: 0,
    mode,
  });

const fleet = (point?: ReturnType<typeof at>) => {
  const clock = new ManualClock();
  const remote = new InMemoryRemote({ clock });
  const source = new FakeSource();
  source.point = point;
  const start = () => startProcess({ clock, store: remote.connect(), source });
  return { clock, remote, source, one: start(), other: start() };
};

const readValue = async (
  { engine }: ReturnType<typeof startProcess>,
  mode: Parameters<typeof inMode>[0],
) => (await engine.read(inMode(mode), undefined, {})).rows[0]?.value;

describe('a strict read', () => {
  it('sees what another process invalidated, though no message came', async () => {
    const { remote, source, one, other } = fleet();
    expect(await readValue(one, 'strict')).toBe('old');
    source.rows = [{ value: 'new' }];
    remote.losesMessages = true;
    await other.engine.invalidate({ collections: ['contracts'] });
    expect(await readValue(one, 'strict')).toBe('new');
  });

  it('is answered from memory as soon as the store has confirmed it', async () => {
    const { source, one } = fleet();
    await readValue(one, 'strict');
    expect((await one.engine.read(inMode('strict'), undefined, {})).source).toBe('memory');
    expect(source.requests).toHaveLength(1);
  });

  it('without the store is as of what the database has reached by now', async () => {
    const { remote, source, one } = fleet(at(5));
    await readValue(one, 'strict');
    remote.setState('away');
    source.point = at(9);
    await readValue(one, 'strict');
    expect(source.requests.at(-1)?.after).toEqual(at(9));
  });

  it('joins no load whose point was asked for before it began, though its rows are asked for only now', async () => {
    const { clock, remote, source, one } = fleet(at(5));
    remote.setState('away');
    const primary = new Gate();
    source.currentPoint = async () => {
      await primary.pass();
      return at(5);
    };
    const reading = readValue(one, 'strict');
    await clock.advanceAsync(100);
    // It comes of age with the answer of the primary, in the very moment that the next read begins.
    source.beforeAnswer = () => new Promise((resolve) => void clock.setTimer(resolve, 10));
    primary.open();
    await settle();
    source.currentPoint = async () => at(7);
    const next = readValue(one, 'strict');
    await clock.advanceAsync(20);
    await Promise.all([reading, next]);
    expect(source.requests.map(({ after }) => after)).toEqual([at(5), at(7)]);
  });

  it('without the store asks the primary alone, where a bounded one makes do with a majority', async () => {
    const { clock, remote, source, one } = fleet(at(5));
    await readValue(one, 'strict');
    await readValue(one, 'bounded');
    remote.setState('away');
    await clock.advanceAsync(HEARTBEAT_MS + 1);
    const asked: unknown[] = [];
    source.currentPoint = async (toldBy) => {
      asked.push(toldBy);
      return at(9);
    };
    await readValue(one, 'strict');
    await readValue(one, 'bounded');
    expect(asked).toEqual(['primary', 'majority']);
  });
});

describe.each(['strict', 'bounded'] as const)(
  'a %s read for which nobody can say anything',
  (mode) => {
    it('is refused, where an eventual one is answered', async () => {
      const { clock, remote, source, one } = fleet(at(5));
      await readValue(one, mode);
      remote.setState('away');
      await clock.advanceAsync(HEARTBEAT_MS + 1);
      source.currentPoint = async () => undefined;
      await expect(readValue(one, mode)).rejects.toMatchObject({ code: 'NOT_VERIFIABLE' });
      expect(await readValue(one, 'eventual')).toBe('old');
    });

    it('waits as long as for a member to appear, and is answered when somebody can', async () => {
      const clock = new ManualClock();
      const remote = new InMemoryRemote({ clock });
      const source = new FakeSource();
      source.point = at(5);
      const one = startProcess({
        clock,
        store: remote.connect(),
        source,
        selectionTimeoutMs: 2_000,
      });
      await readValue(one, mode);
      remote.setState('away');
      await clock.advanceAsync(HEARTBEAT_MS + 1);
      const point = () => Promise.resolve(at(5));
      source.currentPoint = async () => undefined;
      const reading = readValue(one, mode);
      await clock.advanceAsync(1_000);
      source.currentPoint = point;
      await clock.advanceAsync(100);
      expect(await reading).toBe('old');
    });
  },
);

describe('a bounded read while the store is away', () => {
  it('is as of a point no older than a heartbeat, which is asked for once for many reads', async () => {
    const { clock, remote, source, one } = fleet(at(5));
    let asked = 0;
    source.currentPoint = async () => {
      asked += 1;
      return at(10 + asked);
    };
    await readValue(one, 'bounded');
    const before = asked;
    remote.setState('away');
    await clock.advanceAsync(HEARTBEAT_MS + 1);
    await Promise.all(Array.from({ length: 20 }, () => readValue(one, 'bounded')));
    expect(asked).toBe(before + 1);
    expect(source.requests.at(-1)?.after).toEqual(at(10 + asked));
    await clock.advanceAsync(HEARTBEAT_MS + 1);
    await readValue(one, 'bounded');
    expect(asked).toBe(before + 2);
  });

  it('asks how far the database is for what it never asked the store about, though it heard every message', async () => {
    const { remote, source, one, other } = fleet(at(5));
    await other.engine.read(users, { id: 1 }, {});
    await settle();
    // A message about a collection that is not known here is not heeded.
    await one.engine.invalidate({ collections: ['contracts'], after: at(8) });
    remote.setState('away');
    source.point = at(9);
    await readValue(other, 'bounded');
    expect(source.requests.at(-1)?.after).toEqual(at(9));
  });
});

describe('rows that were read while the store did not answer', () => {
  it('are good for a heartbeat, where the store was never asked about what they depend on', async () => {
    const { clock, remote, source, other } = fleet(at(5));
    // Questions about rows get no answer, those about the position do.
    const look = async () => Promise.reject(new Error('the line is cut'));
    const store = Object.assign(Object.create(null), remote.connect(), { state: 'ready', look });
    const one = startProcess({ clock, store, source });
    await settle();
    await one.engine.read(users, { id: 1 }, {});
    await clock.advanceAsync(400);
    // Heard, and not heeded: contracts are not known here yet.
    await other.engine.invalidate({ collections: ['contracts'], after: at(8) });
    await settle();
    expect(await readValue(one, 'bounded')).toBe('old');
    source.rows = [{ value: 'new' }];
    for (let ms = 0; ms < 3_000; ms += 100) await clock.advanceAsync(100);
    expect(await readValue(one, 'bounded')).toBe('new');
  });

  it('are good for a heartbeat since it was last heard, not since they were read', async () => {
    const clock = new ManualClock();
    const remote = new InMemoryRemote({ clock });
    const source = new FakeSource();
    source.point = at(5);
    const store = Object.assign(Object.create(null), remote.connect());
    const one = startProcess({ clock, store, source });
    const other = startProcess({ clock, store: remote.connect(), source });
    const numbered = definePipelineClass<{ n: number }, { value: string }>({
      name: 'numbered',
      collection: 'contracts',
      pipeline: ({ n }) => [{ $match: { n } }],
    });
    const second = async () => (await one.engine.read(numbered, { n: 2 }, {})).rows[0]?.value;
    // From here on its generations are known.
    await one.engine.read(numbered, { n: 1 }, {});
    await clock.advanceAsync(HEARTBEAT_MS / 2);
    const failing = async () => Promise.reject(new Error('the line is cut'));
    Object.assign(store, { look: failing, position: failing, generations: failing });
    remote.losesMessages = true;
    await clock.advanceAsync(100);
    source.point = at(6);
    await other.engine.invalidate({ collections: ['contracts'] });
    await clock.advanceAsync(800);
    expect(await second()).toBe('old');
    source.rows = [{ value: 'new' }];
    await clock.advanceAsync(800);
    expect(await second()).toBe('new');
  });
});

describe('an eventual read', () => {
  it('goes on being answered from memory while the store is away', async () => {
    const { clock, remote, source, one } = fleet(at(5));
    await readValue(one, 'eventual');
    remote.setState('away');
    await clock.advanceAsync(20 * HEARTBEAT_MS);
    await readValue(one, 'eventual');
    expect(source.requests).toHaveLength(1);
  });

  it('still heeds what this process invalidated', async () => {
    const { source, one } = fleet();
    await readValue(one, 'eventual');
    source.rows = [{ value: 'new' }];
    await one.engine.invalidate({ collections: ['contracts'] });
    expect(await readValue(one, 'eventual')).toBe('new');
  });
});

describe('an epoch without a time', () => {
  it('begins at what the database has reached, for nobody knows what was invalidated before', async () => {
    const { remote, source, one } = fleet(at(5));
    await readValue(one, 'bounded');
    expect(source.requests.at(-1)?.after).toEqual(at(5));
    source.point = at(8);
    remote.wipe();
    await settle();
    await one.engine.read(inMode('strict'), undefined, {});
    expect(source.requests.at(-1)?.after).toEqual(at(8));
    expect(one.named('epochBegun')).toHaveLength(2);
  });

  it('is begun once, however many ask', async () => {
    const { one, source } = fleet(at(5));
    let asked = 0;
    source.currentPoint = async () => {
      asked += 1;
      return at(5);
    };
    await Promise.all(Array.from({ length: 10 }, () => readValue(one, 'strict')));
    expect(asked).toBe(1);
    expect(source.requests).toHaveLength(1);
  });

  it('that cannot be begun is answered around: as of a point, and not through the store', async () => {
    const { source, one, remote } = fleet(at(5));
    source.currentPoint = async (toldBy) => (toldBy === 'majority' ? at(5) : undefined);
    expect(await readValue(one, 'bounded')).toBe('old');
    expect(source.requests.at(-1)?.after).toEqual(at(5));
    expect(remote.keys()).toEqual([]);
  });

  it('is no epoch of a known time, though the one before had one', async () => {
    const { source, one, remote, other } = fleet(at(5));
    await readValue(one, 'bounded');
    await other.engine.invalidate({ collections: ['contracts'], after: at(8) });
    remote.losesMessages = true;
    remote.wipe();
    source.currentPoint = async (toldBy) => (toldBy === 'majority' ? at(8) : undefined);
    // Of this one nothing was ever invalidated that the store still knows of.
    await one.engine.read(users, { id: 1 }, {});
    expect(source.requests.at(-1)?.after).toEqual(at(8));
  });
});

describe('a generation that was lost alone', () => {
  it('comes back with the newest time of all, so that no lagging member refills it', async () => {
    const { remote, source, one, other } = fleet(at(5));
    await readValue(one, 'strict');
    await other.engine.invalidate({ collections: ['contracts'], after: at(7) });
    remote.evict('c:shop.contracts');
    const late = startProcess({ clock: new ManualClock(), store: remote.connect(), source });
    await readValue(late, 'strict');
    expect(source.requests.at(-1)?.after).toEqual(at(7));
  });
});

describe('messages', () => {
  it('of which one was lost make everything be compared before memory answers again', async () => {
    const { remote, source, one, other } = fleet();
    await settle();
    await readValue(one, 'bounded');
    source.rows = [{ value: 'new' }];
    remote.losesMessages = true;
    await other.engine.invalidate({ collections: ['contracts'] });
    remote.losesMessages = false;
    await other.engine.invalidate({ collections: ['elsewhere'] });
    await settle();
    expect(one.named('messagesMissed')).toHaveLength(1);
    expect(await readValue(one, 'bounded')).toBe('new');
  });

  it('that were all heard are not compared', async () => {
    const clock = new ManualClock();
    const remote = new InMemoryRemote({ clock });
    const store = remote.connect();
    let compared = 0;
    const generations = store.generations.bind(store);
    store.generations = (names) => {
      compared += 1;
      return generations(names);
    };
    const one = startProcess({ clock, store });
    const other = startProcess({ clock, store: remote.connect() });
    await readValue(one, 'bounded');
    await clock.advanceAsync(HEARTBEAT_MS);
    const before = compared;
    for (let round = 0; round < 5; round += 1) {
      await other.engine.invalidate({ collections: ['contracts'] });
      await clock.advanceAsync(HEARTBEAT_MS);
    }
    expect(compared).toBe(before);
    expect(await readValue(one, 'bounded')).toBe('old');
    expect(one.source.requests).toHaveLength(2);
  });
});

describe('readers of one question whose tags are others', () => {
  it('share no answer, for what makes it void for one says nothing of the other', async () => {
    const { source, one } = fleet();
    const byUser = definePipelineClass<number, { value: string }>({
      name: 'by user',
      collection: 'contracts',
      pipeline: () => [],
      tags: (id) => [`user-${id}`],
    });
    const readFor = async (id: number) => (await one.engine.read(byUser, id, {})).rows[0]?.value;
    await readFor(1);
    await readFor(2);
    source.rows = [{ value: 'new' }];
    await one.engine.invalidate({ tags: ['user-2'] });
    expect(await readFor(2)).toBe('new');
    expect(await readFor(1)).toBe('old');
  });
});
