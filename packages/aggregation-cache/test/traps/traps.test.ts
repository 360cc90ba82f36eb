import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { AggregationCacheError, analysePipeline, definePipelineClass } from '../../src/index.js';
import type { SourceStream } from '../../src/ports/source.js';
import type { Tracer } from '../../src/ports/tracer.js';
import { InMemoryRemote } from '../../src/testing/index.js';
import { aggregation } from '../support/aggregation.js';
import { contracts } from '../support/classes.js';
import { FakeSource } from '../support/fake-source.js';
import { Gate } from '../support/gate.js';
import { EVENTS, settle, startProcess } from '../support/process.js';

const TTL_MS = 10_000;

const open = () => {
  const clock = new ManualClock();
  const remote = new InMemoryRemote({ clock });
  const start = (options: Partial<Parameters<typeof startProcess>[0]> = {}) =>
    startProcess({ clock, store: remote.connect(), ...options });
  return { clock, remote, start };
};

type Process = ReturnType<ReturnType<typeof open>['start']>;

const readOne = ({ engine }: Process, id = 1) => engine.read(contracts, { id }, {});

const tagged = definePipelineClass<void, { value: string }>({
  name: 'tagged',
  collection: 'a',
  pipeline: [],
  tags: ['reports'],
});

interface UserCode {
  readonly ends: 'fulfilled' | 'rejected';
  /** Questions to the database that a hundred reads take. */
  readonly asked: number;
  /** What a class has of it. */
  readonly of?: (fault: () => void) => object;
  readonly tracer?: (fault: () => void) => Tracer;
  readonly listens?: boolean;
}

/** What the application hands in, each calling `fault`, and how a read ends if that throws. */
const USER_CODE: readonly [string, UserCode][] = [
  [
    'a schema',
    {
      ends: 'rejected',
      asked: 1,
      of: (fault) => ({
        rows: {
          '~standard': {
            version: 1,
            vendor: 'test',
            validate: (value: unknown) => {
              fault();
              return { value };
            },
          },
        },
      }),
    },
  ],
  [
    'a builder',
    {
      ends: 'rejected',
      asked: 0,
      of: (fault) => ({
        pipeline: () => {
          fault();
          return [];
        },
      }),
    },
  ],
  [
    'tags',
    {
      ends: 'rejected',
      asked: 0,
      of: (fault) => ({
        tags: () => {
          fault();
          return [];
        },
      }),
    },
  ],
  ['a listener', { ends: 'fulfilled', asked: 1, listens: true }],
  [
    'a tracer, before the work',
    {
      ends: 'fulfilled',
      asked: 1,
      tracer: (fault) => ({
        span: (_name, _attributes, work) => {
          fault();
          return work({ set: () => {} });
        },
      }),
    },
  ],
  [
    'a tracer, after it has begun',
    {
      ends: 'fulfilled',
      asked: 1,
      tracer: (fault) => ({
        span: (_name, _attributes, work) => {
          const result = work({ set: fault });
          fault();
          return result;
        },
      }),
    },
  ],
];

