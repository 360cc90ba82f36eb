import { describe, expect, it, vi } from 'vitest';
import { deferred, flush } from './support/deferred.js';
import { cooperating, down, setup } from './support/trap-setup.js';

describe('trap: a half-open breaker', () => {
  it('is stuck for good with a trial that never settles', () => {
    const { breaker, clock, halfOpen } = setup({ halfOpen: { trials: 1, maxDurationMs: 500 } });
    halfOpen();
    void breaker.execute(() => new Promise(() => {}));
    expect(breaker.tryAcquire()).toBeUndefined();
    clock.advance(500);
    expect(breaker.state).toBe('open');
    clock.advance(1000);
    breaker.tryAcquire()?.success();
    expect(breaker.state).toBe('closed');
  });

  it('has a time limit without being asked for one', () => {
    const { breaker, clock, halfOpen } = setup();
    halfOpen();
    void breaker.execute(() => new Promise(() => {}));
    clock.advance(60_000);
    expect(breaker.state).toBe('open');
  });

  it('takes a cancelled trial for recovery, or for failure', async () => {
    const { breaker, halfOpen } = setup();
    halfOpen();
    const controller = new AbortController();
    const call = breaker.execute(({ signal }) => cooperating(signal), controller);
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
    expect(breaker.state).toBe('halfOpen');
    breaker.tryAcquire()?.success();
    expect(breaker.state).toBe('closed');
  });

  it('is stranded by an ignored error in its trial', async () => {
    const { breaker, halfOpen } = setup({ classify: () => 'ignored' });
    halfOpen();
    await breaker.execute(() => Promise.reject(down)).catch(() => {});
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it('is stranded by a minimum of calls that its trials cannot reach', async () => {
    const { breaker, halfOpen, clock } = setup({ minimumCalls: 2, halfOpen: { trials: 1 } });
    halfOpen();
    await breaker.execute(() => Promise.reject(down)).catch(() => {});
    expect(breaker.state).toBe('open');
    clock.advance(1000);
    await breaker.execute(() => 1);
    expect(breaker.state).toBe('closed');
  });

  it('lets a crowd in behind one good trial: the refused', async () => {
    const { breaker, halfOpen } = setup({ halfOpen: { trials: 2 } });
    halfOpen();
    const trial = deferred();
    const operation = vi.fn(() => trial.promise);
    const calls = Array.from({ length: 1000 }, () => breaker.execute(operation));
    trial.resolve('ok');
    const ended = await Promise.allSettled(calls);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(operation).toHaveBeenCalledTimes(1);
  });

  it('lets a crowd in behind one good trial: a thousand that wait', async () => {
    const { breaker, clock, halfOpen } = setup({
      halfOpen: { trials: 3, maxWaiting: 1000, maxWaitMs: 100 },
    });
    halfOpen();
    const works: ReturnType<typeof deferred>[] = [];
    const operation = () => {
      const work = deferred();
      works.push(work);
      return work.promise;
    };
    const calls = Array.from({ length: 1001 }, () => breaker.execute(operation));
    await flush();
    works[0]?.resolve('ok');
    await flush();
    // The next takes the place; the others go on waiting.
    expect(works).toHaveLength(2);
    expect(breaker.stats()).toMatchObject({ waiting: 999, trials: { running: 1, succeeded: 1 } });
    clock.advance(100);
    works[1]?.resolve('ok');
    const ended = await Promise.allSettled(calls);
    expect(ended.filter(({ status }) => status === 'rejected')).toHaveLength(999);
    expect(breaker.stats()).toMatchObject({ waiting: 0, inFlight: 0 });
  });
});
