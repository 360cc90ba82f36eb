import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { BSON, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { definePipelineClass, isAggregationCacheError, type RemoteStore } from '../../src/index.js';
import { InMemoryRemote } from '../../src/testing/index.js';
import { contracts, users } from '../support/classes.js';
import { FakeSource } from '../support/fake-source.js';
import { Gate } from '../support/gate.js';
import { settle, startProcess } from '../support/process.js';

const open = () => {
  const clock = new ManualClock();
  const remote = new InMemoryRemote({ clock });
  const start = (source = new FakeSource()) =>
    startProcess({ clock, store: remote.connect(), source });
  return { clock, remote, start };
};

describe('a read', () => {
  it('is answered by a member first, then from memory', async () => {
    const { clock } = open();
    const { engine, source, named } = startProcess({ clock });
    const first = await engine.read(contracts, { id: 1 }, {});
    expect(first).toMatchObject({ cache: 'MISS', source: 'member', member: source.member });
    clock.advance(7);
    const second = await engine.read(contracts, { id: 1 }, {});
    expect(second).toMatchObject({ cache: 'HIT', source: 'memory', ageMs: 7 });
    expect(second.rows).toBe(first.rows);
    expect(source.requests).toHaveLength(1);
    expect(named('missed')).toHaveLength(1);
    expect(named('hit')).toMatchObject([
      { pipelineClass: 'contracts', source: 'memory', ageMs: 7 },
    ]);
    expect(engine.stats()).toMatchObject({ reads: { memory: 1, member: 1 }, fills: 1 });
  });

  it('is answered from the remote store in another process, with its age and its member', async () => {
    const { clock, start } = open();
    const [one, other] = [start(), start()];
    await one.engine.read(contracts, { id: 1 }, {});
    await settle();
    clock.advance(500);
    const answer = await other.engine.read(contracts, { id: 1 }, {});
    expect(answer).toMatchObject({
      cache: 'HIT',
      source: 'remote',
      ageMs: 500,
      member: one.source.member,
      rows: [{ value: 'old' }],
    });
    expect(Object.keys(answer)).toContain('rows');
    expect(JSON.parse(JSON.stringify(answer))).toMatchObject({ rows: [{ value: 'old' }] });
    expect(other.source.requests).toHaveLength(0);
    expect((await other.engine.read(contracts, { id: 1 }, {})).source).toBe('memory');
  });

  it('need not wait for the remote store, but may', async () => {
    const { clock, remote } = open();
    const store = remote.connect();
    remote.setState('away');
    const { engine } = startProcess({ clock, store, selectionTimeoutMs: 200 });
    const inVain = engine.ready([]);
    clock.advance(200);
    expect(await inVain).toEqual([expect.stringContaining('remote store cannot be reached')]);
    const told = engine.ready([]);
    remote.setState('ready');
    expect(await told).toEqual([]);
    expect(await engine.ready([])).toEqual([]);
  });

  it('tells classes, parameters and tenants apart', async () => {
    const { clock } = open();
    const { engine, source } = startProcess({ clock });
    await engine.read(contracts, { id: 1 }, {});
    await engine.read(contracts, { id: 2 }, {});
    await engine.read(users, { id: 1 }, {});
    await engine.read(contracts, { id: 1 }, { tenant: 'a' });
    await engine.read(contracts, { id: 1 }, { tenant: 'b' });
    expect(source.requests).toHaveLength(5);
  });

  it('gets the rows of its own schema, though another class asks the same question by the same name', async () => {
    const { clock, remote, start } = open();
    const numbered = (n: number) =>
      definePipelineClass<void, { n: number }>({
        name: 'twice',
        collection: 'a',
        pipeline: [],
        rows: { '~standard': { version: 1, vendor: 'test', validate: () => ({ value: { n } }) } },
      });
    const [one, two] = [numbered(1), numbered(2)];
    const plain = definePipelineClass({ name: 'twice', collection: 'a', pipeline: [] });
    const readAll = async ({ engine }: ReturnType<typeof start>) => {
      const rows: unknown[] = [];
      for (const each of [one, two, plain]) {
        rows.push((await engine.read(each, undefined, {})).rows[0]);
      }
      return rows;
    };
    const rows = [{ n: 1 }, { n: 2 }, { value: 'old' }];
    const first = start();
    expect(await readAll(first)).toEqual(rows);
    expect(await readAll(first)).toEqual(rows);
    expect(first.engine.stats().reads).toMatchObject({ memory: 3 });
    await settle();
    // Their bytes are the same, so they are kept once.
    expect(remote.keys()).toHaveLength(1);
    const other = start();
    expect(await readAll(other)).toEqual(rows);
    expect(other.source.requests).toHaveLength(0);
    expect(clock.now()).toBe(0);
  });

  it('of a class that keeps tenants apart is refused without one', async () => {
    const { engine, source } = startProcess({ clock: new ManualClock() });
    const strict = definePipelineClass({
      name: 'strict',
      collection: 'a',
      pipeline: [],
      tenant: 'required',
    });
    await expect(engine.read(strict, undefined, {})).rejects.toMatchObject({
      code: 'TENANT_REQUIRED',
    });
    await expect(engine.read(strict, undefined, { tenant: '' })).rejects.toThrow(/tenant/);
    await expect(engine.read(strict, undefined, { tenant: null as never })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      details: { option: 'tenant' },
    });
    expect(source.requests).toHaveLength(0);
  });

  it('ends a result at its time to live, in memory and in the remote store', async () => {
    const { clock, start } = open();
    const one = start();
    await one.engine.read(contracts, { id: 1 }, {});
    await settle();
    await clock.advanceAsync(59_900);
    expect((await one.engine.read(contracts, { id: 1 }, {})).source).toBe('memory');
    const late = start();
    expect((await late.engine.read(contracts, { id: 1 }, {})).source).toBe('remote');
    await clock.advanceAsync(200);
    for (const { engine } of [one, late, start()]) {
      expect((await engine.read(contracts, { id: 1 }, {})).cache).toBe('MISS');
      await engine.invalidate({ collections: ['contracts'] });
    }
  });

  it('of a class whose life was made shorter does not get what was kept for the longer one', async () => {
    const { clock, start } = open();
    await start().engine.read(contracts, { id: 1 }, {});
    await settle();
    const shorter = { ...contracts, ttlMs: 1_000 };
    clock.advance(999);
    const late = start();
    expect((await late.engine.read(shorter, { id: 1 }, {})).source).toBe('remote');
    clock.advance(1);
    expect((await late.engine.read(shorter, { id: 1 }, {})).source).toBe('member');
  });

  it('does not get a value that has lost the end of its life', async () => {
    const { clock, remote } = open();
    await startProcess({ clock, store: remote.connect() }).engine.read(contracts, { id: 1 }, {});
    await settle();
    const store = remote.connect();
    const endless: RemoteStore = {
      ...store,
      state: 'ready',
      look: async (key, dependencies) => {
        const { value, generations } = await store.look(key, dependencies);
        return { generations, value: value && { ...value, remainingMs: 0 } };
      },
    };
    const other = startProcess({ clock, store: endless });
    expect((await other.engine.read(contracts, { id: 1 }, {})).source).toBe('member');
  });

  it('asks what its key stands for, whatever the caller does to his parameters meanwhile', async () => {
    const { clock, remote } = open();
    const found = definePipelineClass<{ filter: { status: string; since: Date } }>({
      name: 'found',
      collection: 'a',
      pipeline: ({ filter }) => [{ $match: filter }],
    });
    const store = remote.connect();
    const filter = { status: 'paid', since: new Date(0) };
    const { engine, source } = startProcess({
      clock,
      store: {
        ...store,
        state: 'ready',
        look: (key, dependencies) => {
          filter.status = 'void';
          filter.since.setTime(1);
          return store.look(key, dependencies);
        },
      },
    });
    const reading = engine.read(found, { filter }, {});
    filter.status = 'open';
    await reading;
    expect(source.requests[0]?.operation).toMatchObject({
      pipeline: [{ $match: { status: 'paid', since: new Date(0) } }],
    });
  });

  it('asks with bytes, maps and variables as they were, and keeps the rows under no other key', async () => {
    const { clock, remote } = open();
    const bytes = Buffer.from('aaaa');
    const map = new Map([['who', 'A']]);
    const variables = { limit: { of: 'A' } };
    const found = definePipelineClass<void>({
      name: 'found',
      collection: 'a',
      pipeline: () => [{ $match: { bytes, map, variables } }],
      options: { let: variables, hint: { who: 1 }, collation: { locale: 'de' } },
    });
    const store = remote.connect();
    const change = (to: string) => {
      bytes.fill(to.toLowerCase());
      map.set('who', to);
      variables.limit.of = to;
    };
    const { engine, source } = startProcess({
      clock,
      store: {
        ...store,
        state: 'ready',
        look: (key, dependencies) => {
          change('C');
          return store.look(key, dependencies);
        },
      },
    });
    const asked = BSON.serialize({ ...found.build() });
    const reading = engine.read(found, undefined, {});
    change('B');
    await reading;
    const [{ operation } = {}] = source.requests;
    const inOneOrder = (bytes: Uint8Array) => BSON.deserialize(bytes, { promoteValues: false });
    expect(inOneOrder(BSON.serialize({ ...operation }))).toEqual(inOneOrder(asked));
    expect((await engine.read(found, undefined, {})).cache).toBe('MISS');
    change('A');
    expect((await engine.read(found, undefined, {})).cache).toBe('HIT');
  });

  it('cannot change what others are told of the member', async () => {
    const { start } = open();
    const one = start();
    const { member } = await one.engine.read(contracts, { id: 1 }, {});
    await settle();
    const far = await start().engine.read(contracts, { id: 1 }, {});
    for (const served of [member, far.member]) {
      expect(served).toBeDefined();
      expect(Object.isFrozen(served) && Object.isFrozen(served?.tags)).toBe(true);
    }
  });

  it('takes a random part off the time to live, never adds one', async () => {
    const clock = new ManualClock();
    const jittery = definePipelineClass({
      name: 'jittery',
      collection: 'a',
      pipeline: [],
      ttlMs: 1_000,
      ttlJitter: 0.2,
    });
    const { engine } = startProcess({ clock, random: () => 0.999_999 });
    await engine.read(jittery, undefined, {});
    clock.advance(799);
    expect((await engine.read(jittery, undefined, {})).cache).toBe('HIT');
    clock.advance(2);
    expect((await engine.read(jittery, undefined, {})).cache).toBe('MISS');
  });

  it('that fails keeps nothing, and its error reaches the caller', async () => {
    const { clock, remote, start } = open();
    const { engine, source } = start();
    const broken = new Error('broken');
    source.beforeAnswer = () => Promise.reject(broken);
    await expect(engine.read(contracts, { id: 1 }, {})).rejects.toBe(broken);
    await settle();
    expect(remote.keys()).toEqual([]);
    source.beforeAnswer = async () => {};
    expect((await engine.read(contracts, { id: 1 }, {})).cache).toBe('MISS');
    expect(engine.stats().reads.failed).toBe(1);
    expect(clock.now()).toBe(0);
  });

  it('of a result that is too large is answered and not kept', async () => {
    const clock = new ManualClock();
    const { engine, source, named } = startProcess({ clock, maxEntryBytes: 1_024 });
    source.rows = [{ text: 'x'.repeat(2_000) }];
    expect((await engine.read(contracts, { id: 1 }, {})).rows).toHaveLength(1);
    expect((await engine.read(contracts, { id: 1 }, {})).cache).toBe('MISS');
    expect(named('notStored')).toMatchObject([{ reason: 'tooLarge' }, { reason: 'tooLarge' }]);
  });

  it('that answers differently each time is never kept nor shared', async () => {
    const { remote, start } = open();
    const { engine, source, named } = start();
    const sample = definePipelineClass({
      name: 'sample',
      collection: 'a',
      pipeline: [{ $sample: { size: 1 } }],
    });
    await Promise.all([engine.read(sample, undefined, {}), engine.read(sample, undefined, {})]);
    await settle();
    expect(source.requests).toHaveLength(2);
    expect(remote.keys()).toEqual([]);
    expect(named('notStored')[0]).toMatchObject({ reason: 'uncacheable', detail: '$sample' });
  });

  it('whose variables answer differently each time is not kept either', async () => {
    const { engine, named } = startProcess({ clock: new ManualClock() });
    const now = definePipelineClass({
      name: 'now',
      collection: 'a',
      pipeline: [{ $match: { $expr: { $lt: ['$due', '$$today'] } } }],
      options: { let: { today: '$$NOW' } },
    });
    await engine.read(now, undefined, {});
    expect((await engine.read(now, undefined, {})).cache).toBe('MISS');
    expect(named('notStored')[0]).toMatchObject({ reason: 'uncacheable', detail: '$$NOW' });
  });

  it('that could not honour its time is answered and not kept', async () => {
    const { engine, source, named } = startProcess({ clock: new ManualClock() });
    source.storable = false;
    await engine.read(contracts, { id: 1 }, {});
    expect((await engine.read(contracts, { id: 1 }, {})).cache).toBe('MISS');
    expect(named('notStored')[0]).toMatchObject({ reason: 'timeUnknown' });
  });

  it('of a cache that was closed is refused', async () => {
    const { engine } = startProcess({ clock: new ManualClock() });
    await engine.close();
    await engine.close();
    await expect(engine.read(contracts, { id: 1 }, {})).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(engine.invalidate({ collections: ['a'] })).rejects.toThrow(/closed/);
  });

  it('that ends after the cache was closed is answered and kept nowhere', async () => {
    const { remote, start } = open();
    const { engine, source } = start();
    const gate = new Gate();
    source.beforeAnswer = () => gate.pass();
    const reading = engine.read(contracts, { id: 1 }, {});
    await gate.reached;
    await engine.close();
    gate.open();
    expect((await reading).rows).toEqual([{ value: 'old' }]);
    await settle();
    expect(remote.keys()).toEqual([]);
    expect(engine.stats().memory.entries).toBe(0);
  });

  it('with impossible options is refused', async () => {
    const { engine, source } = startProcess({ clock: new ManualClock() });
    const after = { operationTime: 5 } as never;
    await expect(engine.read(contracts, { id: 1 }, { after })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      details: { option: 'after' },
    });
    const operationTime = new Timestamp({ t: 1, i: 1 });
    for (const clusterTime of [5, {}, { clusterTime: operationTime, signature: {} }]) {
      const signed = { operationTime, clusterTime } as never;
      await expect(engine.invalidate({ collections: ['a'], after: signed })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        details: { option: 'after' },
      });
    }
    await expect(engine.invalidate({ collections: [] })).rejects.toThrow(/at least one/);
    await expect(engine.invalidate({ collections: ['$bad'] })).rejects.toThrow(/collections\.0/);
    expect(source.requests).toHaveLength(0);
  });
});

