import { BSON, type Db, type Document, ReadPreference, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { aggregation } from '../../test/support/aggregation.js';
import { definePipelineClass } from '../classes/define-pipeline-class.js';
import type { SourceRequest } from '../ports/source.js';
import type { Route } from './routes.js';
import { type Sending, sendOperation } from './send-operation.js';

const row = (n: number) => BSON.serialize({ n });
const plain = (rows: readonly Uint8Array[] | undefined) =>
  rows?.map((bytes) => BSON.deserialize(bytes));
const pipelineClass = definePipelineClass({
  name: 'contracts',
  collection: 'rows',
  pipeline: [],
  maxTimeMs: 500,
});
const route: Route = {
  id: 'a',
  members: [],
  role: 'secondary',
  isFailover: false,
  readPreference: new ReadPreference('secondary'),
};
const { signal } = new AbortController();
/** What each operation is sent with. */
const COMMON = {
  readConcern: { level: 'majority' },
  readPreference: route.readPreference,
  maxTimeMS: 500,
  comment: 'aggregation-cache: contracts',
  raw: true,
  signal,
};

/** Sends over a driver that notes what it is told, and has these rows. */
const send = (
  request: Partial<SourceRequest>,
  {
    rows = [],
    values = [],
    ...more
  }: Partial<Sending> & {
    rows?: Uint8Array[][];
    values?: unknown[];
  } = {},
) => {
  const told: unknown[][] = [];
  const state = { closes: 0 };
  const cursor = {
    toArray: async () => rows.flat(),
    hasNext: async () => rows.length > 0,
    readBufferedDocuments: () => rows.shift(),
    close: async () => {
      state.closes += 1;
    },
    server: { description: { address: 'a:1' } },
  };
  const database = {
    collection: (name: string) => ({
      aggregate: (...all: unknown[]) => {
        told.push([name, 'aggregate', ...all]);
        return cursor;
      },
      find: (...all: unknown[]) => {
        told.push([name, 'find', ...all]);
        return cursor;
      },
      distinct: async (...all: unknown[]) => {
        told.push([name, 'distinct', ...all]);
        return values;
      },
    }),
  };
  const question = sendOperation({
    database: database as unknown as Db,
    route,
    request: { pipelineClass, operation: aggregation(), ...request },
    session: undefined,
    signal,
    ...more,
  });
  return { question, told, state };
};

describe('what is sent', () => {
  it('is an aggregation of a majority, within the time of the class', () => {
    const pipeline = [{ $limit: 1 }];
    const { told } = send({ operation: { kind: 'aggregate', pipeline, options: { hint: 'a_1' } } });
    expect(told).toEqual([['rows', 'aggregate', pipeline, { hint: 'a_1', ...COMMON }]]);
    // The driver may write into what it is given.
    expect(told[0]?.[2]).not.toBe(pipeline);
  });

  it('cannot be changed by options of the caller', () => {
    const { told } = send({
      operation: {
        kind: 'aggregate',
        pipeline: [],
        options: { maxTimeMS: 9, readConcern: 'local' } as never,
      },
    });
    expect(told[0]?.[3]).toEqual(COMMON);
  });

  it('is in its session, if there is one', () => {
    const session = {} as never;
    expect(send({}, { session }).told[0]?.[3]).toEqual({ ...COMMON, session });
    expect(send({}).told[0]?.[3]).not.toHaveProperty('session');
  });

  it('has no read concern of its own at a moment, or of a server that knows none', () => {
    const { readConcern: _, ...without } = COMMON;
    for (const moment of ['any' as const, new Timestamp({ t: 1, i: 0 })]) {
      const { told } = send({ moment });
      expect(told[0]?.[3]).toEqual(without);
      expect(told[0]?.[3]).not.toHaveProperty('readConcern');
    }
    const alone = send({}, { route: { ...route, role: 'standalone' } });
    expect(alone.told[0]?.[3]).not.toHaveProperty('readConcern');
  });

  it('may be a find', async () => {
    const operation = { kind: 'find', filter: { a: 1 }, options: { limit: 2 } } as const;
    const { told, question } = send({ operation }, { rows: [[row(1)]] });
    expect(told).toEqual([['rows', 'find', { a: 1 }, { limit: 2, ...COMMON }]]);
    expect(plain(await question.toArray())).toEqual([{ n: 1 }]);
  });
});

describe('rows', () => {
  it('are all of them, or come batch by batch, each in bytes of its own', async () => {
    // As the driver gives them: parts of the reply they came in.
    const reply = new Uint8Array(1_000);
    const one = [row(1), row(22), row(333)].map((bytes, index) => {
      reply.set(bytes, index * 100);
      return reply.subarray(index * 100, index * 100 + bytes.length);
    });
    const { question, state } = send({}, { rows: [one] });
    const rows = await question.toArray();
    expect(plain(rows)).toEqual([{ n: 1 }, { n: 22 }, { n: 333 }]);
    expect(rows[0]?.buffer).toBe(rows[1]?.buffer);
    expect(rows[0]?.buffer).not.toBe(reply.buffer);
    const batches = send({}, { rows: [[row(1), row(2)], [row(3)]] });
    expect(plain(await batches.question.next())).toEqual([{ n: 1 }, { n: 2 }]);
    expect(plain(await batches.question.next())).toEqual([{ n: 3 }]);
    expect(await batches.question.next()).toBeUndefined();
    await question.close();
    expect(state.closes).toBe(1);
  });

  it('are of the server that the driver names', () => {
    expect(send({}).question.address).toBe('a:1');
    const nameless = (cursor: object) =>
      send(
        {},
        {
          database: { collection: () => ({ aggregate: () => cursor }) } as unknown as Db,
        },
      ).question.address;
    expect([{}, { server: {} }, { server: { description: {} } }].map(nameless)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a count', () => {
  const count = (options: Document, rows: Uint8Array[][] = []) =>
    send({ operation: { kind: 'count', filter: { a: 1 }, options } }, { rows });
  /** Between the filter and the counting. */
  const stagesOf = (options: Document) => {
    const [[, , stages] = []] = count(options).told;
    return (stages as Document[]).slice(1, -2);
  };

  it('is an aggregation that counts', async () => {
    const { told, question } = count({ hint: 'a_1' }, [[row(7)]]);
    expect(told).toEqual([
      [
        'rows',
        'aggregate',
        [
          { $match: { a: 1 } },
          { $group: { _id: null, n: { $sum: 1 } } },
          { $project: { _id: 0, n: 1 } },
        ],
        { hint: 'a_1', ...COMMON },
      ],
    ]);
    expect(question.address).toBe('a:1');
    expect(plain(await question.toArray())).toEqual([{ n: 7 }]);
  });

  it('skips first and limits then; 0 is neither', () => {
    expect(stagesOf({ skip: 2, limit: 3 })).toEqual([{ $skip: 2 }, { $limit: 3 }]);
    expect(stagesOf({ skip: 0, limit: 0 })).toEqual([]);
    expect(stagesOf({ limit: 3 })).toEqual([{ $limit: 3 }]);
    expect(stagesOf({ skip: 2 })).toEqual([{ $skip: 2 }]);
    expect(count({ skip: 2, limit: 3 }).told[0]?.[3]).toEqual(COMMON);
  });

  it('of nothing is 0, and comes once', async () => {
    const { question, state } = count({});
    expect(plain(await question.next())).toEqual([{ n: 0 }]);
    expect(await question.next()).toBeUndefined();
    await question.close();
    expect(state.closes).toBe(0);
  });
});

describe('distinct values', () => {
  it('come as they are stored, in a row each', async () => {
    const operation = {
      kind: 'distinct',
      field: 'b',
      filter: { a: 1 },
      options: { collation: { locale: 'en' } },
    } as const;
    const { told, question } = send({ operation }, { values: [1, undefined, { c: undefined }] });
    expect(plain(await question.toArray())).toStrictEqual([
      { v: 1 },
      { v: undefined },
      { v: { c: undefined } },
    ]);
    expect(told).toEqual([
      [
        'rows',
        'distinct',
        'b',
        { a: 1 },
        {
          ...operation.options,
          ...COMMON,
          raw: false,
          promoteValues: false,
          promoteLongs: false,
          promoteBuffers: false,
          useBigInt64: false,
          bsonRegExp: true,
        },
      ],
    ]);
    expect(question.address).toBeUndefined();
  });
});
