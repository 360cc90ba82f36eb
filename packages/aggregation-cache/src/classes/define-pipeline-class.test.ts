import type { Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CLASS_DEFAULTS } from './class-defaults.js';
import { definePipelineClass } from './define-pipeline-class.js';

const good = { name: 'a', collection: 'a', pipeline: [] as Document[] };

describe('a class', () => {
  it('has defaults, and is frozen', () => {
    const made = definePipelineClass(good);
    expect(made).toMatchObject({
      ...CLASS_DEFAULTS,
      hedgeDelayMs: undefined,
      members: [],
      dependsOn: [],
    });
    expect(Object.isFrozen(made)).toBe(true);
  });

  it('does not change with what it was made from', () => {
    const members = [{ replica: 'replica1' }];
    const pipeline = [{ $limit: 1 }];
    const made = definePipelineClass({ ...good, members, pipeline });
    members.push({ replica: 'replica2' });
    pipeline.push({ $limit: 2 });
    expect(made.members).toEqual([{ replica: 'replica1' }]);
    expect(made.build()).toMatchObject({ pipeline: [{ $limit: 1 }] });
  });

  it.each<[object, string]>([
    [{ name: '' }, 'name'],
    [{ collection: ' ' }, 'collection'],
    [{ collection: 'a$b' }, 'collection'],
    [{ version: 0 }, 'version'],
    [{ pipeline: 'x' }, 'pipeline'],
    [{ ttlMs: 0 }, 'ttlMs'],
    [{ ttlMs: Number.NaN }, 'ttlMs'],
    [{ ttlJitter: 1 }, 'ttlJitter'],
    [{ maxTimeMs: -1 }, 'maxTimeMs'],
    [{ members: 'replica1' }, 'members'],
    [{ members: ['replica1'] }, 'members.0'],
    [{ members: [{}] }, 'members.0'],
    [{ members: [{ replica: 1 }] }, 'members.0.replica'],
    [{ primary: 'first' }, 'primary'],
    [{ primary: 'never' }, 'members'],
    [{ dependsOn: 'a' }, 'dependsOn'],
    [{ dependsOn: ['$a'] }, 'dependsOn.0'],
    [{ dependsOn: [{ db: 'x' }] }, 'dependsOn.0.coll'],
    [{ tenant: 'maybe' }, 'tenant'],
    [{ params: {} }, 'params'],
    [{ rows: { '~standard': {} } }, 'rows'],
    [{ options: { readConcern: 'local' } }, 'options.readConcern'],
    [{ ttl: 5 }, 'ttl'],
    [{ mode: 'sure' }, 'mode'],
    [{ lagBudgetMs: 0 }, 'lagBudgetMs'],
    [{ lagBudgetMs: 60_001 }, 'lagBudgetMs'],
    [{ emptyTtlMs: 0 }, 'emptyTtlMs'],
    [{ negativeMs: -1 }, 'negativeMs'],
    [{ negativeMs: 60_001 }, 'negativeMs'],
    [{ staleWhileRevalidateMs: -1 }, 'staleWhileRevalidateMs'],
    [{ staleIfErrorMs: 31 * 24 * 3_600_000 }, 'staleIfErrorMs'],
    [{ softTimeoutMs: 0, staleIfErrorMs: 1 }, 'softTimeoutMs'],
    [{ softTimeoutMs: 5 }, 'softTimeoutMs'],
    [{ softTimeoutMs: 5, hardTimeoutMs: 5, staleIfErrorMs: 1 }, 'softTimeoutMs'],
    [{ hardTimeoutMs: 0 }, 'hardTimeoutMs'],
    [{ earlyRefresh: 10.1 }, 'earlyRefresh'],
    [{ hedgeDelayMs: 0 }, 'hedgeDelayMs'],
    [{ hedgeDelayMs: 'p99' }, 'hedgeDelayMs'],
    [{ breaker: 5 }, 'breaker'],
    [{ breaker: { name: 'mine' } }, 'breaker.name'],
    [{ breaker: { failureRate: 2 } }, 'breaker.failureRate'],
    [{ breaker: { failRate: 0.2 } }, 'breaker.failRate'],
    [{ personal: 'yes' }, 'personal'],
    [{ compress: 'zstd' }, 'compress'],
    [{ auditRate: 0.5 }, 'auditRate'],
    [{ tags: 'a' }, 'tags'],
    [{ tags: [5] }, 'tags.0'],
    [{ tags: ['a', ' '] }, 'tags.1'],
    [{ tags: ['a'.repeat(201)] }, 'tags.0'],
    [{ tags: Array.from({ length: 33 }, String) }, 'tags'],
    [{ freezeNowMs: 0 }, 'freezeNowMs'],
    [{ options: { hints: 'a' } }, 'options.hints'],
  ])('that could never work is refused: %o', (bad, option) => {
    expect(() => definePipelineClass({ ...good, ...bad } as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        details: expect.objectContaining({ option }),
      }),
    );
  });

  it('that writes is refused', () => {
    expect(() => definePipelineClass({ ...good, pipeline: [{ $out: 'b' }] })).toThrow(
      expect.objectContaining({ code: 'WRITE_STAGE' }),
    );
  });

  it('names the option, the value and what is allowed', () => {
    expect(() => definePipelineClass({ ...good, ttlMs: 0 })).toThrow(
      "Option 'ttlMs' must be a whole number from 1 to 2592000000 (ms); it is 0.",
    );
  });

  it('fills in what follows from other options', () => {
    expect(definePipelineClass({ ...good, ttlMs: 7 })).toMatchObject({
      emptyTtlMs: 7,
      lagBudgetMs: undefined,
      softTimeoutMs: undefined,
      hardTimeoutMs: undefined,
      freezeNowMs: undefined,
    });
    expect(definePipelineClass({ ...good, hedgeDelayMs: 'off' }).hedgeDelayMs).toBeUndefined();
    expect(definePipelineClass({ ...good, hedgeDelayMs: 30 }).hedgeDelayMs).toBe(30);
  });

  it('takes possible times together', () => {
    const times = {
      softTimeoutMs: 5,
      hardTimeoutMs: 6,
      staleIfErrorMs: 1,
      staleWhileRevalidateMs: 0,
    };
    expect(definePipelineClass({ ...good, ...times })).toMatchObject(times);
  });

  it('whose stages could never be sent is refused', () => {
    expect(() => definePipelineClass({ ...good, pipeline: [{ $match: { a: () => 1 } }] })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_VALUE' }),
    );
  });

  it('takes any schema that speaks the standard', () => {
    const made = definePipelineClass({
      ...good,
      params: z.object({ id: z.coerce.number() }),
      rows: z.object({ total: z.number() }),
      pipeline: ({ id }) => [{ $match: { _id: id } }],
    });
    expect(made.build({ id: 5 })).toMatchObject({ pipeline: [{ $match: { _id: 5 } }] });
  });
});
