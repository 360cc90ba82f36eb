import { describe, expect, it, vi } from 'vitest';
import { down, setup, setupHalfOpen, succeed } from '../../test/support/breaker-setup.js';
import { deferred } from '../../test/support/deferred.js';

describe('a breaker that is shut down', () => {
  it('refuses every call for good, and says so', async () => {
    const { breaker, clock } = setup();
    breaker.shutDown();
    clock.advance(3_600_000);
    const operation = vi.fn();
    const refused = { code: 'BREAKER_SHUT_DOWN', breaker: 'gateway' };
    await expect(breaker.execute(operation)).rejects.toMatchObject(refused);
    await expect(breaker.execute(operation, {})).rejects.toMatchObject(refused);
    await expect(breaker.acquire()).rejects.toMatchObject(refused);
    await expect(breaker.wrap(async () => operation())()).rejects.toMatchObject(refused);
    expect(() => breaker.executeSync(operation)).toThrow(expect.objectContaining(refused));
    expect(breaker.tryAcquire()).toBeUndefined();
    expect(breaker.openError()).toMatchObject(refused);
    expect(operation).not.toHaveBeenCalled();
    expect(breaker.stats()).toMatchObject({
      state: 'open',
      held: undefined,
      retryAfterMs: Number.POSITIVE_INFINITY,
      totals: { rejected: 6 },
    });
  });

  it('says so once, after it has opened', () => {
    const { breaker, heard } = setup();
    breaker.shutDown();
    breaker.shutDown();
    breaker[Symbol.dispose]();
    expect(heard).toMatchObject([
      ['opened', { reason: 'shutDown', from: 'closed', retryAfterMs: Number.POSITIVE_INFINITY }],
      ['shutDown', { breaker: 'gateway' }],
    ]);
  });

  it('is what using leaves behind', () => {
    const { breaker } = setup();
    {
      using mine = breaker;
      expect(mine.isShutDown).toBe(false);
    }
    expect(breaker.isShutDown).toBe(true);
  });

  it('lets what runs end as it does, and counts it nowhere', async () => {
    const { breaker } = setup();
    const works = [deferred(), deferred()];
    const calls = works.map(({ promise }) => breaker.execute(() => promise));
    const permit = breaker.tryAcquire();
    breaker.shutDown();
    works[0]?.resolve('late');
    works[1]?.reject(down);
    permit?.success();
    await expect(calls[0]).resolves.toBe('late');
    await expect(calls[1]).rejects.toBe(down);
    expect(breaker.stats()).toMatchObject({
      inFlight: 0,
      window: { calls: 0 },
      totals: { succeeded: 0, failed: 0, late: 3 },
    });
  });

  it.each(['reset', 'trip', 'holdOpen', 'holdClosed'] as const)(
    'is not brought back by %s',
    (change) => {
      const { breaker, names } = setup();
      breaker.shutDown();
      names();
      breaker[change]();
      expect(breaker.isShutDown).toBe(true);
      expect(breaker.tryAcquire()).toBeUndefined();
      expect(breaker.holds).toEqual([]);
      expect(names()).toEqual(['rejected']);
    },
  );

  it('is not brought back by a hold that was out, nor by a new mode', () => {
    const { breaker, names } = setup();
    const holds = [breaker.holdOpen({ reason: 'x' }), breaker.holdClosed()];
    breaker.shutDown();
    expect(breaker.holds).toEqual([]);
    names();
    for (const hold of holds) hold.release();
    breaker.update({ mode: 'disabled' });
    expect(breaker.isShutDown).toBe(true);
    expect(names()).toEqual(['updated']);
  });

  it('gives holds that do nothing', () => {
    const { breaker } = setup();
    breaker.shutDown();
    const hold = breaker.holdClosed({ reason: 'x' });
    expect(hold).toMatchObject({ kind: 'closed', reason: 'x' });
    hold.release();
    expect(breaker.tryAcquire()).toBeUndefined();
  });

  it('was half-open before, and its trials are late', async () => {
    const { breaker, clock } = await setupHalfOpen({ halfOpen: { maxDurationMs: 100 } });
    const trial = breaker.tryAcquire();
    breaker.shutDown();
    clock.advance(5000);
    trial?.success();
    expect(breaker.stats()).toMatchObject({ state: 'open', totals: { late: 1 } });
  });

  it('by a listener in the middle of a result ends that call as it ends', async () => {
    const { breaker } = setup({ minimumCalls: 1 });
    breaker.events.on('opened', () => breaker.shutDown());
    await expect(breaker.execute(() => Promise.reject(down))).rejects.toBe(down);
    expect(breaker.isShutDown).toBe(true);
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ code: 'BREAKER_SHUT_DOWN' });
  });
});
