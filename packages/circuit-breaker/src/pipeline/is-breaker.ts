import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { inner } from '../breaker/inner.js';

/** What a pipeline calls of a breaker. */
const METHODS = ['tryAcquire', 'acquire', 'openError'] as const;

/** Whether `value` is a breaker of this or another copy of this package: one has an engine, and the methods used. */
export const isBreaker = (value: object): value is CircuitBreaker => {
  const seen = value as Partial<CircuitBreaker>;
  const engine: unknown = seen[inner];
  return (
    typeof engine === 'object' &&
    engine !== null &&
    METHODS.every((name) => typeof seen[name] === 'function')
  );
};
