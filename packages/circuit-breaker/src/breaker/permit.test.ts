import { describe, expect, it } from 'vitest';
import { down, setup } from '../../test/support/breaker-setup.js';

describe('permits', () => {
  it('report success, failure with its error, or nothing', () => {
    const { breaker, heard } = setup();
    const permits = [breaker.tryAcquire(), breaker.tryAcquire(), breaker.tryAcquire()];
    permits[0]?.success();
    permits[1]?.ignore();
    permits[2]?.failure(down);
    expect(heard).toEqual([
      ['succeeded', { breaker: 'gateway', durationMs: undefined }],
      ['ignored', { breaker: 'gateway', error: undefined, durationMs: undefined }],
      ['failed', { breaker: 'gateway', error: down, durationMs: undefined }],
      [
        'opened',
        {
          breaker: 'gateway',
          from: 'closed',
          reason: 'failureRate',
          retryAfterMs: 1000,
          calls: 2,
          failures: 1,
          slow: 0,
        },
      ],
    ]);
  });

  it('count once, however often they are settled', () => {
    const { breaker } = setup({ minimumCalls: 5 });
    const permit = breaker.tryAcquire();
    permit?.success();
    permit?.failure();
    permit?.ignore();
    permit?.[Symbol.dispose]();
    expect(breaker.stats()).toMatchObject({
      inFlight: 0,
      totals: { succeeded: 1, failed: 0, ignored: 0, late: 0 },
    });
  });

  it('are ignored when disposed of without a report', () => {
    const { breaker } = setup();
    {
      using permit = breaker.tryAcquire();
      expect(permit).toBeDefined();
      expect(breaker.stats().inFlight).toBe(1);
    }
    {
      using permit = breaker.tryAcquire();
      permit?.success();
    }
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { succeeded: 1, ignored: 1 } });
  });

  it('can be passed on as bare functions', () => {
    const { breaker } = setup();
    const permit = breaker.tryAcquire();
    const report = permit?.success.bind(permit);
    report?.();
    expect(breaker.stats().totals.succeeded).toBe(1);
  });
});
