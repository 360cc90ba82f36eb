import {
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';
import { describe, expect, it } from 'vitest';
import { classifyError, serverCodeOf } from './classify-error.js';

const server = (code: number, message = 'no', errorLabels: string[] = []) =>
  new MongoServerError({ message, code, errorLabels });

describe('an error of the driver', () => {
  it.each([
    ['a lost connection', new MongoNetworkError('closed'), 'network'],
    ['a connection that timed out', new MongoNetworkTimeoutError('late'), 'network'],
    ['a pool that was cleared', { name: 'MongoPoolClearedError' }, 'network'],
    [
      'a connection in use of a pool that was cleared',
      { name: 'PoolClearedOnNetworkError' },
      'network',
    ],
    ['a line that was reset, as Node says it', { name: 'Error', code: 'ECONNRESET' }, 'network'],
    ['a line that ended in between', { name: 'Error', code: 'ERR_STREAM_DESTROYED' }, 'network'],
    ['a wrong argument, as Node says it', { code: 'ERR_INVALID_ARG_TYPE' }, 'query'],
    ['a pool that was closed', { name: 'MongoPoolClosedError' }, 'network'],
    ['a server that was closed', { name: 'MongoServerClosedError' }, 'network'],
    ['a client that was closed', { name: 'MongoTopologyClosedError' }, 'gone'],
    ['a wait for a connection of the own pool', { name: 'MongoWaitQueueTimeoutError' }, 'busy'],
    ['no server', new MongoServerSelectionError('none', {} as never), 'gone'],
    ['a member that shuts down', server(91), 'unavailable'],
    ['a member that lost its role', server(10_107), 'unavailable'],
    ['a member in recovery', server(13_436), 'unavailable'],
    ['too much load, by code', server(462), 'overloaded'],
    ['too much load, by label', server(1, 'busy', ['SystemOverloadedError']), 'overloaded'],
    ['the time limit', server(50), 'maxTime'],
    [
      'a time ahead of the member',
      server(
        72,
        'readConcern afterClusterTime value must not be greater than the current clusterTime',
      ),
      'timeUnknown',
    ],
    ['a time that is wrongly signed', server(204), 'timeUnknown'],
    ['a time too far ahead', server(205), 'timeUnknown'],
    ['a time signed with an unknown key', server(211), 'timeUnknown'],
    ['another invalid option', server(72, 'cannot specify both'), 'query'],
    ['an unknown stage', server(40_324), 'query'],
    ['a duplicate key', server(11_000), 'query'],
    ['a validation', server(121), 'query'],
    ['something else', new TypeError('x'), 'query'],
    ['another code that speaks of the time', server(17, 'clusterTime'), 'query'],
    ['a code in words', { code: '91' }, 'query'],
    ['nothing at all', undefined, 'query'],
    ['nothing', null, 'query'],
    ['a text', 'MongoNetworkError', 'query'],
  ])('says what happened: %s', (_, error, expected) => {
    expect(classifyError(error)).toBe(expected);
  });

  it('may have a code', () => {
    expect(serverCodeOf(server(50))).toBe(50);
    expect(serverCodeOf(new Error('x'))).toBeUndefined();
    expect(serverCodeOf({ code: 'ECONNRESET' })).toBeUndefined();
    expect(serverCodeOf(undefined)).toBeUndefined();
  });
});
