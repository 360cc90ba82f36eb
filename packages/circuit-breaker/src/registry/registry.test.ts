import { describe, expect, it, vi } from 'vitest';
import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { ManualClock } from '../testing/manual-clock.js';
import { CircuitBreakerRegistry } from './registry.js';

describe('a registry', () => {
  it('makes a breaker once and finds it by name', () => {
    const registry = new CircuitBreakerRegistry();
    const breaker = registry.getOrCreate({ name: 'redis', failureRate: 0.2 });
    expect(breaker).toBeInstanceOf(CircuitBreaker);
    expect(registry.getOrCreate({ name: 'redis', failureRate: 0.2 })).toBe(breaker);
    expect(registry.get('redis')).toBe(breaker);
    expect(registry.get('other')).toBeUndefined();
    const other = registry.getOrCreate({ name: '__proto__' });
    expect(registry.list()).toEqual([breaker, other]);
  });

  it('takes a default that is spelt out for the same as one left out', () => {
    const registry = new CircuitBreakerRegistry();
    const breaker = registry.getOrCreate({ name: 'x', window: { kind: 'count' } });
    expect(registry.getOrCreate({ name: 'x', failureRate: 0.5 })).toBe(breaker);
  });

  it.each([
    [{ openForMs: 5 }, 'openForMs', "what breaker 'x' was made with (30000)"],
    [{ window: { kind: 'time' } }, 'window.kind', "what breaker 'x' was made with ('count')"],
    [{ halfOpen: { trials: 2 } }, 'halfOpen.trials', "what breaker 'x' was made with (3)"],
    [{ classify: () => 'success' }, 'classify', "what breaker 'x' was made with (undefined)"],
  ] as const)('refuses the name of another breaker with %o', (options, option, allowed) => {
    const registry = new CircuitBreakerRegistry();
    registry.getOrCreate({ name: 'x' });
    expect(() => registry.getOrCreate({ name: 'x', ...options })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option, allowed }),
    );
  });

  it('spells out the words of both breakers', () => {
    const registry = new CircuitBreakerRegistry();
    registry.getOrCreate({ name: 'x' });
    expect(() => registry.getOrCreate({ name: 'x', mode: 'shadow' })).toThrow(
      "Option 'mode' must be what breaker 'x' was made with ('enforcing'); it is 'shadow'.",
    );
  });

  it('spells out no function and no object of either breaker', () => {
    const registry = new CircuitBreakerRegistry();
    const classify = () => (Math.random() > 2 ? 'failure' : 'success');
    const clock = () => Object.assign(new ManualClock(), { apiKey: 'hunter2' });
    registry.getOrCreate({ name: 'x', classify, clock: clock() });
    for (const other of [
      { classify: () => 'success' as const, clock: clock() },
      { classify, clock: clock() },
    ]) {
      expect(() => registry.getOrCreate({ name: 'x', ...other })).toThrow(
        /made with \(an object\); it is an object\.$|made with \(a function\); it is a function\.$/,
      );
    }
  });

  it('refuses impossible options, and keeps no breaker of them', () => {
    const registry = new CircuitBreakerRegistry();
    expect(() => registry.getOrCreate({ name: 'x', failureRate: 2 })).toThrow('failureRate');
    expect(registry.list()).toEqual([]);
    expect(() => new CircuitBreakerRegistry({ max: 1 } as never)).toThrow("Option 'max'");
    expect(() => new CircuitBreakerRegistry({ weak: 1 } as never)).toThrow("Option 'weak'");
    const clock = { now: () => 0, wallTime: () => 0 };
    expect(() => new CircuitBreakerRegistry({ clock } as never)).toThrow("Option 'clock'");
    expect(() => new CircuitBreakerRegistry({ onListenerError: 1 } as never)).toThrow(
      "Option 'onListenerError'",
    );
    for (const nothing of [null, undefined, 'x'] as never[]) {
      expect(() => registry.getOrCreate(nothing)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION', option: 'options' }),
      );
    }
  });

  it.each(['clock', 'onListenerError', 'random'])(
    'takes no %s of null for one that is left out',
    (option) => {
      const registry = new CircuitBreakerRegistry();
      expect(() => registry.getOrCreate({ name: 'x', [option]: null })).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION', option }),
      );
      expect(registry.getOrCreate({ name: 'x', [option]: undefined }).state).toBe('closed');
    },
  );

  it('hears nothing that nobody listens for', () => {
    const registry = new CircuitBreakerRegistry();
    const { events } = registry.getOrCreate({ name: 'x' });
    expect(events.hears('succeeded')).toBe(false);
    registry.events.on('succeeded', () => {});
    expect([events.hears('succeeded'), events.hears('failed')]).toEqual([true, false]);
  });

  it('publishes the events of every breaker, with its name', () => {
    const registry = new CircuitBreakerRegistry();
    const heard: unknown[] = [];
    registry.events.on('opened', ({ breaker, reason }) => heard.push([breaker, reason]));
    registry.events.on('succeeded', (payload) => heard.push(payload));
    registry.getOrCreate({ name: 'a' }).holdOpen();
    registry.getOrCreate({ name: 'b' }).tryAcquire()?.success();
    expect(heard).toEqual([['a', 'byHand'], { breaker: 'b', durationMs: undefined }]);
  });

  it('lends its clock and its error hook to breakers that bring none', () => {
    const clock = new ManualClock();
    const onListenerError = vi.fn();
    const registry = new CircuitBreakerRegistry({ clock, onListenerError });
    const breaker = registry.getOrCreate({ name: 'x', openForMs: 1000, minimumCalls: 1 });
    breaker.events.on('failed', () => {
      throw new Error('of a breaker');
    });
    registry.events.on('failed', () => {
      throw new Error('of the registry');
    });
    breaker.tryAcquire()?.failure();
    clock.advance(999);
    expect(breaker.state).toBe('open');
    clock.advance(1);
    expect(breaker.state).toBe('halfOpen');
    expect(onListenerError.mock.calls.map(([failure]) => failure.error.message)).toEqual([
      'of a breaker',
      'of the registry',
    ]);
  });
});

