import type { Db } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { aggregation } from '../../test/support/aggregation.js';
import { definePipelineClass } from '../classes/define-pipeline-class.js';
import type { Operation } from '../ports/source.js';
import { explainOperation } from './explain-operation.js';

const HOW = { verbosity: 'queryPlanner', maxTimeMS: 700 };
const ANSWER = { queryPlanner: {} };

const open = (answer: () => Promise<object> = async () => ANSWER) => {
  const sent: unknown[] = [];
  let closed = 0;
  const cursor = {
    explain: (how: object) => {
      sent.push(how);
      return answer();
    },
    close: async () => {
      closed += 1;
    },
  };
  const collection = {
    aggregate: (_: unknown, options: object) => {
      sent.push(options);
      return cursor;
    },
    distinct: async (...given: unknown[]) => {
      sent.push(given);
      return answer();
    },
  };
  const explain = (operation: Operation) =>
    explainOperation({
      database: { collection: () => collection } as unknown as Db,
      route: { readPreference: 'secondary', role: 'secondary' } as never,
      request: {
        pipelineClass: definePipelineClass({
          name: 'x',
          collection: 'a',
          pipeline: [],
          maxTimeMs: 700,
        }),
        operation,
      },
      session: undefined,
      signal: new AbortController().signal,
    });
  return { explain, sent, closed: () => closed };
};

describe('the question that is explained', () => {
  it('is sent as it is asked, but plans alone, within its time, and for an answer that is read', async () => {
    const { explain, sent, closed } = open();
    await expect(explain(aggregation())).resolves.toBe(ANSWER);
    expect(sent).toMatchObject([{ readPreference: 'secondary', maxTimeMS: 700, raw: false }, HOW]);
    expect(closed()).toBe(1);
  });

  it('leaves no cursor behind when it fails', async () => {
    const { explain, closed } = open(() => Promise.reject(new Error('no')));
    await expect(explain(aggregation())).rejects.toThrow('no');
    expect(closed()).toBe(1);
  });

  it('may be for the different values of a field', async () => {
    const { explain, sent } = open();
    await expect(explain({ kind: 'distinct', field: 'f', filter: { a: 1 } })).resolves.toBe(ANSWER);
    expect(sent).toMatchObject([['f', { a: 1 }, { explain: HOW, raw: false }]]);
  });
});