describe('a load that is under way', () => {
  it.each(['here', 'elsewhere'])(
    'keeps nothing that was loaded while its tag was invalidated: %s',
    async (where) => {
      const { remote, start } = open();
      const [one, other] = [start(), start()];
      const gate = new Gate();
      one.source.beforeAnswer = () => gate.pass();
      const before = one.engine.read(tagged, undefined, {});
      await gate.reached;
      for (const { source } of [one, other]) source.rows = [{ value: 'new' }];
      await (where === 'here' ? one : other).engine.invalidate({ tags: ['reports'] });
      gate.open();
      expect((await before).rows).toEqual([{ value: 'old' }]);
      await settle();
      expect(remote.keys()).toEqual([]);
      one.source.beforeAnswer = async () => {};
      for (const { engine } of [one, other]) {
        expect((await engine.read(tagged, undefined, {})).rows).toEqual([{ value: 'new' }]);
      }
    },
  );

  it('does not overwrite what was loaded by the one who took over its lease', async () => {
    const { clock, remote, start } = open();
    let isPaused = false;
    const store = remote.connect();
    const paused = start({
      store: {
        ...store,
        state: 'ready',
        // As of a process that was stopped: it renews nothing.
        renew: (lease, ttlMs) => (isPaused ? new Promise(() => {}) : store.renew(lease, ttlMs)),
      },
    });
    const gate = new Gate();
    paused.source.beforeAnswer = () => gate.pass();
    const slow = readOne(paused);
    await gate.reached;
    isPaused = true;
    await clock.advanceAsync(2_001);
    const next = start();
    next.source.rows = [{ value: 'newer' }];
    await readOne(next);
    await settle();
    gate.open();
    await slow;
    await settle();
    expect((await readOne(start())).rows).toEqual([{ value: 'newer' }]);
  });

  it.each(USER_CODE)(
    'leaves no key dead, whatever user code throws on its way: %s',
    async (_, { ends, asked, of = () => ({}), tracer, listens = false }) => {
      let throws = true;
      let thrown = 0;
      const fault = () => {
        if (!throws) return;
        thrown += 1;
        throw new Error('user code with a fault');
      };
      const { remote, start } = open();
      const startFaulty = () => {
        const one = start({ tracer: tracer?.(fault), onListenerError: () => {} });
        if (listens) for (const event of EVENTS) one.events.on(event, fault);
        return one;
      };
      const faulty = definePipelineClass<void, { value: string }>({
        name: 'faulty',
        collection: 'a',
        pipeline: [],
        ...of(fault),
      });
      const one = startFaulty();
      const readFaulty = ({ engine }: Process) => engine.read(faulty, undefined, {});
      const attempts = await Promise.allSettled(Array.from({ length: 100 }, () => readFaulty(one)));
      expect(new Set(attempts.map(({ status }) => status))).toEqual(new Set([ends]));
      expect(one.source.requests).toHaveLength(asked);
      expect(thrown).toBeGreaterThan(0);
      throws = false;
      const other = startFaulty();
      for (const process of [one, other]) {
        expect((await readFaulty(process)).rows).toEqual([{ value: 'old' }]);
        await settle();
      }
      expect(remote.keys()).toHaveLength(1);
      for (const { source } of [one, other]) source.rows = [{ value: 'new' }];
      await other.engine.invalidate({ collections: ['a'] });
      for (const process of [one, other]) {
        expect((await readFaulty(process)).rows).toEqual([{ value: 'new' }]);
      }
    },
  );
});

describe('a stream that breaks off', () => {
  it('is an error after its first rows, and nothing of it is kept', async () => {
    const { remote, start } = open();
    const source = Object.assign(new FakeSource(), {
      fetchStream: async (): Promise<SourceStream> => ({
        member: source.member,
        storable: true,
        close: () => {},
        batches: (async function* () {
          const { rows } = await source.fetch({
            pipelineClass: contracts as never,
            operation: aggregation(),
          });
          yield rows;
          throw new Error('the cursor was killed');
        })(),
      }),
    });
    const one = start({ source });
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const batch of one.engine.stream(contracts, { id: 1 }, {})) seen.push(...batch);
    })();
    await expect(reading).rejects.toThrow('the cursor was killed');
    expect(seen).toEqual([{ value: 'old' }]);
    await settle();
    expect(remote.keys()).toEqual([]);
    expect((await readOne(one)).source).toBe('member');
  });
});

describe('entries that were written together', () => {
  it('do not expire together, neither here nor in the remote store', async () => {
    const { clock, remote } = open();
    const store = remote.connect();
    let seed = 42;
    const random = () => {
      seed = (1_664_525 * seed + 1_013_904_223) % 2 ** 32;
      return seed / 2 ** 32;
    };
    const { engine } = startProcess({ clock, random, store });
    const jittery = definePipelineClass<{ id: number }, unknown>({
      name: 'jittery',
      collection: 'a',
      pipeline: ({ id }) => [{ $match: { _id: id } }],
      ttlMs: TTL_MS,
      earlyRefresh: 0,
    });
    const ids = Array.from({ length: 200 }, (_, id) => id);
    for (const id of ids) await engine.read(jittery, { id }, {});
    await settle();
    const looks = remote.keys().map((key) => store.look(key, []));
    const leftMs = (await Promise.all(looks)).map(({ value }) => value?.remainingMs ?? 0);
    expect(leftMs).toHaveLength(ids.length);
    const lasting = leftMs.filter((ms) => ms > TTL_MS * 0.95).length;
    expect(lasting).toBeGreaterThan(60);
    expect(lasting).toBeLessThan(140);
    clock.advance(TTL_MS * 0.95);
    let hits = 0;
    for (const id of ids) hits += (await engine.read(jittery, { id }, {})).cache === 'HIT' ? 1 : 0;
    expect(hits).toBe(lasting);
  });
});

