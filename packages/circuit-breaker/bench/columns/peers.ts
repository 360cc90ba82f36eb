import * as cockatiel from 'cockatiel';
import * as mollitia from 'mollitia';
import type { Maker } from './operations.ts';
import { Opossum } from './opossum.ts';

const HOUR_MS = 3_600_000;
/** Of a window that never opens as long as it holds one success. */
const ALMOST_ALL = 0.999_999_9;

const withCockatiel =
  (breaker: () => cockatiel.IBreaker): Maker =>
  (operation) => {
    const policy = cockatiel.circuitBreaker(cockatiel.handleAll, {
      halfOpenAfter: HOUR_MS,
      breaker: breaker(),
    });
    return () => policy.execute(operation);
  };

const withOpossum =
  (options: Readonly<Record<string, unknown>>): Maker =>
  (operation) => {
    const breaker = new Opossum(operation, { resetTimeout: HOUR_MS, ...options });
    return () => breaker.fire();
  };

/** Without a timer for each call, percentiles and snapshots. */
export const LEAN = Object.freeze({
  timeout: false,
  rollingPercentilesEnabled: false,
  enableSnapshots: false,
});

const withMollitia =
  (size: number): Maker =>
  (func) => {
    const breaker = new mollitia.SlidingCountBreaker({
      slidingWindowSize: size,
      openStateDelay: HOUR_MS,
    });
    const circuit = new mollitia.Circuit({ func, options: { modules: [breaker] } });
    return () => circuit.execute();
  };

/** It opens above this percentage. Its hour has ten parts, and a snapshot is taken at the end of each. */
const PATIENT = Object.freeze({ errorThresholdPercentage: 100, rollingCountTimeout: HOUR_MS });

/** Breakers of others, closed. */
export const PEERS: Readonly<Record<string, Maker>> = {
  'cockatiel: consecutive': withCockatiel(() => new cockatiel.ConsecutiveBreaker(5)),
  'cockatiel: count 100': withCockatiel(
    () => new cockatiel.CountBreaker({ threshold: 0.5, size: 100 }),
  ),
  'cockatiel: sampling 10 s': withCockatiel(
    () => new cockatiel.SamplingBreaker({ threshold: 0.5, duration: 10_000 }),
  ),
  'opossum: lean': withOpossum(LEAN),
  'opossum: defaults': withOpossum({}),
  'mollitia: count 100': withMollitia(100),
};

/** Breakers of others that stay closed as long as their windows, of `size` calls or an hour, hold one success. */
export const patientPeers = (size: number): Readonly<Record<string, Maker>> => ({
  'cockatiel: count': withCockatiel(
    () => new cockatiel.CountBreaker({ threshold: ALMOST_ALL, size, minimumNumberOfCalls: 10 }),
  ),
  'cockatiel: sampling 1 h': withCockatiel(
    () =>
      new cockatiel.SamplingBreaker({
        threshold: ALMOST_ALL,
        duration: HOUR_MS,
        minimumRps: 0.01,
      }),
  ),
  'opossum: lean': withOpossum({ ...LEAN, ...PATIENT }),
  'opossum: defaults': withOpossum(PATIENT),
});

export const cockatielPipeline: Maker = (operation) => {
  const policy = cockatiel.wrap(
    cockatiel.retry(cockatiel.handleAll, { maxAttempts: 3 }),
    cockatiel.circuitBreaker(cockatiel.handleAll, {
      halfOpenAfter: HOUR_MS,
      breaker: new cockatiel.CountBreaker({ threshold: 0.5, size: 100 }),
    }),
    cockatiel.timeout(10_000, cockatiel.TimeoutStrategy.Aggressive),
  );
  return () => policy.execute(operation);
};

export const cockatielFivePolicies: Maker = (operation) => {
  const policy = cockatiel.wrap(
    cockatiel.fallback(cockatiel.handleAll, 0),
    cockatiel.bulkhead(100, 100),
    cockatiel.retry(cockatiel.handleAll, { maxAttempts: 3 }),
    cockatiel.circuitBreaker(cockatiel.handleAll, {
      halfOpenAfter: HOUR_MS,
      breaker: new cockatiel.CountBreaker({ threshold: 0.5, size: 100 }),
    }),
    cockatiel.timeout(10_000, cockatiel.TimeoutStrategy.Aggressive),
  );
  return () => policy.execute(operation);
};

/** Breakers of others, opened by failures and open for an hour. */
export const openPeers = async (
  operation: () => Promise<number>,
): Promise<Record<string, () => Promise<unknown>>> => {
  const failing = () => Promise.reject(new Error('down'));
  const policy = cockatiel.circuitBreaker(cockatiel.handleAll, {
    halfOpenAfter: HOUR_MS,
    breaker: new cockatiel.ConsecutiveBreaker(1),
  });
  await policy.execute(failing).catch(() => {});
  const opossum = new Opossum(operation, { resetTimeout: HOUR_MS });
  opossum.open();
  const lean = new Opossum(operation, { ...LEAN, resetTimeout: HOUR_MS });
  lean.open();
  const breaker = new mollitia.SlidingCountBreaker({ openStateDelay: HOUR_MS });
  const circuit = new mollitia.Circuit({ func: operation, options: { modules: [breaker] } });
  await breaker.open();
  return {
    cockatiel: () => policy.execute(operation),
    'opossum: lean': () => lean.fire(),
    'opossum: defaults': () => opossum.fire(),
    mollitia: () => circuit.execute(),
  };
};
