import { describe, expect, it } from 'vitest';
import { inner } from '../breaker/inner.js';
import { ManualClock } from '../testing/manual-clock.js';
import { CircuitBreakerRegistry } from './registry.js';

const setup = () => {
  const clock = new ManualClock();
  const registry = new CircuitBreakerRegistry({ clock });
  const make = (name: string, ...tags: string[]) => registry.getOrCreate({ name, tags });
  const breakers = [make('a', 'x'), make('b', 'x', 'y'), make('c', 'y')] as const;
  const states = () => registry.list().map(({ state }) => state);
  return { clock, registry, make, breakers, states };
};

describe('many breakers by hand', () => {
  it('are tripped by tag or by names, for as long as asked, and only those there are', () => {
    const { clock, registry, make, breakers, states } = setup();
    expect(registry.trip({ tag: 'x', openForMs: 500 })).toBe(2);
    expect(states()).toEqual(['open', 'open', 'closed']);
    expect(breakers[0].retryAfterMs()).toBe(500);
    expect(make('d', 'x').state).toBe('closed');
    clock.advance(500);
    expect(registry.trip({ names: ['c', 'nobody'] })).toBe(1);
    expect(states()).toEqual(['halfOpen', 'halfOpen', 'open', 'closed']);
    expect(breakers[2].retryAfterMs()).toBe(30_000);
  });

  it('are reset, their holds too', () => {
    const { registry, breakers, states } = setup();
    registry.trip({ names: ['a', 'b', 'c'] });
    registry.holdOpen({ tag: 'x' });
    expect(registry.reset({ tag: 'x' })).toBe(2);
    expect(states()).toEqual(['closed', 'closed', 'open']);
    expect(breakers[0].holds).toEqual([]);
  });

  it('are updated, all or none', () => {
    const { registry, breakers } = setup();
    const rates = () => breakers.map((one) => one[inner].machine.settings.failureRate);
    expect(registry.update({ tag: 'y' }, { failureRate: 0.2 })).toBe(2);
    expect(rates()).toEqual([0.5, 0.2, 0.2]);
    breakers[1].update({ halfOpen: { trials: 2 } });
    const changes = { failureRate: 0.3, halfOpen: { maxConcurrent: 3 } };
    expect(() => registry.update({ tag: 'x' }, changes)).toThrow("Option 'halfOpen.maxConcurrent'");
    expect(rates()).toEqual([0.5, 0.2, 0.2]);
  });

  it('are none where nobody has the tag or the name', () => {
    const { registry, states } = setup();
    const nobody = { tag: 'nobody' };
    expect([registry.trip(nobody), registry.reset(nobody), registry.update(nobody, {})]).toEqual([
      0, 0, 0,
    ]);
    expect(states()).toEqual(['closed', 'closed', 'closed']);
  });

  it.each([
    [{}, 'tag'],
    [{ tag: 'x', names: ['a'] }, 'tag'],
    [{ names: [''] }, 'names[0]'],
    [{ tag: 'x', reason: 'why' }, 'reason'],
    [null, 'options'],
  ])('are not chosen by %o', (choice, option) => {
    const { registry, states } = setup();
    const refused = expect.objectContaining({ code: 'INVALID_OPTION', option });
    expect(() => registry.trip(choice as never)).toThrow(refused);
    expect(() => registry.reset(choice as never)).toThrow(refused);
    expect(() => registry.update(choice as never, {})).toThrow(refused);
    expect(states()).toEqual(['closed', 'closed', 'closed']);
  });

  it('are not tripped for an impossible time, whether or not there are any', () => {
    const { registry } = setup();
    for (const tag of ['x', 'nobody']) {
      expect(() => registry.trip({ tag, openForMs: 0 })).toThrow(
        "Option 'openForMs' must be a number from 1 to 2592000000 (ms); it is 0.",
      );
    }
    expect(() => registry.reset({ tag: 'x', openForMs: 5 } as never)).toThrow("Option 'openForMs'");
  });
});