describe('the answer', () => {
  it('is the same before and after a caller has tried to change it', async () => {
    const { start } = open();
    const one = start();
    one.source.rows = [{ value: 'old', at: new Date(5), list: [{ a: 1 }] }];
    const [row] = (await readOne(one)).rows as unknown as {
      value: string;
      at: Date;
      list: { a: number }[];
    }[];
    expect(() => Object.assign(row ?? {}, { value: 'mine' })).toThrow(TypeError);
    expect(() => row?.list.push({ a: 2 })).toThrow(TypeError);
    expect(() => row?.at.setTime(0)).toThrow(TypeError);
    expect((await readOne(one)).rows).toEqual(one.source.rows);
    await settle();
    expect((await readOne(start())).rows).toEqual(one.source.rows);
  });

  it('does not change with the bytes that the source had given', async () => {
    const { start } = open();
    const given: Uint8Array[] = [];
    class Reusing extends FakeSource {
      override async fetch(request: Parameters<FakeSource['fetch']>[0]) {
        const answer = await super.fetch(request);
        given.push(...answer.rows);
        return answer;
      }
    }
    const one = start({ source: new Reusing() });
    await readOne(one);
    await settle();
    for (const bytes of given) bytes.fill(0xff);
    expect((await readOne(one)).rows).toEqual([{ value: 'old' }]);
    expect((await readOne(start())).rows).toEqual([{ value: 'old' }]);
  });

  it('of nothing, of null and of an empty list is remembered', async () => {
    const { start } = open();
    for (const [id, rows] of [[], [{ value: null }], [{ value: [] }]].entries()) {
      const one = start();
      one.source.rows = rows;
      expect(await readOne(one, id)).toMatchObject({ rows, cache: 'MISS' });
      expect(await readOne(one, id)).toMatchObject({ rows, source: 'memory' });
      await settle();
      expect(await readOne(start(), id)).toMatchObject({ rows, source: 'remote' });
    }
  });

  it('with a field named __proto__ pollutes nothing, from whatever tier', async () => {
    const { start } = open();
    const one = start();
    const row = JSON.parse('{"value":"old","__proto__":{"polluted":true},"constructor":{"a":1}}');
    one.source.rows = [row];
    const answers = [await readOne(one), await readOne(one)];
    await settle();
    answers.push(await readOne(start()));
    expect(answers.map(({ source }) => source)).toEqual(['member', 'memory', 'remote']);
    for (const { rows } of answers) {
      expect(Object.getPrototypeOf(rows[0])).toBe(Object.prototype);
      expect(Object.keys(rows[0] ?? {})).toEqual(['value', '__proto__', 'constructor']);
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('options with a field named __proto__', () => {
  it('are refused or change nothing', () => {
    const evil = JSON.parse('{"__proto__":{"polluted":true}}') as object;
    const good = { name: 'a', collection: 'a', pipeline: [] };
    expect(() => definePipelineClass({ ...good, options: evil })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
    expect(() => definePipelineClass({ ...good, members: [evil as never] })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('while the database is down', () => {
  it('ten reads of what expired long ago are answered at the price of one question', async () => {
    const { clock, start } = open();
    const patient = definePipelineClass<void, { value: string }>({
      name: 'patient',
      collection: 'a',
      pipeline: [],
      ttlMs: TTL_MS,
      ttlJitter: 0,
      negativeMs: 5_000,
      staleIfErrorMs: 100 * TTL_MS,
    });
    const one = start();
    await one.engine.read(patient, undefined, {});
    await settle();
    await clock.advanceAsync(50 * TTL_MS);
    one.source.requests.length = 0;
    one.source.beforeAnswer = () =>
      Promise.reject(
        new AggregationCacheError('NO_MEMBER', 'nobody', {
          pipelineClass: 'patient',
          passedOver: [],
        }),
      );
    for (let n = 0; n < 10; n += 1) {
      expect((await one.engine.read(patient, undefined, {})).rows).toEqual([{ value: 'old' }]);
    }
    expect(one.source.requests).toHaveLength(1);
  });
});

describe('what answers differently each time', () => {
  it.each<[string, object]>([
    ['$$NOW', { $project: { a: '$$NOW' } }],
    ['$$CLUSTER_TIME', { $project: { a: '$$CLUSTER_TIME' } }],
    ['$$USER_ROLES', { $project: { a: '$$USER_ROLES' } }],
    ['$rand', { $set: { a: { $rand: {} } } }],
    ['$sample', { $sample: { size: 1 } }],
    ['$sampleRate', { $match: { $sampleRate: 0.5 } }],
    ['$function', { $set: { a: { $function: { body: 'f', args: [], lang: 'js' } } } }],
    ['$accumulator', { $group: { _id: null, a: { $accumulator: { lang: 'js' } } } }],
    ['$currentOp', { $currentOp: {} }],
    ['$collStats', { $collStats: {} }],
    ['$indexStats', { $indexStats: {} }],
    ['$listSessions', { $listSessions: {} }],
    ['$search', { $search: { text: { query: 'a', path: 'b' } } }],
  ])('is not kept: %s, alone or below a facet', (_, stage) => {
    const analyse = (pipeline: object[]) => analysePipeline(pipeline, 'shop');
    expect(analyse([stage]).uncacheable).toBeDefined();
    expect(analyse([{ $facet: { deep: [stage] } }]).uncacheable).toBeDefined();
  });
});
