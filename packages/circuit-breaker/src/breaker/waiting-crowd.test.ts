import { describe, expect, it } from 'vitest';
import { setupHalfOpen } from '../../test/support/breaker-setup.js';
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
});
