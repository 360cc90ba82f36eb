import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { BreakerGroup } from './breaker-group.js';
import { CircuitBreakerRegistry } from './registry.js';

const setup = () => {
  const onListenerError = vi.fn();
  const clock = new ManualClock();
  const registry = new CircuitBreakerRegistry({ clock, onListenerError });
  return { clock, registry, onListenerError };
};

describe('a listener that acts on its registry', () => {
  it('may remove the breaker whose place was just made, which the group then does not keep', () => {
    const { registry } = setup();
    const group = new BreakerGroup({ name: 'hosts', registry, maxKeys: 1 });
    group.get('a');
    registry.changes.once('removed', () => registry.delete('hosts:b'));
    const unkept = group.get('b');
    expect([unkept.state, group.keys(), registry.list()]).toEqual(['closed', [], []]);
    const kept = group.get('b');
    expect(kept).not.toBe(unkept);
    group.get('c');
    expect([group.keys(), registry.list()]).toEqual([['c'], [group.peek('c')]]);
  });

  it('may put another in the place of the breaker that was just made', () => {
    const { registry } = setup();
    const group = new BreakerGroup({ name: 'hosts', registry, maxKeys: 1 });
    group.get('a');
    registry.changes.once('removed', () => {
      registry.delete('hosts:b');
      registry.getOrCreate({ name: 'hosts:b', failureRate: 0.1 });
    });
    group.get('b');
    expect(group.keys()).toEqual([]);
    expect(() => group.get('b')).toThrow("Option 'tags.0'");
  });

  it('may delete an outlier while another one is opened', () => {
    const { clock, registry, onListenerError } = setup();
    const group = new BreakerGroup({
      name: 'hosts',
      registry,
      failureRate: false,
      consecutiveFailures: 1000,
      outlier: { minimumCalls: 10, deviations: 0.5, maxOpenShare: 1, intervalMs: 1000 },
    });
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      const ends = key < 'd' ? 'success' : 'failure';
      for (let made = 0; made < 10; made += 1) group.get(key).tryAcquire()?.[ends]();
    }
    const opened: string[] = [];
    registry.events.on('opened', ({ breaker }) => {
      opened.push(breaker);
      for (const key of ['d', 'e']) if (breaker !== `hosts:${key}`) group.delete(key);
    });
    clock.advance(1000);
    group.get('a').tryAcquire()?.failure();
    expect([opened, group.keys()]).toEqual([['hosts:d'], ['b', 'c', 'd', 'a']]);
    expect(onListenerError).not.toHaveBeenCalled();
  });

  it('may release a hold before it reaches the breaker that was just made', () => {
    const { registry } = setup();
    const first = registry.holdClosed({ names: ['a'] });
    const second = registry.holdOpen({ names: ['a'] });
    registry.events.once('held', () => second.release());
    const breaker = registry.getOrCreate({ name: 'a' });
    expect([breaker.state, breaker.holds.length]).toEqual(['closed', 1]);
    expect(registry.holds).toEqual([first]);
  });

  it('hears nothing of a deleted breaker, and neither does the error hook', () => {
    const { registry, onListenerError } = setup();
    const heard = vi.fn();
    const breaker = registry.getOrCreate({ name: 'a' });
    registry.events.on('failed', heard);
    breaker.events.on('failed', () => registry.delete('a'));
    breaker.tryAcquire()?.failure();
    breaker.tryAcquire()?.failure();
    expect(heard).not.toHaveBeenCalled();
    expect(onListenerError).not.toHaveBeenCalled();
  });
});
