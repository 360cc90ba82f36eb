import * as cockatiel from 'cockatiel';
import * as mollitia from 'mollitia';
import type { Ours } from '../support/build.ts';
import { type AsyncOperation, resolves } from './operations.ts';
import { Opossum } from './opossum.ts';
import { LEAN } from './peers.ts';

/** A breaker, and how to call something through it. */
export interface Made {
  readonly breaker: object;
  readonly call: () => Promise<unknown>;
}

/** Makes the breaker of that number. */
export type MakeBreaker = (number: number) => Made;

const cockatielWith =
  (breaker: () => cockatiel.IBreaker): MakeBreaker =>
  () => {
    const policy = cockatiel.circuitBreaker(cockatiel.handleAll, {
      halfOpenAfter: 10_000,
      breaker: breaker(),
    });
    return { breaker: policy, call: () => policy.execute(resolves) };
  };

const opossumWith =
  (options: Readonly<Record<string, unknown>>): MakeBreaker =>
  (number) => {
    const breaker = new Opossum(resolves, { name: `breaker ${number}`, ...options });
    return { breaker, call: () => breaker.fire() };
  };

const mollitiaMade: MakeBreaker = (number) => {
  const circuit = new mollitia.Circuit({
    name: `breaker ${number}`,
    func: resolves,
    options: { modules: [new mollitia.SlidingCountBreaker({ slidingWindowSize: 100 })] },
  });
  return { breaker: circuit, call: () => circuit.execute() };
};

const oursWith =
  (ours: Ours, options: object, operation: AsyncOperation = resolves): MakeBreaker =>
  (number) => {
    const breaker = new ours.CircuitBreaker({ name: `breaker ${number}`, ...options });
    return { breaker, call: () => breaker.execute(operation) };
  };

/** How breakers are made, by column. The name of each is a text of its own, and counts with it. */
export const makersOf = (ours: Ours): Readonly<Record<string, MakeBreaker>> => ({
  'ours: count': oursWith(ours, {}),
  'ours: time': oursWith(ours, { window: { kind: 'time' } }),
  'ours: time + slow rule + histogram': oursWith(ours, {
    window: { kind: 'time' },
    slowCalls: { thresholdMs: 1000 },
    latency: true,
  }),
  'cockatiel: consecutive': cockatielWith(() => new cockatiel.ConsecutiveBreaker(5)),
  'cockatiel: count 100': cockatielWith(
    () => new cockatiel.CountBreaker({ threshold: 0.5, size: 100 }),
  ),
  'cockatiel: sampling 10 s': cockatielWith(
    () => new cockatiel.SamplingBreaker({ threshold: 0.5, duration: 10_000 }),
  ),
  'opossum: lean': opossumWith(LEAN),
  'opossum: defaults': opossumWith({}),
  'mollitia: count 100': mollitiaMade,
});

export const MAKERS: readonly string[] = Object.keys(makersOf({} as Ours));
