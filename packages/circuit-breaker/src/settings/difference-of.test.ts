import { describe, expect, it } from 'vitest';
import { differenceOf } from './difference-of.js';

describe('the first difference', () => {
  it.each([
    [{ openForMs: 5 }, { openForMs: { kind: 'linear' } }, 'openForMs'],
    [{ rampUp: { durationMs: 5 } }, { rampUp: { durationMs: 6 } }, 'rampUp.durationMs'],
    [{ rampUp: { durationMs: 5 } }, { rampUp: {} }, 'rampUp.durationMs'],
    [{ rampUp: null }, { rampUp: { durationMs: 5 } }, 'rampUp.durationMs'],
    [{ classify: undefined }, { classify: () => 'success' }, 'classify'],
    [{ failureRate: 0.5 }, { mode: 'shadow', failureRate: 0.5 }, 'mode'],
    [{ tags: ['a'] }, { tags: ['a', 'b'] }, 'tags.1'],
    [{ clock: { now: 1 } }, { clock: { now: 1 } }, 'clock'],
    [{ failureRate: Number.NaN }, { failureRate: Number.NaN }, undefined],
    [{ rampUp: { durationMs: 5 } }, { rampUp: { durationMs: 5 } }, undefined],
  ])('of %o and %o is %o, either way round', (one, other, path) => {
    expect(differenceOf(one, other)).toBe(path);
    expect(differenceOf(other, one)).toBe(path);
  });
});
