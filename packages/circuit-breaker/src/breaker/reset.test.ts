import { describe, expect, it } from 'vitest';
import { down, fail, setup } from '../../test/support/breaker-setup.js';

describe('reset', () => {
  it('forgets counted calls, and does not count those still running', async () => {
    const { breaker, heard, failTimes } = setup();
    const running = breaker.tryAcquire();
    await failTimes(1);
    breaker.reset();
    running?.failure(down);
    await failTimes(1);
    expect(breaker.stats()).toMatchObject({
      state: 'closed',
      inFlight: 0,
      window: { calls: 1, failures: 1 },
    });
    expect(heard.map(([name]) => name)).toEqual(['failed', 'lateResultDropped', 'failed']);
  });

  it('begins the longer waits from the first again', async () => {
    const { breaker, clock, failTimes } = setup({
      openForMs: { kind: 'exponential', initialMs: 100, jitter: 'none' },
    });
    await failTimes(2);
    clock.advance(100);
    await failTimes(1);
    expect(breaker.retryAfterMs()).toBe(200);
    breaker.reset();
    await failTimes(2);
    expect(breaker.retryAfterMs()).toBe(100);
  });

  it('of a closed breaker tells nothing, and forgets the run of failures', async () => {
    const { breaker, heard } = setup({ consecutiveFailures: 2, minimumCalls: 50 });
    await breaker.execute(fail).catch(() => {});
    heard.length = 0;
    breaker.reset();
    expect(heard).toEqual([]);
    expect(breaker.stats().failuresInARow).toBe(0);
    await breaker.execute(fail).catch(() => {});
    expect(breaker.state).toBe('closed');
  });

  it('keeps the totals', async () => {
    const { breaker, failTimes } = setup();
    await failTimes(3);
    breaker.reset();
    expect(breaker.stats().totals).toEqual({
      succeeded: 0,
      failed: 2,
      ignored: 0,
      rejected: 1,
      late: 0,
      opened: 1,
    });
  });
});
