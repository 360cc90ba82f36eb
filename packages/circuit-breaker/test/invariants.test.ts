import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CircuitBreaker } from '../src/index.js';
import { flush } from './support/deferred.js';
import { RestlessUser } from './support/restless-user.js';

/** What must hold at any moment, whoever calls whom. */
const broken = (breaker: CircuitBreaker): string[] => {
  const stats = breaker.stats();
  const { state, held, inFlight, waiting, trials, window, share } = stats;
  const isHeldOpen = breaker.holds.some(({ kind }) => kind === 'open');
  const invariants: Record<string, boolean> = {
    'no more calls run than were let in': inFlight >= 0,
    'nobody waits in an empty room': waiting >= 0 && (waiting === 0 || state !== 'open'),
    'trials are some of the calls that run': (trials?.running ?? 0) <= inFlight,
    'trials are bounded': (trials?.running ?? 0) >= 0 && (trials?.running ?? 0) <= 2,
    'trials are those of a half-open breaker': trials === undefined || state === 'halfOpen',
    'a share is one': share === undefined || (share > 0 && share <= 1),
    'a rate is one': [window.failureRate, window.slowRate].every((rate) => rate >= 0 && rate <= 1),
    'failures are some of the calls': window.failures <= window.calls + 1e-9,
    'a hold that is out holds': isHeldOpen === (held === 'open'),
    'a breaker that is held open is open': held !== 'open' || state === 'open',
  };
  return Object.keys(invariants).filter((name) => invariants[name] === false);
};

describe('a breaker whose user meddles while it calls him', () => {
  it('keeps its invariants at any moment, and nothing at the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const user = new RestlessUser(seed);
        const { breaker, clock } = user;
        for (let step = 0; step < 120; step += 1) {
          user.act();
          if (step % 4 === 0) await flush();
          expect(broken(breaker)).toEqual([]);
        }
        for (let round = 0; round < 20; round += 1) {
          user.rest();
          await flush();
        }
        const { inFlight, waiting } = breaker.stats();
        expect({ pending: user.pending, inFlight, waiting }).toEqual({
          pending: 0,
          inFlight: 0,
          waiting: 0,
        });
        breaker.shutDown();
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
