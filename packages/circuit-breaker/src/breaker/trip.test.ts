import { describe, expect, it } from 'vitest';
import { setup, setupHalfOpen, succeed } from '../../test/support/breaker-setup.js';

describe('trip', () => {
  it('opens now, as the rules would, for the usual time', async () => {
    const { breaker, clock, heard, report } = setup({ minimumCalls: 10 });
    report('failure', 1);
    heard.length = 0;
    breaker.trip();
    expect(heard).toEqual([
      [
        'opened',
        {
          breaker: 'gateway',
          from: 'closed',
          reason: 'byHand',
          retryAfterMs: 1000,
          calls: 1,
          failures: 1,
          slow: 0,
        },
      ],
    ]);
    expect(breaker.stats().held).toBeUndefined();
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ reason: 'open' });
    clock.advance(1000);
    expect(breaker.state).toBe('halfOpen');
  });

  it('opens without a single call', () => {
    const { breaker, heard } = setup();
    breaker.trip();
    expect(heard).toMatchObject([['opened', { calls: 0, failures: 0, slow: 0 }]]);
  });

  it('opens for the time and by the reason given', () => {
    const { breaker, clock, heard } = setup();
    breaker.trip({ openForMs: 5, reason: 'outlier' });
    expect(heard).toMatchObject([['opened', { reason: 'outlier', retryAfterMs: 5 }]]);
    clock.advance(5);
    expect(breaker.state).toBe('halfOpen');
  });

  it('makes what runs late', () => {
    const { breaker } = setup();
    const running = breaker.tryAcquire();
    breaker.trip();
    running?.failure();
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { failed: 0, late: 1 } });
  });

  it('while open begins the time anew, longer or shorter', () => {
    const { breaker, clock } = setup();
    breaker.trip();
    clock.advance(900);
    breaker.trip();
    expect(breaker.retryAfterMs()).toBe(1000);
    breaker.trip({ openForMs: 3 });
    expect(breaker.retryAfterMs()).toBe(3);
  });

  it('while half-open ends the trials', async () => {
    const { breaker, heard } = await setupHalfOpen();
    const trial = breaker.tryAcquire();
    breaker.trip();
    trial?.success();
    expect(breaker.stats()).toMatchObject({ state: 'open', totals: { late: 1 } });
    expect(heard[0]).toMatchObject(['opened', { from: 'halfOpen', reason: 'byHand' }]);
  });

  it.each([
    ['held open', 'open'],
    ['held closed', 'closed'],
    ['shut down', 'open'],
  ])('does nothing while %s', (how, state) => {
    const { breaker, heard } = setup();
    if (how === 'held open') breaker.holdOpen();
    else if (how === 'held closed') breaker.holdClosed();
    else breaker.shutDown();
    heard.length = 0;
    breaker.trip({ openForMs: 5 });
    expect(breaker.state).toBe(state);
    expect(heard).toEqual([]);
  });

  it('does nothing after a released hold that it could have outlived', () => {
    const { breaker } = setup();
    const hold = breaker.holdClosed();
    breaker.trip();
    hold.release();
    expect(breaker.state).toBe('closed');
  });

  it('counts as an opening for the waits that grow', () => {
    const { breaker, clock } = setup({
      openForMs: { kind: 'exponential', initialMs: 100, jitter: 'none' },
    });
    breaker.trip();
    clock.advance(100);
    breaker.tryAcquire()?.failure();
    expect(breaker.retryAfterMs()).toBe(200);
  });

  it.each<[unknown, string]>([
    [null, 'options'],
    [{ openForMs: 0 }, 'openForMs'],
    [{ openForMs: Number.NaN }, 'openForMs'],
    [{ openForMs: '5' }, 'openForMs'],
    [{ openForMs: 1e12 }, 'openForMs'],
    [{ reason: 'because' }, 'reason'],
    [{ reason: null }, 'reason'],
    [{ forMs: 5 }, 'forMs'],
  ])('refuses %o, and leaves the breaker as it is', (options, option) => {
    const { breaker, heard } = setup();
    expect(() => breaker.trip(options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
    expect(breaker.state).toBe('closed');
    expect(heard).toEqual([]);
  });
});
