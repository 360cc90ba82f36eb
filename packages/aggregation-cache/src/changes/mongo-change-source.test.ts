import { MongoNetworkError, MongoServerError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { ChangeStreamEnd } from './change-source.js';
import { kindOf } from './mongo-change-source.js';

const refusedWith = (code: number) => new MongoServerError({ message: 'no', code });

describe('an error that ends a stream', () => {
  it.each<[ChangeStreamEnd['kind'], number, string]>([
    ['historyLost', 260, 'InvalidResumeToken'],
    ['historyLost', 280, 'ChangeStreamFatalError'],
    ['historyLost', 286, 'ChangeStreamHistoryLost'],
    ['refused', 13, 'Unauthorized'],
    ['refused', 18, 'AuthenticationFailed'],
    ['refused', 8000, 'AtlasError'],
    ['refused', 40324, 'an unknown stage'],
    ['refused', 40573, 'no replica set'],
    ['failed', 91, 'ShutdownInProgress'],
    ['failed', 189, 'PrimarySteppedDown'],
    ['failed', 50, 'MaxTimeMSExpired'],
  ])('means %s, whenever it comes: %i %s', (kind, code) => {
    const kinds = [false, true].map((hasBegun) => kindOf(refusedWith(code), hasBegun));
    expect(kinds).toEqual([kind, kind]);
  });

  it.each([9, 15, 40649, 50811])(
    'means that the place is no good if the stream never began, else a failure: %i',
    (code) => {
      const kinds = [false, true].map((hasBegun) => kindOf(refusedWith(code), hasBegun));
      expect(kinds).toEqual(['historyLost', 'failed']);
    },
  );

  it.each([new MongoNetworkError('the line broke'), new Error('closed'), 'no error at all', null])(
    'means a failure if no server gave it: %s',
    (error) => {
      expect([kindOf(error, false), kindOf(error, true)]).toEqual(['failed', 'failed']);
    },
  );
});
