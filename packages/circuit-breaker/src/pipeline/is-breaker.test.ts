import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { inner } from '../breaker/inner.js';
import { isBreaker } from './is-breaker.js';

const METHODS = { tryAcquire: () => {}, acquire: () => {}, openError: () => {} };

describe('what a pipeline takes for a breaker', () => {
  it('is one of this or another copy of this package', () => {
    expect(isBreaker(new CircuitBreaker({ name: 'x' }))).toBe(true);
    expect(isBreaker({ ...METHODS, [inner]: {} })).toBe(true);
  });

  it.each([
    ['without an engine', METHODS],
    ['whose engine is null', { ...METHODS, [inner]: null }],
    ['whose engine is a name', { ...METHODS, [inner]: 'engine' }],
    ['without a method that it calls', { ...METHODS, [inner]: {}, acquire: undefined }],
  ])('is nothing %s', (_what, value) => {
    expect(isBreaker(value)).toBe(false);
  });
});
