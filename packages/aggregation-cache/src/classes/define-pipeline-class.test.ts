import type { Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CLASS_DEFAULTS, definePipelineClass } from './define-pipeline-class.js';

const good = { name: 'a', collection: 'a', pipeline: [] as Document[] };

describe('a class', () => {
  it('has defaults, and is frozen', () => {
    const made = definePipelineClass(good);
    expect(made).toMatchObject({ ...CLASS_DEFAULTS, members: [], primary: 'last', dependsOn: [] });
    expect(Object.isFrozen(made)).toBe(true);
  });

  it('does not change with what it was made from', () => {
    const members = [{ replica: 'replica1' }];
    const pipeline = [{ $limit: 1 }];
    const made = definePipelineClass({ ...good, members, pipeline });
    members.push({ replica: 'replica2' });
    pipeline.push({ $limit: 2 });
    expect(made.members).toEqual([{ replica: 'replica1' }]);
    expect(made.build()).toEqual([{ $limit: 1 }]);
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

  it('takes any schema that speaks the standard', () => {
    const made = definePipelineClass({
      ...good,
      params: z.object({ id: z.coerce.number() }),
      rows: z.object({ total: z.number() }),
      pipeline: ({ id }) => [{ $match: { _id: id } }],
    });
    expect(made.build({ id: 5 })).toEqual([{ $match: { _id: 5 } }]);
  });
});
