import { describe, expect, it } from 'vitest';
import { setupHalfOpen } from '../../test/support/breaker-setup.js';
import { deafSignal } from '../../test/support/deaf-signal.js';
import { flush } from '../../test/support/deferred.js';
import type { Permit } from './permit.js';

describe('a crowd that has waited', () => {
  it('comes one by one, however many others come and go beside it', async () => {
    const { breaker } = await setupHalfOpen({ halfOpen: { trials: 1, maxWaiting: 9 } });
    const trial = breaker.tryAcquire();
    const letIn: Permit[] = [];
    for (let waiter = 0; waiter < 3; waiter += 1) {
      void breaker.acquire().then((permit) => letIn.push(permit));
    }
    trial?.success();
    await flush();
    expect([breaker.state, letIn.length]).toEqual(['closed', 1]);
    for (let other = 0; other < 3; other += 1) breaker.tryAcquire()?.success();
    await flush();
    expect(letIn).toHaveLength(1);
    letIn[0]?.success();
    await flush();
    expect(letIn).toHaveLength(2);
  });

  it('that may come by more at once is timed from then on', async () => {
    const { breaker, clock, heard } = await setupHalfOpen({
      latency: true,
      halfOpen: { trials: 2, maxConcurrent: 1, maxWaiting: 9 },
    });
    const trial = breaker.tryAcquire();
    const letIn: Permit[] = [];
    for (let waiter = 0; waiter < 3; waiter += 1) {
      void breaker.acquire().then((permit) => letIn.push(permit));
    }
    trial?.success();
    await flush();
    letIn[0]?.success();
    await flush();
    expect([breaker.state, letIn.length]).toEqual(['closed', 2]);
    clock.advance(100);
    breaker.update({ halfOpen: { maxConcurrent: 2 } });
    await flush();
    expect(letIn).toHaveLength(3);
    letIn[2]?.success();
    expect(heard.at(-1)).toMatchObject(['succeeded', { durationMs: 0 }]);
  });

  it('keeps nobody whose signal cannot be listened to', async () => {
    const { breaker } = await setupHalfOpen({ halfOpen: { trials: 1, maxWaiting: 9 } });
    breaker.tryAcquire();
    const broken = new Error('not today');
    const signal = deafSignal(broken);
    await expect(breaker.acquire({ signal })).rejects.toBe(broken);
    expect(breaker.stats().waiting).toBe(0);
  });

  it('is refused, and the opening told, where calls are found to hang', async () => {
    const { breaker, clock, heard } = await setupHalfOpen({
      minimumCalls: 1,
      slowCalls: { thresholdMs: 100, rate: 0.5 },
      halfOpen: { trials: 1, maxWaiting: 9 },
    });
    const trial = breaker.tryAcquire();
    const letIn: Permit[] = [];
    const refused: unknown[] = [];
    for (let waiter = 0; waiter < 2; waiter += 1) {
      breaker.acquire().then(
        (permit) => letIn.push(permit),
        (error: unknown) => refused.push(error),
      );
    }
    trial?.success();
    await flush();
    breaker.tryAcquire();
    clock.advance(100);
    heard.length = 0;
    letIn[0]?.ignore();
    expect(heard.map(([name]) => name)).toContain('opened');
    await flush();
    expect(refused).toMatchObject([{ code: 'BREAKER_OPEN' }]);
  });

  it('is not let in for one of an earlier crowd that ends', async () => {
    const { breaker, clock } = await setupHalfOpen({ halfOpen: { trials: 1, maxWaiting: 9 } });
    const letIn: Permit[] = [];
    const crowd = async (size: number) => {
      const trial = breaker.tryAcquire();
      for (let waiter = 0; waiter < size; waiter += 1) {
        void breaker.acquire().then((permit) => letIn.push(permit));
      }
      trial?.success();
      await flush();
    };
    await crowd(1);
    breaker.trip();
    clock.advance(1000);
    await crowd(3);
    expect(letIn).toHaveLength(2);
    letIn[0]?.success();
    await flush();
    expect(letIn).toHaveLength(2);
    expect(breaker.stats().totals.late).toBe(1);
  });
});
