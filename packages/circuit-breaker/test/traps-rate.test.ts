import { describe, expect, it } from 'vitest';
import { asThenable } from './support/thenable.js';
import { setup } from './support/trap-setup.js';

describe('trap: the failure rate', () => {
  it('is diluted by calls in flight', () => {
    const { breaker, fail } = setup({ minimumCalls: 10 });
    for (let call = 0; call < 1000; call += 1) breaker.tryAcquire();
    fail(10);
    expect(breaker.state).toBe('open');
  });

  it('counts failures from before the break after recovery', () => {
    const { breaker, halfOpen, fail } = setup();
    halfOpen();
    breaker.tryAcquire()?.success();
    fail(1);
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 1 } });
  });

  it('is rounded, so that 49.5 % trips a rule of 50 %', () => {
    const { breaker } = setup({ minimumCalls: 1000, window: { kind: 'count', size: 1000 } });
    for (let call = 0; call < 1000; call += 1) {
      const permit = breaker.tryAcquire();
      if (call % 200 < 99) permit?.failure();
      else permit?.success();
    }
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { failureRate: 0.495 } });
  });

  it('is above the rule where it must be at it', () => {
    const { breaker } = setup({ minimumCalls: 4 });
    for (const end of ['success', 'success', 'failure', 'failure'] as const) {
      expect(breaker.state).toBe('closed');
      breaker.tryAcquire()?.[end]();
    }
    expect(breaker.state).toBe('open');
  });

  it('opens at the first failed call, which is all of one', () => {
    const { breaker, fail } = setup({ minimumCalls: undefined });
    fail(9);
    expect(breaker.state).toBe('closed');
    fail(1);
    expect(breaker.state).toBe('open');
  });

  it('takes a function that returns undefined for a failed one', async () => {
    const { breaker } = setup();
    await breaker.execute(() => {});
    await breaker.execute(() => {});
    breaker.executeSync(() => {});
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 3, failures: 0 } });
  });

  it('takes a thenable that is not a Promise for a value, or for a failure', async () => {
    const { breaker } = setup({ minimumCalls: 10 });
    await expect(breaker.execute(() => asThenable(5))).resolves.toBe(5);
    await expect(breaker.execute(() => asThenable('no', 'reject'))).rejects.toBe('no');
    await expect(breaker.wrap(() => asThenable(6))()).resolves.toBe(6);
    expect(breaker.stats().totals).toMatchObject({ succeeded: 2, failed: 1 });
  });

  it('is lost to numbers that grow too large', () => {
    const { breaker, fail, clock } = setup({
      openForMs: { kind: 'exponential', factor: 100, jitter: 'none', maxMs: 2000 },
    });
    fail(2);
    for (let opening = 0; opening < 1000; opening += 1) {
      clock.advance(breaker.retryAfterMs());
      expect(breaker.state).toBe('halfOpen');
      fail(1);
      expect(breaker.state).toBe('open');
    }
    expect(breaker.retryAfterMs()).toBe(2000);
  });
});
