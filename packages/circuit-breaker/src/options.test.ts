import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isCircuitBreakerError } from './errors.js';
import { BREAKER_DEFAULTS, type CircuitBreakerOptions, resolveOptions } from './options.js';
import { BACKOFF_DEFAULTS } from './policy/backoff.js';
import { RETRY_DEFAULTS } from './policy/retry.js';
import { systemClock } from './ports/system-clock.js';

const refusal = (options: object) => {
  try {
    resolveOptions({ name: 'x', ...options } as CircuitBreakerOptions);
  } catch (error) {
    if (isCircuitBreakerError(error, 'INVALID_OPTION')) return error;
    throw error;
  }
  throw new Error('was accepted');
};

describe('the options of a breaker', () => {
  it('have the documented defaults', () => {
    expect(resolveOptions({ name: 'x' })).toEqual({
      name: 'x',
      window: { kind: 'count', size: 100 },
      failureRate: 0.5,
      minimumCalls: 10,
      openForMs: 30_000,
      halfOpen: { trials: 3, maxConcurrent: 1, maxDurationMs: 60_000 },
      classify: undefined,
      clock: systemClock,
      onListenerError: undefined,
    });
    expect(resolveOptions({ name: 'x', window: { kind: 'time' } }).window).toEqual({
      kind: 'time',
      durationMs: 10_000,
      buckets: 10,
    });
  });

  it('have defaults that nobody can change for others', () => {
    for (const defaults of [BREAKER_DEFAULTS, RETRY_DEFAULTS, BACKOFF_DEFAULTS]) {
      expect(Object.isFrozen(defaults)).toBe(true);
    }
  });

  it('take undefined for "not given"', () => {
    const options = { name: 'x', window: undefined, failureRate: undefined, halfOpen: undefined };
    expect(resolveOptions(options)).toEqual(resolveOptions({ name: 'x' }));
  });

  it('lower the default of minimumCalls to the size of a smaller window, or it could never open', () => {
    expect(resolveOptions({ name: 'x', window: { kind: 'count', size: 4 } }).minimumCalls).toBe(4);
  });

  it('are copied and frozen', () => {
    const given = { name: 'x', halfOpen: { trials: 2 } };
    const resolved = resolveOptions(given);
    given.halfOpen.trials = 9;
    expect(resolved.halfOpen.trials).toBe(2);
    expect(Object.isFrozen(resolved)).toBe(true);
    expect(Object.isFrozen(resolved.window)).toBe(true);
    expect(Object.isFrozen(resolved.halfOpen)).toBe(true);
  });

  it.each([
    [{ name: '' }, 'name', 'a text, not blank'],
    [{ name: '  ' }, 'name', 'a text, not blank'],
    [{ name: 5 }, 'name', 'a text, not blank'],
    [{ failureRate: 0 }, 'failureRate', 'a number above 0 to 1'],
    [{ failureRate: 1.01 }, 'failureRate', 'a number above 0 to 1'],
    [{ failureRate: Number.NaN }, 'failureRate', 'a number above 0 to 1'],
    [{ failureRate: '0.5' }, 'failureRate', 'a number above 0 to 1'],
    [{ minimumCalls: 0 }, 'minimumCalls', 'a whole number from 1 to 100 (calls)'],
    [{ minimumCalls: 101 }, 'minimumCalls', 'a whole number from 1 to 100 (calls)'],
    [{ minimumCalls: 1.5 }, 'minimumCalls', 'a whole number from 1 to 100 (calls)'],
    [{ openForMs: 0 }, 'openForMs', 'a number from 1 to 2592000000 (ms)'],
    [{ openForMs: Number.POSITIVE_INFINITY }, 'openForMs', 'a number from 1 to 2592000000 (ms)'],
    [{ window: null }, 'window', 'an object'],
    [{ window: {} }, 'window.kind', "'count' or 'time'"],
    [
      { window: { kind: 'count', size: 0 } },
      'window.size',
      'a whole number from 1 to 1000000 (calls)',
    ],
    [
      { window: { kind: 'count', durationMs: 5 } },
      'window.durationMs',
      'left out, for it is unknown (known: kind, size)',
    ],
    [
      { window: { kind: 'time', durationMs: 9 } },
      'window.durationMs',
      'a number from 10 to 2592000000 (ms)',
    ],
    [
      { window: { kind: 'time', durationMs: 10, buckets: 11 } },
      'window.buckets',
      'a whole number from 1 to 10',
    ],
    [{ halfOpen: null }, 'halfOpen', 'an object'],
    [{ halfOpen: { trials: 0 } }, 'halfOpen.trials', 'a whole number from 1 to 1000 (calls)'],
    [
      { halfOpen: { trials: 2, maxConcurrent: 3 } },
      'halfOpen.maxConcurrent',
      'a whole number from 1 to 2 (calls)',
    ],
    [
      { halfOpen: { maxDurationMs: -1 } },
      'halfOpen.maxDurationMs',
      'a number from 1 to 2592000000 (ms)',
    ],
    [
      { halfOpen: { trial: 1 } },
      'halfOpen.trial',
      'left out, for it is unknown (known: trials, maxConcurrent, maxDurationMs)',
    ],
    [{ classify: 'failure' }, 'classify', 'a function'],
    [{ onListenerError: 1 }, 'onListenerError', 'a function'],
    [{ clock: Date }, 'clock', 'an object with now, wallTime, setTimer'],
    [{ clock: { now: Math.random } }, 'clock', 'an object with now, wallTime, setTimer'],
  ])('refuse %o', (options, option, allowed) => {
    expect(refusal(options)).toMatchObject({ option, allowed });
  });

  it('refuse an unknown option by its name, value and the known ones', () => {
    const error = refusal({ timeout: 3 });
    expect(error).toMatchObject({ option: 'timeout', value: 3 });
    expect(error.message).toContain('known: name, window, failureRate');
  });

  it('never spell out a text in place of something else, known or unknown', () => {
    const secret = 'redis://user:hunter2@host';
    for (const name of ['clock', 'classify', 'openForMs', 'window', 'halfOpen', 'redisUrl']) {
      const error = refusal({ [name]: secret });
      expect(error.option).toBe(name);
      expect(inspect(error)).not.toContain('hunter2');
    }
  });

  it('refuse to be missing', () => {
    expect(() => resolveOptions(undefined as never)).toThrow("Option 'options' must be an object");
  });
});
