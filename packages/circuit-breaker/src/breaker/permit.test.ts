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
    permit?.report({ status: 'fulfilled', value: 1 });
    permit?.success();
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

describe('a report of how the call ended', () => {
  it('is classified as that of execute is', () => {
    const { breaker, heard } = setup({
      minimumCalls: 10,
      classify: (settled) => (settled.status === 'fulfilled' ? 'ignored' : 'success'),
    });
    breaker.tryAcquire()?.report({ status: 'fulfilled', value: 1 });
    breaker.tryAcquire()?.report({ status: 'rejected', error: down });
    expect(heard).toMatchObject([
      ['ignored', { error: undefined }],
      ['succeeded', {}],
    ]);
  });

  it('goes by the default where there is no classify', () => {
    const { breaker } = setup({ minimumCalls: 10 });
    const abort = Object.assign(new Error('left'), { name: 'AbortError' });
    breaker.tryAcquire()?.report({ status: 'fulfilled', value: undefined });
    breaker.tryAcquire()?.report({ status: 'rejected', error: down });
    breaker.tryAcquire()?.report({ status: 'rejected', error: abort });
    expect(breaker.stats().totals).toMatchObject({ succeeded: 1, failed: 1, ignored: 1 });
  });

  it.each([undefined, null, 'fulfilled', {}, { status: 'pending' }])(
    'that is none (%o) is refused, and the permit can still be given back',
    (settled) => {
      const { breaker } = setup();
      const permit = breaker.tryAcquire();
      expect(() => permit?.report(settled as never)).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTION',
          option: 'settled',
          allowed: "an object with status 'fulfilled' or 'rejected'",
        }),
      );
      expect(permit?.isSettled).toBe(false);
      permit?.success();
      expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { succeeded: 1 } });
    },
  );

  it('says whether the permit was given back', () => {
    const { breaker } = setup();
    const permit = breaker.tryAcquire();
    expect(permit?.isSettled).toBe(false);
    permit?.ignore();
    expect(permit?.isSettled).toBe(true);
  });
});

describe('acquire', () => {
  it('gives a permit, or rejects with why there is none', async () => {
    const { breaker } = setup();
    const permit = await breaker.acquire();
    permit.success();
    breaker.trip();
    await expect(breaker.acquire()).rejects.toMatchObject({ code: 'BREAKER_OPEN', reason: 'open' });
    breaker.shutDown();
    await expect(breaker.acquire()).rejects.toMatchObject({ code: 'BREAKER_SHUT_DOWN' });
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { rejected: 2 } });
  });

  it('takes no permit for a caller who gave up before', async () => {
    const { breaker } = setup();
    const signal = AbortSignal.abort('before');
    await expect(breaker.acquire({ signal })).rejects.toMatchObject({
      code: 'ABORTED',
      cause: 'before',
    });
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { rejected: 0 } });
  });

  it.each<[unknown, string]>([
    [null, 'options'],
    [7, 'options'],
    [{ timeoutMs: 5 }, 'timeoutMs'],
    [{ signal: 'now' }, 'signal'],
    [{ signal: {} }, 'signal'],
  ])('refuses %o by a rejection, and takes no permit', async (options, option) => {
    const { breaker } = setup();
    const acquired = breaker.acquire(options as never);
    await expect(acquired).rejects.toMatchObject({ code: 'INVALID_OPTION', option });
    expect(breaker.stats().inFlight).toBe(0);
  });
});
