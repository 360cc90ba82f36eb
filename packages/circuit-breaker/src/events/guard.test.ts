import { afterEach, describe, expect, it, vi } from 'vitest';
import { askGuarded, callGuarded, reportFailure } from './guard.js';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const failure = { kind: 'callback', name: 'shouldRetry' } as const;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('user code whose answer does not matter', () => {
  it.each([undefined, null, 5, 'text', {}, [], () => 1])('may return %o', (answer) => {
    const hook = vi.fn();
    callGuarded(() => answer, failure, hook);
    expect(hook).not.toHaveBeenCalled();
  });
});

describe('user code that is asked', () => {
  const ask = (call: () => unknown, hook = vi.fn()) => {
    const what = { ...failure, expected: 'true or false' };
    return { answer: askGuarded(call, (one) => typeof one === 'boolean', what, hook), hook };
  };

  it('is heard if its answer fits', () => {
    const { answer, hook } = ask(() => false);
    expect(answer).toBe(false);
    expect(hook).not.toHaveBeenCalled();
  });

  it.each([undefined, null, 5, 'true', {}])(
    'is not heard if it says %o, which is reported',
    (said) => {
      const { answer, hook } = ask(() => said);
      expect(answer).toBeUndefined();
      const error = new TypeError('shouldRetry must return true or false.');
      expect(hook.mock.calls).toEqual([[{ ...failure, error }]]);
    },
  );

  it('is not heard if it throws, which is reported', () => {
    const error = new Error('broken');
    const { answer, hook } = ask(() => {
      throw error;
    });
    expect(answer).toBeUndefined();
    expect(hook.mock.calls).toEqual([[{ ...failure, error }]]);
  });

  it('is not heard if it promises an answer, and its rejection is left to nobody', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const { hook } = ask(() => Promise.reject(new Error('late')));
    await nextTurn();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(hook).toHaveBeenCalledTimes(1);
  });
});

describe('the warning where there is no hook', () => {
  const warningFor = (error: unknown) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    reportFailure(undefined, { ...failure, error });
    return warn.mock.calls[0];
  };

  it('has the stack of an error as its detail', () => {
    const error = new TypeError('broken');
    expect(warningFor(error)).toStrictEqual([
      "The callback 'shouldRetry' failed and was skipped. TypeError: broken",
      { type: 'ListenerFailedWarning', detail: error.stack },
    ]);
  });

  it.each([
    [
      'an error without a stack',
      Object.assign(new Error('broken'), { stack: undefined }),
      'Error: broken',
    ],
    ['a text', 'broken', 'broken'],
  ])('has no detail for %s', (_what, error, text) => {
    expect(warningFor(error)).toStrictEqual([
      `The callback 'shouldRetry' failed and was skipped. ${text}`,
      { type: 'ListenerFailedWarning' },
    ]);
  });
});
