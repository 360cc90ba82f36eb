import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../test/support/refusal.js';
import { BACKOFF_DEFAULTS } from '../backoff/backoff.js';
import { BREAKER_DEFAULTS, type CircuitBreakerOptions } from '../options.js';
import { RETRY_DEFAULTS } from '../policy/retry.js';
import { systemClock } from '../ports/system-clock.js';
import { systemRandom } from '../ports/system-random.js';
import { resolveOptions } from './resolve-options.js';

const settingsOf = (options: Partial<CircuitBreakerOptions>) =>
  resolveOptions({ name: 'x', ...options }).settings;

const refusal = (options: object) =>
  refusalOf(() => resolveOptions({ name: 'x', ...options } as CircuitBreakerOptions));

describe('the options of a breaker', () => {
  it('have the documented defaults', () => {
    expect(resolveOptions({ name: 'x' })).toEqual({
      name: 'x',
      tags: [],
      settings: {
        mode: 'enforcing',
        window: { kind: 'count', size: 100 },
        failureRate: 0.5,
        minimumCalls: 10,
        consecutiveFailures: false,
        slowCalls: false,
        latency: false,
        classify: undefined,
        openForMs: 30_000,
        halfOpen: {
          trials: 3,
          successRate: 1,
          maxConcurrent: 1,
          maxDurationMs: 60_000,
          maxWaiting: 0,
          maxWaitMs: 1000,
        },
        rampUp: false,
        sharedRejection: false,
        clock: systemClock,
        random: systemRandom,
        onListenerError: undefined,
      },
    });
  });

  it('have defaults for each group that is asked for', () => {
    expect(settingsOf({ window: { kind: 'time' } }).window).toEqual({
      kind: 'time',
      durationMs: 10_000,
      buckets: 10,
    });
    expect(settingsOf({ window: { kind: 'ewma' } }).window).toEqual({
      kind: 'ewma',
      halfLifeMs: 10_000,
    });
    expect(settingsOf({ slowCalls: { thresholdMs: 5 } }).slowCalls).toEqual({
      thresholdMs: 5,
      rate: 0.8,
    });
    expect(settingsOf({ rampUp: {} }).rampUp).toEqual({ initialShare: 0.1, durationMs: 30_000 });
  });

  it('look at runs alone where the window knows nothing else', () => {
    expect(settingsOf({ window: { kind: 'consecutive' } })).toMatchObject({
      window: { kind: 'consecutive' },
      failureRate: false,
      consecutiveFailures: 5,
    });
  });

  it('have defaults that nobody can change for others', () => {
    for (const defaults of [BREAKER_DEFAULTS, RETRY_DEFAULTS, BACKOFF_DEFAULTS]) {
      expect(Object.isFrozen(defaults)).toBe(true);
    }
  });

  it('take undefined for "not given"', () => {
    const options = {
      name: 'x',
      tags: undefined,
      mode: undefined,
      window: undefined,
      failureRate: undefined,
      consecutiveFailures: undefined,
      slowCalls: undefined,
      openForMs: undefined,
      halfOpen: undefined,
      rampUp: undefined,
      clock: undefined,
      random: undefined,
    };
    expect(resolveOptions(options)).toEqual(resolveOptions({ name: 'x' }));
  });

  it('lower the default of minimumCalls to the size of a smaller window, or it could never open', () => {
    expect(settingsOf({ window: { kind: 'count', size: 4 } }).minimumCalls).toBe(4);
  });

  it('are copied and frozen', () => {
    const openForMs = { kind: 'constant' as const, delayMs: 5 };
    const given = { name: 'x', tags: ['a'], halfOpen: { trials: 2 }, rampUp: {}, openForMs };
    const { tags, settings } = resolveOptions(given);
    given.halfOpen.trials = 9;
    given.tags.push('b');
    openForMs.delayMs = 7;
    expect(settings.halfOpen.trials).toBe(2);
    expect(tags).toEqual(['a']);
    expect(settings.openForMs).toEqual({ kind: 'constant', delayMs: 5 });
    const { window, halfOpen, rampUp } = settings;
    for (const part of [tags, settings, window, halfOpen, rampUp, settings.openForMs]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('that are equal are kept once, whoever brought them', () => {
    const options = { window: { kind: 'time' }, openForMs: { kind: 'linear' } } as const;
    const [one, other] = [settingsOf(options), settingsOf({ ...options })];
    expect(other).toBe(one);
    expect(settingsOf({ ...options, minimumCalls: 9 })).not.toBe(one);
    const classify = () => 'success' as const;
    expect(settingsOf({ classify })).not.toBe(settingsOf({ classify: () => 'success' }));
  });

  it('are not taken for those that were read before, however different', () => {
    const defaults = settingsOf({});
    const other = settingsOf({
      mode: 'shadow',
      window: { kind: 'time' },
      failureRate: false,
      minimumCalls: 3,
      consecutiveFailures: 4,
      slowCalls: { thresholdMs: 5 },
      latency: true,
      classify: () => 'success',
      openForMs: 6,
      halfOpen: { trials: 7 },
      rampUp: {},
      sharedRejection: true,
      clock: { now: () => 0, wallTime: () => 0, setTimer: () => () => {} },
      random: () => 0.5,
      onListenerError: () => {},
    });
    expect(other).toMatchObject({ mode: 'shadow', failureRate: false, openForMs: 6 });
    expect(settingsOf({})).toEqual(defaults);
    expect(settingsOf({ failureRate: 0.2 }).failureRate).toBe(0.2);
    expect(settingsOf({})).toEqual(defaults);
  });

  it('are read again where a group of them was changed since', () => {
    const halfOpen = { trials: 2 };
    expect(settingsOf({ halfOpen }).halfOpen.trials).toBe(2);
    halfOpen.trials = 4;
    expect(settingsOf({ halfOpen }).halfOpen.trials).toBe(4);
  });

  it('refuse to be missing', () => {
    for (const nothing of [undefined, null, 5, 'x'] as never[]) {
      expect(() => resolveOptions(nothing)).toThrow("Option 'options' must be an object");
    }
  });

  it('never spell out a text in place of something else, known or unknown', () => {
    const secret = 'redis://user:hunter2@host';
    for (const name of ['clock', 'classify', 'openForMs', 'window', 'halfOpen', 'redisUrl']) {
      const error = refusal({ [name]: secret });
      expect(error.option).toBe(name);
      expect(inspect(error)).not.toContain('hunter2');
    }
  });

  it.each([
    [{ window: { kind: 'count', size: 0 } }, 'window.size', 'from 1 to 1000000 (calls)'],
    [
      { window: { kind: 'time', durationMs: 5 } },
      'window.durationMs',
      'from 10 to 2592000000 (ms)',
    ],
  ])('say in which unit %j is out of range', (options, option, range) => {
    const error = refusal(options);
    expect([error.option, error.message]).toEqual([option, expect.stringContaining(range)]);
  });

  it('refuse an unknown option by its name, value and the known ones', () => {
    const error = refusal({ timeout: 3 });
    expect(error).toMatchObject({ option: 'timeout', value: 3 });
    expect(error.message).toContain('known: name, tags, mode, window, failureRate');
  });
});
