import { describe, expect, it } from 'vitest';
import { collectGarbage, collectNow } from '../../test/support/collect-garbage.js';
import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { ManualClock } from '../testing/manual-clock.js';
import { CircuitBreakerRegistry } from './registry.js';

const setup = (options: { weak?: boolean } = {}) => {
  const clock = new ManualClock();
  const registry = new CircuitBreakerRegistry({ ...options, clock });
  const removed: string[] = [];
  registry.changes.on('removed', ({ breaker, reason }) => removed.push(`${breaker} ${reason}`));
  const names = () => registry.list().map(({ name }) => name);
  return { clock, registry, removed, names };
};

/** In a function of its own, so that no variable keeps the breaker. */
const use = (registry: CircuitBreakerRegistry, name: string, failures = 0) => {
  const breaker = registry.getOrCreate({ name, minimumCalls: 2, openForMs: 1000 });
  for (let call = 0; call < failures; call += 1) breaker.tryAcquire()?.failure();
};

describe('a weak registry', () => {
  it('lets go of a breaker that nobody keeps, and tells so', async () => {
    const { registry, removed, names } = setup({ weak: true });
    const kept = registry.getOrCreate({ name: 'kept' });
    use(registry, 'dropped', 1);
    await collectGarbage();
    expect(names()).toEqual(['kept']);
    expect(registry.get('kept')).toBe(kept);
    expect(registry.get('dropped')).toBeUndefined();
    expect(removed).toEqual(['dropped collected']);
    use(registry, 'dropped');
    expect(registry.get('dropped')?.stats().window.calls).toBe(0);
  });

  it('keeps an open breaker, and lets go of it some time after its wait', async () => {
    const { clock, registry, removed, names } = setup({ weak: true });
    use(registry, 'open', 2);
    await collectGarbage();
    expect(registry.get('open')?.state).toBe('open');
    clock.advance(1000);
    // Others that are made look after it.
    use(registry, 'a');
    use(registry, 'b');
    await collectGarbage();
    expect(names()).toEqual([]);
    expect(removed.toSorted()).toEqual(['a collected', 'b collected', 'open collected']);
  });

  it('keeps a held breaker until it is released', async () => {
    const { registry, names } = setup({ weak: true });
    const hold = registry.holdClosed({ names: ['held'] });
    use(registry, 'held');
    use(registry, 'by itself');
    registry.get('by itself')?.holdClosed();
    await collectGarbage();
    expect(names()).toEqual(['held', 'by itself']);
    hold.release();
    for (const own of registry.get('by itself')?.holds ?? []) own.release();
    await collectGarbage();
    expect(names()).toEqual([]);
  });

  it('keeps a breaker with a call running, once it keeps it', async () => {
    const { clock, registry, names } = setup({ weak: true });
    use(registry, 'trying', 2);
    clock.advance(1000);
    const permits = [registry.get('trying')?.tryAcquire()];
    use(registry, 'a');
    use(registry, 'b');
    await collectGarbage();
    expect(names()).toEqual(['trying']);
    permits.pop()?.success();
    use(registry, 'c');
    await collectGarbage();
    expect(names()).toEqual([]);
  });

  it('keeps no breaker that was closed again, reset or shut down', async () => {
    const { registry, names } = setup({ weak: true });
    use(registry, 'gone');
    use(registry, 'reset', 2);
    registry.get('reset')?.reset();
    registry.get('gone')?.shutDown();
    await collectGarbage();
    expect(names()).toEqual([]);
  });

  it('makes a new breaker where the old one is gone and nobody has told yet', async () => {
    const { registry, removed } = setup({ weak: true });
    const heard: string[] = [];
    registry.events.on('succeeded', ({ breaker }) => heard.push(breaker));
    use(registry, 'x');
    await new Promise((resolve) => setImmediate(resolve));
    collectNow();
    expect(removed).toEqual([]);
    expect(registry.list()).toEqual([]);
    registry.getOrCreate({ name: 'x', failureRate: 0.1 }).tryAcquire()?.success();
    expect(removed).toEqual(['x collected']);
    expect(heard).toEqual(['x']);
    const kept = registry.get('x');
    await collectGarbage();
    expect(removed).toEqual(['x collected']);
    expect(registry.get('x')).toBe(kept);
  });

  it('can do without a breaker that is gone, and nobody has told yet', async () => {
    const { registry, removed, names } = setup({ weak: true });
    use(registry, 'x');
    use(registry, 'y');
    await new Promise((resolve) => setImmediate(resolve));
    collectNow();
    const kept = registry.getOrCreate({ name: 'z' });
    expect(registry.delete('x', { shutDown: true })).toBe(true);
    expect([names(), removed]).toEqual([[kept.name], ['x deleted']]);
  });

  it('tells nothing of a breaker that was deleted before', async () => {
    const { registry, removed } = setup({ weak: true });
    use(registry, 'x');
    registry.delete('x');
    await collectGarbage();
    expect(removed).toEqual(['x deleted']);
  });
});

describe('a registry', () => {
  it('keeps all its breakers otherwise, until they are deleted', async () => {
    const { registry, removed, names } = setup();
    use(registry, 'x');
    const weak = new WeakRef(registry.get('x') as CircuitBreaker);
    await collectGarbage();
    expect([names(), removed]).toEqual([['x'], []]);
    registry.delete('x');
    await collectGarbage();
    expect(weak.deref()).toBeUndefined();
  });
});
