import type { Ours } from '../support/build.ts';
import type { Maker } from './operations.ts';

type Options = Omit<import('../../src/index.js').CircuitBreakerOptions, 'name'>;

type OpossumFacade = typeof import('../../src/adapters/opossum/index.js');

interface Fallback {
  fallback(handler: () => number): import('../../src/index.js').PolicyLike;
}

const LIMIT_MS = 10_000;

/** How our breakers are made that the rows compare. */
export const OURS_OPTIONS = {
  count: {},
  time: { window: { kind: 'time' } },
  timed: { window: { kind: 'time' }, slowCalls: { thresholdMs: 1000 }, latency: true },
  ewma: { window: { kind: 'ewma' } },
} as const satisfies Record<string, Options>;

export const breakerOf = (ours: Ours, options: Options = {}) =>
  new ours.CircuitBreaker({ name: 'bench', ...options });

export const executing =
  (ours: Ours, options: Options = {}): Maker =>
  (operation) => {
    const breaker = breakerOf(ours, options);
    return () => breaker.execute(operation);
  };

export const wrapping =
  (ours: Ours, options: Options = {}): Maker =>
  (operation) =>
    breakerOf(ours, options).wrap(operation);

/** A breaker and a time limit around a call. */
export const withTwoPolicies =
  (ours: Ours): Maker =>
  (operation) => {
    const policy = ours.pipeline([breakerOf(ours), ours.timeout({ timeoutMs: LIMIT_MS })]);
    return () => policy.execute(operation);
  };

/** Breaker, time limit and retry around a call. */
export const withThreePolicies =
  (ours: Ours): Maker =>
  (operation) => {
    const policy = ours.pipeline([
      ours.retry({ maxAttempts: 3 }),
      breakerOf(ours),
      ours.timeout({ timeoutMs: LIMIT_MS }),
    ]);
    const repeatable = ours.safe(operation);
    return () => policy.execute(repeatable);
  };

/** The policies that a call to another service usually has. Undefined as long as there are not all of them. */
export const withFivePolicies = (ours: Ours): Maker | undefined => {
  const { fallback } = ours as Partial<Fallback>;
  if (fallback === undefined) return undefined;
  return (operation) => {
    const policy = ours.pipeline([
      fallback(() => 0),
      ours.bulkhead({ maxConcurrent: 10_000 }),
      ours.retry({ maxAttempts: 3 }),
      breakerOf(ours),
      ours.timeout({ timeoutMs: LIMIT_MS }),
    ]);
    const repeatable = ours.safe(operation);
    return () => policy.execute(repeatable);
  };
};

/** The facade that has opossum's interface. */
export const opossumFacade =
  ({ CircuitBreaker }: OpossumFacade): Maker =>
  (operation) => {
    const breaker = new CircuitBreaker(operation, { timeout: false });
    return () => breaker.fire();
  };
