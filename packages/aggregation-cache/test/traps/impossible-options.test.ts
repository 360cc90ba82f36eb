import { MongoClient, type MongoClientOptions } from 'mongodb';
import { describe, expect, it } from 'vitest';
import {
  AggregationCache,
  type AggregationCacheError,
  definePipelineClass,
  isAggregationCacheError,
} from '../../src/index.js';

const errorOf = (declare: () => unknown): AggregationCacheError<'INVALID_OPTION'> => {
  try {
    declare();
  } catch (error) {
    if (isAggregationCacheError(error, 'INVALID_OPTION')) return error;
    throw error;
  }
  throw new Error('It was not refused.');
};

describe('an impossible option', () => {
  it.each<[object, string, unknown, string]>([
    [{ collection: undefined }, 'collection', undefined, 'a'],
    [{ ttlMs: 0 }, 'ttlMs', 0, 'from 1 to 2592000000 (ms)'],
    [{ ttlJitter: 2 }, 'ttlJitter', 2, 'from 0 to 0.9'],
    [{ maxTimeMs: 1.5 }, 'maxTimeMs', 1.5, 'a whole number from 1 to 3600000 (ms)'],
    [{ members: [{}] }, 'members.0', 'an object', 'at least one tag'],
    [{ mode: 'sure' }, 'mode', 'a text of 4 characters', "'strict' or 'bounded' or 'eventual'"],
    [{ name: 'a\ud800' }, 'name', 'a text of 2 characters', 'halves of characters'],
    [{ collection: '\udc00' }, 'collection', 'a text of 1 characters', 'halves of characters'],
    [{ dependsOn: [{ db: 'a b', coll: 'c' }] }, 'dependsOn.0.db', 'a text of 3 characters', 'name'],
    [{ params: {} }, 'params', 'an object', 'a Standard Schema'],
    [{ options: { collation: 'de' } }, 'options.collation', 'a text of 2 characters', 'locale'],
    [{ options: { hint: 5 } }, 'options.hint', 5, "an index' name"],
    [{ options: { let: [] } }, 'options.let', 'a list of 0', 'variables'],
    [
      { options: { allowDiskUse: 'yes' } },
      'options.allowDiskUse',
      'a text of 3 characters',
      'true',
    ],
  ])('of a class is told with its value and what is allowed: %o', (bad, option, value, allowed) => {
    const good = { name: 'a', collection: 'a', pipeline: [] };
    const error = errorOf(() => definePipelineClass({ ...good, ...bad } as never));
    expect(error.details).toMatchObject({ option, value });
    expect(error.details.allowed).toContain(allowed);
    expect(error.message).toContain(`'${option}'`);
  });

  it.each<[object, string, unknown, string]>([
    [{ maxEntryBytes: 1 }, 'maxEntryBytes', 1, 'from 1024 to 1073741824 (bytes)'],
    [{ heartbeatMs: 19 }, 'heartbeatMs', 19, 'from 20 to 3600000 (ms)'],
    [{ leaseMs: 99 }, 'leaseMs', 99, 'from 100 to 60000 (ms)'],
    [{ selectionTimeoutMs: -1 }, 'selectionTimeoutMs', -1, 'from 0 to 60000 (ms)'],
    [{ recordHotReads: 10_001 }, 'recordHotReads', 10_001, 'from 0 to 10000 (reads)'],
    [{ changes: { stallMs: 1 } }, 'changes.stallMs', 1, 'from 2000 to 600000 (ms)'],
    [{ explainSlow: {} }, 'explainSlow.overMs', undefined, 'from 1 to 3600000 (ms)'],
    [{ explainSlow: { overMs: 0 } }, 'explainSlow.overMs', 0, 'from 1 to 3600000 (ms)'],
    [{ explainSlow: { overMs: 1, rate: 0 } }, 'explainSlow.rate', 0, 'from 1 to 1000000 (loads)'],
    [
      { explainSlow: { overMs: 1, everyMs: 99 } },
      'explainSlow.everyMs',
      99,
      'from 100 to 86400000 (ms)',
    ],
    [{ explainSlow: { over: 5 } }, 'explainSlow.over', 5, 'unknown'],
    [{ keyPrefix: ' ' }, 'keyPrefix', 'a blank text', 'not blank'],
    [{ tracer: {} }, 'tracer', 'an object', 'span'],
    [{ random: 5 }, 'random', 5, 'a function'],
    [{ onListenerError: 5 }, 'onListenerError', 5, 'a function'],
    [{ breakers: {} }, 'breakers', 'an object', 'getOrCreate'],
    [{ memberBreaker: 5 }, 'memberBreaker', 5, 'an object'],
    [{ memberBreaker: { failureRate: 2 } }, 'memberBreaker.failureRate', 2, 'above 0 to 1'],
    [
      { memberBreaker: { window: { kind: 'count', size: 2 } } },
      'memberBreaker.minimumCalls',
      3,
      'from 1 to 2',
    ],
    [{ remoteBreaker: { openForMs: 0 } }, 'remoteBreaker.openForMs', 0, ''],
    [
      { remoteBreaker: { name: 'mine' } },
      'remoteBreaker.name',
      'a text of 4 characters',
      'given by the cache',
    ],
    [{ database: 'a.b' }, 'database', 'a text of 3 characters', 'without'],
    [{ database: 'a'.repeat(64) }, 'database', 'a text of 64 characters', 'up to 63 bytes'],
    [{ keyPrefix: '\ud800' }, 'keyPrefix', 'a text of 1 characters', 'halves'],
    [{ sealKeys: [] }, 'sealKeys', 'a list of 0', 'a list of 1 to 16'],
    [{ lagProbeMs: 2_000, lagBudgetMs: 1_000 }, 'lagBudgetMs', 1_000, 'from 2000 to 60000 (ms)'],
  ])('of a cache is told with its value and what is allowed: %o', (bad, option, value, allowed) => {
    const client = new MongoClient('mongodb://127.0.0.1:1');
    const error = errorOf(() => new AggregationCache({ client, database: 'a', ...bad } as never));
    expect(error.details).toMatchObject({ option, value });
    expect(error.details.allowed).toContain(allowed);
  });

  it.each<[object, string, unknown, string]>([
    [{ useBigInt64: true, promoteLongs: false }, 'promoteLongs', false, "with 'useBigInt64'"],
    [{ useBigInt64: true, promoteValues: false }, 'promoteValues', false, "with 'useBigInt64'"],
    [{ raw: true }, 'raw', true, 'false, '],
  ])(
    'of a database is told with its value and what is allowed: %o',
    (bad, name, value, allowed) => {
      const client = new MongoClient('mongodb://127.0.0.1:1');
      const error = errorOf(() => new AggregationCache({ client, database: client.db('a', bad) }));
      expect(error.details).toMatchObject({ option: `database.${name}`, value });
      expect(error.details.allowed).toContain(allowed);
    },
  );

  it('that a database has of its client is told too, and a harmless one is taken', () => {
    const open = (options: MongoClientOptions) => {
      const client = new MongoClient('mongodb://127.0.0.1:1', options);
      return new AggregationCache({ client, database: 'a' });
    };
    const { details } = errorOf(() => open({ fieldsAsRaw: { photo: true } }));
    expect(details).toMatchObject({ option: 'database.fieldsAsRaw', value: 'an object' });
    expect(() => open({ fieldsAsRaw: {}, raw: false, useBigInt64: true })).not.toThrow();
  });

  it('such as a database of another client is told', () => {
    const [client, other] = [1, 2].map((port) => new MongoClient(`mongodb://127.0.0.1:${port}`));
    const open = (own: MongoClient | undefined) =>
      new AggregationCache({ client, database: own?.db('a') } as never);
    expect(errorOf(() => open(other)).details).toMatchObject({
      option: 'database',
      value: 'an object',
      allowed: "a database of 'client'",
    });
    expect(() => open(client)).not.toThrow();
  });
});
