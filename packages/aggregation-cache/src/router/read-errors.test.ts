import { ReadPreference } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { aggregation } from '../../test/support/aggregation.js';
import { definePipelineClass } from '../classes/define-pipeline-class.js';
import { finalError, noMember } from './read-errors.js';
import type { Route } from './routes.js';

const request = {
  pipelineClass: definePipelineClass({
    name: 'contracts',
    collection: 'a',
    pipeline: [],
    maxTimeMs: 700,
  }),
  operation: aggregation(),
};
const route: Route = {
  id: 'a:1',
  members: [],
  role: 'secondary',
  isFailover: false,
  readPreference: new ReadPreference('secondary'),
};
const cause = Object.assign(new Error('refused'), { code: 17 });

describe('the end of a read', () => {
  it('that nobody could answer names everybody who was passed over, and the last cause', () => {
    const error = noMember(request, [
      { member: 'a:1', reason: 'network', error: new Error('first') },
      { member: 'b:1', reason: 'lagging', error: cause },
    ]);
    expect(error.code).toBe('NO_MEMBER');
    expect(error.message).toBe("No member could answer 'contracts' (a:1: network; b:1: lagging).");
    expect(error.details).toEqual({
      pipelineClass: 'contracts',
      passedOver: [
        { member: 'a:1', reason: 'network' },
        { member: 'b:1', reason: 'lagging' },
      ],
    });
    expect(error.cause).toBe(cause);
    expect(noMember(request, []).cause).toBeUndefined();
    const three = [cause, undefined, cause].map((one, index) => ({
      member: `${index}`,
      reason: 'network' as const,
      error: one,
    }));
    expect(noMember(request, three).cause).toBe(cause);
  });

  it('whose time is over says how long it may take, and where it took longer', () => {
    const error = finalError('maxTime', request, route, cause);
    expect(error).toMatchObject({
      code: 'MAX_TIME_EXCEEDED',
      message: "'contracts' took more than its 700 ms on a:1.",
      details: { pipelineClass: 'contracts', member: 'a:1', maxTimeMs: 700 },
    });
    expect(error?.cause).toBe(cause);
  });

  it('that was refused tells the code of the server, if there is one', () => {
    const error = finalError('query', request, route, cause);
    expect(error).toMatchObject({
      code: 'QUERY_FAILED',
      message: "'contracts' was refused by a:1 (server code 17).",
      details: { pipelineClass: 'contracts', member: 'a:1', serverCode: 17 },
    });
    expect(error?.cause).toBe(cause);
    expect(finalError('query', request, route, new Error('x'))?.message).toBe(
      "'contracts' was refused by a:1.",
    );
  });

  it.each([
    'network',
    'timeout',
    'lagging',
    'gone',
    'busy',
    'overloaded',
    'unavailable',
    'timeUnknown',
  ] as const)('is not there yet if another member may be asked: %s', (failure) => {
    expect(finalError(failure, request, route, cause)).toBeUndefined();
  });

  it('of a personal class does not carry what the server said, which may quote a value', () => {
    const personal = {
      ...request,
      pipelineClass: definePipelineClass({
        name: 'a',
        collection: 'a',
        pipeline: [],
        personal: true,
      }),
    };
    const quoting = Object.assign(new Error("Failed to parse 'ada@example.org'"), { code: 241 });
    const error = finalError('query', personal, route, quoting);
    expect(error).toMatchObject({ code: 'QUERY_FAILED', details: { serverCode: 241 } });
    expect(error?.cause).toBeUndefined();
  });
});
