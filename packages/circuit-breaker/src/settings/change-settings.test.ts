import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../test/support/refusal.js';
import type { ChangeableOptions, CircuitBreakerOptions, WindowOptions } from '../options.js';
import { changeSettings } from './change-settings.js';
import { resolveOptions } from './resolve-options.js';

const settingsOf = (options: Partial<CircuitBreakerOptions> = {}) =>
  resolveOptions({ name: 'x', ...options }).settings;

const change = (from: Partial<CircuitBreakerOptions>, changes: ChangeableOptions) =>
  changeSettings(settingsOf(from), changes);

describe('changed settings', () => {
  it('are the old ones but for what was changed', () => {
    const from = { minimumCalls: 7, openForMs: 5, halfOpen: { trials: 9 }, latency: true } as const;
    expect(change(from, { failureRate: 0.1 })).toEqual(settingsOf({ ...from, failureRate: 0.1 }));
    expect(change(from, {})).toEqual(settingsOf(from));
  });

  it('lower the calls that are needed where the window is smaller, as at the start', () => {
    const window = { kind: 'count', size: 5 } as const;
    expect(change({}, { window }).minimumCalls).toBe(5);
    expect(change({ minimumCalls: 50 }, { window: { kind: 'count', size: 20 } }).minimumCalls).toBe(
      20,
    );
    expect(change({ minimumCalls: 4 }, { window }).minimumCalls).toBe(4);
    expect(change({ minimumCalls: 50 }, { window: { kind: 'time' } }).minimumCalls).toBe(50);
    const many = { window: { kind: 'ewma' }, minimumCalls: 500 } as const;
    expect(change(many, { window: { kind: 'time' } }).minimumCalls).toBe(500);
  });

  it('change groups one by one', () => {
    const from = {
      halfOpen: { trials: 9, maxConcurrent: 4 },
      slowCalls: { thresholdMs: 5, rate: 0.3 },
      rampUp: { initialShare: 0.2, durationMs: 50 },
      window: { kind: 'time', durationMs: 500, buckets: 5 },
      openForMs: { kind: 'linear', initialMs: 5, stepMs: 7 },
    } as const;
    const changed = change(from, {
      halfOpen: { trials: 5 },
      slowCalls: { thresholdMs: 6 },
      rampUp: { durationMs: 60 },
      window: { kind: 'time', buckets: 10 },
      openForMs: { kind: 'linear', stepMs: 8 },
    });
    expect(changed).toMatchObject({
      halfOpen: { trials: 5, maxConcurrent: 4 },
      slowCalls: { thresholdMs: 6, rate: 0.3 },
      rampUp: { initialShare: 0.2, durationMs: 60 },
      window: { kind: 'time', durationMs: 500, buckets: 10 },
      openForMs: { kind: 'linear', initialMs: 5, stepMs: 8 },
    });
  });

  it('keep the kind of a group where none is given', () => {
    const openForMs = { stepMs: 8 } as never;
    expect(change({ openForMs: { kind: 'linear', initialMs: 5 } }, { openForMs })).toMatchObject({
      openForMs: { kind: 'linear', initialMs: 5, stepMs: 8 },
    });
  });

  it('put a group of another kind in the place of the old one', () => {
    expect(
      change({ openForMs: { kind: 'linear', stepMs: 7 } }, { openForMs: { kind: 'constant' } }),
    ).toMatchObject({ openForMs: { kind: 'constant' } });
    expect(change({ openForMs: { kind: 'linear' } }, { openForMs: 500 }).openForMs).toBe(500);
    const wait = () => 5;
    expect(change({ openForMs: 500 }, { openForMs: wait }).openForMs).toBe(wait);
    expect(change({ window: { kind: 'time' } }, { window: { kind: 'ewma' } }).window).toEqual({
      kind: 'ewma',
      halfLifeMs: 10_000,
    });
  });

  it('switch groups off and on', () => {
    const on = change({}, { slowCalls: { thresholdMs: 5 }, rampUp: {} });
    expect(on).toMatchObject({ slowCalls: { rate: 0.8 }, rampUp: { initialShare: 0.1 } });
    expect(changeSettings(on, { slowCalls: false, rampUp: false })).toMatchObject({
      slowCalls: false,
      rampUp: false,
    });
  });

  it('take undefined for "not changed"', () => {
    const changes = { window: undefined, failureRate: undefined, halfOpen: { trials: undefined } };
    expect(change({ failureRate: 0.2, halfOpen: { trials: 5 } }, changes)).toEqual(
      settingsOf({ failureRate: 0.2, halfOpen: { trials: 5 } }),
    );
  });

  it('take the rules of a window of runs with it, and give them back with another', () => {
    const rates = { failureRate: 0.2, slowCalls: { thresholdMs: 5 } } as const;
    const runs: WindowOptions = { kind: 'consecutive' };
    const toRuns = change(rates, { window: runs });
    expect(toRuns).toMatchObject({ failureRate: false, slowCalls: false, consecutiveFailures: 5 });
    expect(changeSettings(toRuns, { window: { kind: 'count' } })).toMatchObject({
      failureRate: 0.5,
      consecutiveFailures: false,
    });
    expect(change(rates, { window: runs, consecutiveFailures: 2 }).consecutiveFailures).toBe(2);
  });

  it('keep what cannot be changed', () => {
    const clock = { now: () => 0, wallTime: () => 0, setTimer: () => () => {} };
    const random = () => 0;
    const onListenerError = () => {};
    const kept = { clock, random, onListenerError };
    expect(change(kept, { mode: 'shadow' })).toMatchObject(kept);
  });

  it.each([
    ['name', 'y'],
    ['tags', []],
    ['clock', undefined],
    ['random', Math.random],
    ['onListenerError', () => {}],
    ['size', 5],
  ])('refuse %s, which is fixed or unknown', (option, value) => {
    const error = refusalOf(() => change({}, { [option]: value }));
    expect(error).toMatchObject({ option, allowed: expect.stringContaining('left out') });
  });

  it.each<[ChangeableOptions, string]>([
    [{ failureRate: 2 }, 'failureRate'],
    [{ failureRate: null as never }, 'failureRate'],
    [{ window: null as never }, 'window'],
    [{ window: [] as never }, 'window'],
    [{ window: { kind: 'rolling' } as never }, 'window.kind'],
    [{ window: { kind: 'count', size: 5 }, minimumCalls: 6 }, 'minimumCalls'],
    [{ window: { kind: 'count', size: Symbol('5') as never } }, 'window.size'],
    [{ halfOpen: { trials: 0 } }, 'halfOpen.trials'],
    [{ halfOpen: { size: 1 } as never }, 'halfOpen.size'],
    [{ slowCalls: { rate: 0.5 } as never }, 'slowCalls.thresholdMs'],
    [{ window: { kind: 'consecutive' }, failureRate: 0.5 }, 'failureRate'],
    [null as never, 'options'],
  ])('refuse %j as they would have been at the start', (changes, option) => {
    expect(refusalOf(() => change({}, changes)).option).toBe(option);
  });
});
