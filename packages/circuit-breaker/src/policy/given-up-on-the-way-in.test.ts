import { describe, expect, it, vi } from 'vitest';
import { flush } from '../../test/support/deferred.js';
import {
  bulkhead,
  cache,
  coalesce,
  hedge,
  type Policy,
  type PolicyLike,
  pipeline,
  rateLimit,
  safe,
  timeout,
} from '../index.js';
import { ManualClock } from '../testing/index.js';

const clock = new ManualClock();

/** A call whose caller gives up while a policy further out asks how long it may take. */
const giveUpAround = async (policy: PolicyLike) => {
  const controller = new AbortController();
  const outer = timeout({
    timeoutMs: () => {
      controller.abort();
      return 1000;
    },
    clock,
  });
  const operation = vi.fn<() => string>(() => 'never');
  const options = { key: 'a', signal: controller.signal };
  await expect(pipeline([outer, policy]).execute(safe(operation), options)).rejects.toMatchObject({
    code: 'ABORTED',
  });
  expect(operation).not.toHaveBeenCalled();
  await flush();
};

describe('a call that is given up on the way in', () => {
  it.each([
    ['bulkhead', () => bulkhead({ maxConcurrent: 1, clock })],
    ['rateLimit', () => rateLimit({ limit: 5, clock })],
    ['coalesce', () => coalesce({ clock })],
    ['cache', () => cache({ ttlMs: 1000, clock })],
  ] satisfies [string, () => Policy][])('keeps nothing of a %s for itself', async (_kind, make) => {
    const policy: Policy = make();
    await giveUpAround(policy);
    await expect(policy.execute(() => 'next', { key: 'a' })).resolves.toBe('next');
  });

  it('does not stand in the queue of a bulkhead', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueue: 1, clock });
    const heard = vi.fn<() => void>();
    policy.events.on('queued', heard);
    void policy.execute(() => new Promise(() => {}));
    await giveUpAround(policy);
    expect([policy.queued, heard.mock.calls.length, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  it('does not wait to be hedged', async () => {
    await giveUpAround(hedge({ delayMs: 10, clock }));
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not stand in the line of a rate limit', async () => {
    const policy = rateLimit({ limit: 1, maxWaitMs: 5000, clock });
    void policy.execute(() => 'first');
    await giveUpAround(policy);
    expect([policy.queued, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('leaves the run it would have joined to the others', async () => {
    const policy = coalesce({ clock });
    const first = policy.execute(() => flush().then(() => 'shared'), { key: 'a' });
    await giveUpAround(policy);
    await expect(first).resolves.toBe('shared');
  });
});

describe('what a policy says of itself', () => {
  it.each([
    ['bulkhead', bulkhead({ maxConcurrent: 1 })],
    ['rateLimit', rateLimit({ limit: 1 })],
    ['coalesce', coalesce()],
    ['cache', cache({ ttlMs: 1 })],
  ])('is its kind (%s), that it repeats nothing, and needs no context kept', (kind, policy) => {
    const { repeats, runsLater } = policy;
    expect([policy.kind, repeats, runsLater]).toEqual([kind, false, false]);
  });
});
