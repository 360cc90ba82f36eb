import { describe, expect, it } from 'vitest';
import { InjectedFaultError } from '../policy/errors.js';
import { HttpStatusError } from '../policy/standard-http/status-error.js';
import { defaultClassify } from './default-classify.js';

const answered = { answer: {} as never, status: 503, retryAfterMs: undefined };

describe('an error of this package', () => {
  it.each([
    ['a fault that was injected', new InjectedFaultError()],
    ['a status of HTTP', new HttpStatusError(answered)],
  ])('that stands for trouble of the other side is a failure: %s', (_what, error) => {
    expect(defaultClassify({ status: 'rejected', error })).toBe('failure');
  });
});
