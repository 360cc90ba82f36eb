import { describe, expect, it } from 'vitest';
import { deferred } from './support/deferred.js';
import { down, setup } from './support/trap-setup.js';

/** Ways in which breakers are known to go wrong, each as a test of what is right. */

describe('trap: a result that comes after the breaker has changed', () => {
  it('as a success begun before the break closes a half-open breaker', () => {
    const { breaker, halfOpen } = setup();
    const begun = breaker.tryAcquire();
    halfOpen();
    begun?.success();
    expect(breaker.state).toBe('halfOpen');
  });

  it('as a failure begun before the break reopens a half-open breaker', () => {
    const { breaker, halfOpen } = setup();
    const begun = breaker.tryAcquire();
    halfOpen();
    begun?.failure(down);
    expect(breaker.state).toBe('halfOpen');
  });

  it('as a failure begun before the break counts after recovery', () => {
    const { breaker, halfOpen } = setup({ minimumCalls: 2 });
    const begun = [breaker.tryAcquire(), breaker.tryAcquire()];
    halfOpen();
    breaker.tryAcquire()?.success();
    for (const permit of begun) permit?.failure(down);
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 0 } });
  });

  it('as an ignored error gives back a permit it never took', () => {
    const { breaker, halfOpen } = setup();
    const begun = breaker.tryAcquire();
    halfOpen();
    breaker.tryAcquire();
    begun?.ignore();
    expect(breaker.tryAcquire()).toBeUndefined();
    expect(breaker.stats()).toMatchObject({ inFlight: 1, trials: { running: 1 } });
  });

  it('as a trial of an earlier half-open time counts in the next', () => {
    const { breaker, clock, halfOpen } = setup({ halfOpen: { trials: 2, maxConcurrent: 2 } });
    halfOpen();
    const [slow, failing] = [breaker.tryAcquire(), breaker.tryAcquire()];
    failing?.failure(down);
    clock.advance(1000);
    breaker.tryAcquire()?.success();
    slow?.success();
    expect(breaker.state).toBe('halfOpen');
  });

  it('as an answer that asks to stay away opens a breaker that has recovered', () => {
    const { breaker, halfOpen } = setup({
      classify: () => ({ outcome: 'failure', openForMs: 5000 }),
    });
    const begun = breaker.tryAcquire();
    halfOpen();
    breaker.tryAcquire()?.success();
    begun?.report({ status: 'rejected', error: down });
    expect(breaker.stats()).toMatchObject({ state: 'closed', totals: { late: 1 } });
  });

  it.each(['holdOpen', 'reset', 'shutDown'] as const)(
    'of a call that ran while %s was called',
    async (change) => {
      const { breaker } = setup({ minimumCalls: 1 });
      const work = deferred();
      const call = breaker.execute(() => work.promise);
      breaker[change]();
      const { state } = breaker;
      work.reject(down);
      await expect(call).rejects.toBe(down);
      expect(breaker.stats()).toMatchObject({
        state,
        inFlight: 0,
        window: { calls: 0 },
        totals: { failed: 0, late: 1 },
      });
    },
  );
});