describe('a stored value that cannot be used', () => {
  it.each([
    ['foreign', Buffer.from('somebody else wrote this')],
    ['format', Buffer.from('NACV\u0009 and more')],
    ['corrupt', Buffer.concat([Buffer.from('NACV\u0002'), Buffer.alloc(40)])],
  ] as const)('is a miss, an event, and removed: %s', async (reason, bytes) => {
    const { remote, start } = open();
    const one = start();
    await one.engine.read(contracts, { id: 1 }, {});
    await settle();
    const [key = ''] = remote.keys();
    remote.plant(key, bytes, 1_000);
    const other = start();
    expect((await other.engine.read(contracts, { id: 1 }, {})).cache).toBe('MISS');
    expect(other.named('poisoned')).toEqual([{ pipelineClass: 'contracts', key, reason }]);
    await settle();
    expect((await start().engine.read(contracts, { id: 1 }, {})).source).toBe('remote');
  });

  it('is one whose rows no longer fit the schema', async () => {
    const { remote, start } = open();
    const issues = [{ message: 'no', path: ['value'] }];
    let fits = true;
    const checked = definePipelineClass<void, unknown>({
      name: 'checked',
      collection: 'a',
      pipeline: [],
      rows: {
        '~standard': {
          version: 1,
          vendor: 'test',
          validate: (value) => (fits ? { value } : { issues }),
        },
      },
    });
    await start().engine.read(checked, undefined, {});
    await settle();
    expect(remote.keys()).toHaveLength(1);
    fits = false;
    const other = start();
    const error: unknown = await other.engine.read(checked, undefined, {}).catch((e: unknown) => e);
    expect(isAggregationCacheError(error, 'INVALID_ROW')).toBe(true);
    expect(other.named('poisoned')).toMatchObject([{ reason: 'schema' }]);
    await settle();
    expect(remote.keys()).toEqual([]);
  });
});
