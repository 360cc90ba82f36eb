import { AsyncLocalStorage } from 'node:async_hooks';
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it, vi } from 'vitest';
import { CircuitBreaker } from '../../breaker/circuit-breaker.js';
import { safe } from '../../operation/repeatable.js';
import { retry } from '../../policy/retry.js';
import { CircuitBreakerRegistry } from '../../registry/registry.js';
import { publishEvents } from './publish-events.js';

const listen = (name: string) => {
  const heard: unknown[] = [];
  const onMessage = (message: unknown) => {
    heard.push(message);
  };
  subscribe(name, onMessage);
  return { heard, stop: () => unsubscribe(name, onMessage) };
};

describe('the channels', () => {
  it('carry the events of all breakers of a registry to whoever subscribes', async () => {
    const breakers = new CircuitBreakerRegistry();
    publishEvents(breakers);
    const opened = listen('nestcms.circuit-breaker.opened');
    const breaker = breakers.getOrCreate({ name: 'redis', minimumCalls: 1 });
    await breaker.execute(() => Promise.reject(new Error('down'))).catch(() => {});
    opened.stop();
    expect(opened.heard).toMatchObject([{ breaker: 'redis', reason: 'failureRate' }]);
  });

  it('are not told anything while nobody subscribes', async () => {
    const breaker = new CircuitBreaker({ name: 'a' });
    publishEvents(breaker, { prefix: 'silent' });
    expect(breaker.events.hears('succeeded')).toBe(false);
    const succeeded = listen('silent.succeeded');
    expect(breaker.events.hears('succeeded')).toBe(true);
    await breaker.execute(() => 1);
    succeeded.stop();
    expect(succeeded.heard).toEqual([{ breaker: 'a', durationMs: undefined }]);
    expect(breaker.events.hears('succeeded')).toBe(false);
  });

  it('carry what follows on the moment someone subscribes, also by binding a store', async () => {
    const breaker = new CircuitBreaker({ name: 'a' });
    publishEvents(breaker, { prefix: 'sudden' });
    for (const result of [1, 2, 3]) await breaker.execute(() => result);
    const succeeded = listen('sudden.succeeded');
    await breaker.execute(() => 4);
    expect(succeeded.heard).toHaveLength(1);
    succeeded.stop();
    await breaker.execute(() => 5);
    await breaker.execute(() => 6);
    const bound = new AsyncLocalStorage();
    channel('sudden.succeeded').bindStore(bound, (message) => message);
    expect(breaker.events.hears('succeeded')).toBe(true);
    expect(channel('sudden.succeeded').unbindStore(bound)).toBe(true);
    await breaker.execute(() => 7);
    expect(breaker.stats().totals.succeeded).toBe(7);
  });

  it('are told apart from those of others by nothing but their names', () => {
    const breaker = new CircuitBreaker({ name: 'a' });
    publishEvents(breaker, { prefix: 'twice' });
    publishEvents(breaker, { prefix: 'twice' });
    expect(breaker.events.hears('succeeded')).toBe(false);
    const before = listen('twice.succeeded');
    const after = listen('twice.succeeded');
    channel('twice.succeeded').publish('hello');
    before.stop();
    after.stop();
    expect([before.heard, after.heard]).toEqual([['hello'], ['hello']]);
    expect(breaker.events.hears('succeeded')).toBe(false);
  });

  it('carry the events of breakers of another copy of this package, whoever came last', async () => {
    vi.resetModules();
    const { publishEvents: publishOther } = await import('./publish-events.js');
    const { CircuitBreaker: Other } = await import('../../breaker/circuit-breaker.js');
    const breakers = [new CircuitBreaker({ name: 'mine' }), new Other({ name: 'other' })] as const;
    publishEvents(breakers[0], { prefix: 'copies' });
    publishOther(breakers[1], { prefix: 'copies' });
    const succeed = async () => {
      for (const breaker of breakers) await breaker.execute(() => 1);
    };
    for (let round = 0; round < 3; round += 1) await succeed();
    const succeeded = listen('copies.succeeded');
    await succeed();
    succeeded.stop();
    expect(succeeded.heard).toMatchObject([{ breaker: 'mine' }, { breaker: 'other' }]);
  });

  it('carry the events of policies too, until ended', async () => {
    const policy = retry({ maxAttempts: 2, backoff: { kind: 'constant', delayMs: 0 } });
    const end = publishEvents(policy, { prefix: 'gateway' });
    const retried = listen('gateway.retried');
    const fail = safe(() => Promise.reject(new Error('down')));
    await policy.execute(fail).catch(() => {});
    end();
    await policy.execute(fail).catch(() => {});
    retried.stop();
    expect(retried.heard).toHaveLength(1);
  });

  it('cannot harm: a subscriber that throws changes no call', async () => {
    const breaker = new CircuitBreaker({ name: 'a' });
    publishEvents(breaker, { prefix: 'harmful' });
    const uncaught = vi.fn();
    process.once('uncaughtException', uncaught);
    const onMessage = () => {
      throw new Error('subscriber');
    };
    subscribe('harmful.succeeded', onMessage);
    await expect(breaker.execute(() => 1)).resolves.toBe(1);
    unsubscribe('harmful.succeeded', onMessage);
    expect(breaker.stats().totals.succeeded).toBe(1);
    // The platform raises it at the process by itself, later.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('uncaughtException', uncaught);
  });

  it('have a name that is not blank', () => {
    const breaker = new CircuitBreaker({ name: 'a' });
    expect(() => publishEvents(breaker, { prefix: ' ' })).toThrow(/prefix/);
    expect(() => publishEvents(breaker, { name: 'x' } as never)).toThrow(/name/);
  });
});
