import { describe, expect, it } from 'vitest';
import { deferred, flush } from '../../../test/support/deferred.js';
import { outcomeOf } from '../../../test/support/operations.js';
import { recordPolicyEvents } from '../../../test/support/record-policy-events.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { bulkhead } from '../bulkhead.js';

const setup = (abandonAfterMs: number) => {
  const clock = new ManualClock();
  const policy = bulkhead({ maxConcurrent: 1, maxQueue: 5, abandonAfterMs, clock });
  const first = deferred<string>();
  outcomeOf(policy.execute(() => first.promise));
  return { clock, policy, first };
};

describe('a call that has waited for its place', () => {
  it('gives it back when its caller gives up, as any other', async () => {
    const { policy, first } = setup(0);
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const call = outcomeOf(policy.execute(() => new Promise(() => {}), options));
    first.resolve('');
    await flush();
    expect([policy.running, policy.queued]).toEqual([1, 0]);
    controller.abort('enough');
    await flush();
    expect(call.error).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(policy.running).toBe(0);
  });

  it('is told of with how long it waited', async () => {
    const { clock, policy, first } = setup(5000);
    const heard = recordPolicyEvents(policy.events, ['admitted']);
    clock.advance(100);
    outcomeOf(policy.execute(() => 1));
    clock.advance(250);
    first.resolve('');
    await flush();
    expect(heard).toEqual([['admitted', { waitedMs: 250, running: 1 }]]);
  });
});