describe('which breakers come and go', () => {
  const setup = () => {
    const registry = new CircuitBreakerRegistry();
    const heard: unknown[] = [];
    registry.changes.on('registered', ({ breaker }) => heard.push(`+ ${breaker.name}`));
    registry.changes.on('removed', (removal) => heard.push(removal));
    return { registry, heard };
  };

  it('is told, once each', () => {
    const { registry, heard } = setup();
    registry.getOrCreate({ name: 'a', tags: ['payments'] });
    registry.getOrCreate({ name: 'a', tags: ['payments'] });
    registry.getOrCreate({ name: 'b' });
    expect(registry.delete('a')).toBe(true);
    expect(registry.delete('a')).toBe(false);
    expect(heard).toEqual(['+ a', '+ b', { breaker: 'a', tags: ['payments'], reason: 'deleted' }]);
    expect(registry.list().map(({ name }) => name)).toEqual(['b']);
    expect(registry.get('a')).toBeUndefined();
  });

  it('is known when it is told', () => {
    const { registry } = setup();
    const known: unknown[] = [];
    registry.changes.on('registered', ({ breaker }) => known.push(registry.get(breaker.name)));
    registry.changes.on('removed', ({ breaker }) => known.push(registry.get(breaker)));
    const breaker = registry.getOrCreate({ name: 'a' });
    registry.delete('a');
    expect(known).toEqual([breaker, undefined]);
  });

  it('leaves a deleted breaker at work, but for its events here', async () => {
    const { registry } = setup();
    const here = vi.fn();
    const own = vi.fn();
    registry.events.on('succeeded', here);
    const early = registry.getOrCreate({ name: 'a' });
    early.events.on('succeeded', own);
    registry.delete('a');
    await early.execute(() => 1);
    expect([here.mock.calls.length, own.mock.calls.length, early.isShutDown]).toEqual([
      0,
      1,
      false,
    ]);
    const next = registry.getOrCreate({ name: 'a' });
    expect(next).not.toBe(early);
    await next.execute(() => 1);
    expect(here).toHaveBeenCalledTimes(1);
  });

  it('shuts a deleted breaker down if asked, which is heard here', () => {
    const { registry, heard } = setup();
    registry.events.on('shutDown', ({ breaker }) => heard.push(`shut down ${breaker}`));
    const breaker = registry.getOrCreate({ name: 'a' });
    registry.delete('a', { shutDown: true });
    expect(breaker.isShutDown).toBe(true);
    expect(heard.slice(1)).toEqual(['shut down a', { breaker: 'a', tags: [], reason: 'deleted' }]);
    expect(registry.delete('nobody', { shutDown: true })).toBe(false);
    expect(() => registry.delete('b', { shutdown: true } as never)).toThrow("Option 'shutdown'");
    expect(() => registry.delete('b', { shutDown: 1 } as never)).toThrow("Option 'shutDown'");
  });

  it('cannot be spoilt by a listener', () => {
    const onListenerError = vi.fn();
    const registry = new CircuitBreakerRegistry({ onListenerError });
    for (const event of ['registered', 'removed'] as const) {
      registry.changes.on(event, () => {
        throw new Error(event);
      });
    }
    expect(registry.getOrCreate({ name: 'a' }).state).toBe('closed');
    expect(registry.delete('a')).toBe(true);
    expect(onListenerError).toHaveBeenCalledTimes(2);
  });
});
