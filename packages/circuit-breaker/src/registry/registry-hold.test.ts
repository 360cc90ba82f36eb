import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { CircuitBreakerRegistry } from './registry.js';
import type { RegistryHoldOptions } from './registry-hold.js';

const setup = () => {
  const registry = new CircuitBreakerRegistry({ clock: new ManualClock() });
  const make = (name: string, ...tags: string[]) => registry.getOrCreate({ name, tags });
  const states = () => registry.list().map(({ name, state }) => `${name} ${state}`);
  return { registry, make, states };
};

describe('a hold over many breakers', () => {
  it('holds all with a tag, also those made while it is out', () => {
    const { registry, make, states } = setup();
    make('a', 'payments');
    make('b', 'search');
    const hold = registry.holdOpen({ tag: 'payments', reason: 'audit' });
    const late = make('c', 'search', 'payments');
    expect(states()).toEqual(['a open', 'b closed', 'c open']);
    expect(late.holds.map(({ kind, reason }) => [kind, reason])).toEqual([['open', 'audit']]);
    expect(registry.holds).toEqual([hold]);
    hold.release();
    expect(states()).toEqual(['a halfOpen', 'b closed', 'c halfOpen']);
    expect(registry.holds).toEqual([]);
    make('d', 'payments');
    expect(states().at(-1)).toBe('d closed');
  });

  it('holds those of some names, whether or not they are known yet', () => {
    const { registry, make, states } = setup();
    make('a');
    make('b');
    {
      using hold = registry.holdClosed({ names: ['a', 'c'], reason: 'a test' });
      expect([hold.kind, hold.reason]).toEqual(['closed', 'a test']);
      expect(make('c').holds[0]?.reason).toBe('a test');
      expect(registry.list().map((breaker) => breaker.stats().held)).toEqual([
        'closed',
        undefined,
        'closed',
      ]);
    }
    expect(registry.list().map((breaker) => breaker.stats().held)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(states()).toEqual(['a closed', 'b closed', 'c closed']);
  });

  it('is one of those that are out until it is released', () => {
    const { registry } = setup();
    const first = registry.holdOpen({ tag: 'x' });
    const second = registry.holdClosed({ tag: 'y' });
    expect(registry.holds).toEqual([first, second]);
    first.release();
    expect(registry.holds).toEqual([second]);
  });

  it('takes its part from each breaker once, beside the holds of others', () => {
    const { registry, make } = setup();
    const breaker = make('a', 'x');
    const own = breaker.holdOpen();
    const hold = registry.holdOpen({ tag: 'x' });
    hold.release();
    hold.release();
    expect(breaker.holds).toEqual([own]);
    expect(breaker.state).toBe('open');
  });

  it('stays on a breaker that was deleted until it is released', () => {
    const { registry, make } = setup();
    const breaker = make('a', 'x');
    const hold = registry.holdOpen({ tag: 'x' });
    registry.delete('a');
    expect(breaker.state).toBe('open');
    hold.release();
    expect(breaker.state).toBe('halfOpen');
  });

  it('is dropped by the reset of one breaker there, and stays on the others', () => {
    const { registry, make, states } = setup();
    make('a', 'x').reset();
    make('b', 'x');
    const hold = registry.holdOpen({ tag: 'x' });
    registry.get('a')?.reset();
    expect(states()).toEqual(['a closed', 'b open']);
    hold.release();
    expect(states()).toEqual(['a closed', 'b halfOpen']);
  });

  it.each([
    [{}, 'tag'],
    [{ tag: 'x', names: ['a'] }, 'tag'],
    [{ tag: ' ' }, 'tag'],
    [{ names: 'a' }, 'names'],
    [{ names: ['a', ''] }, 'names[1]'],
    [{ tag: 'x', reason: '' }, 'reason'],
    [{ tags: ['x'] }, 'tags'],
    [null, 'options'],
  ])('refuses %o', (options, option) => {
    const { registry } = setup();
    expect(() => registry.holdOpen(options as RegistryHoldOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
    expect(registry.holds).toEqual([]);
  });

  it('says what is allowed', () => {
    const { registry } = setup();
    expect(() => registry.holdOpen({} as never)).toThrow('one of the two (for all, name all)');
    expect(() => registry.holdOpen({ names: 'a' } as never)).toThrow('must be a list of texts;');
  });

  it('holds exactly what some hold that is out covers, in any order of things', () => {
    const step = fc.record({
      what: fc.constantFrom('make', 'holdOpen', 'holdClosed', 'release', 'delete'),
      pick: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { registry, make } = setup();
        const out: { kind: string; tag: string; hold: ReturnType<typeof registry.holdOpen> }[] = [];
        for (const { what, pick } of steps) {
          const tag = `t${pick % 2}`;
          if (what === 'make') make(`b${pick}`, tag);
          else if (what === 'delete') registry.delete(`b${pick}`);
          else if (what === 'release') out.splice(pick, 1)[0]?.hold.release();
          else out.push({ kind: what, tag, hold: registry[what]({ tag }) });
        }
        for (const breaker of registry.list()) {
          const kinds = out.filter(({ tag }) => breaker.tags.includes(tag)).map(({ kind }) => kind);
          const held = kinds.includes('holdOpen')
            ? 'open'
            : kinds.includes('holdClosed')
              ? 'closed'
              : undefined;
          expect(breaker.stats().held).toBe(held);
          expect(breaker.holds).toHaveLength(kinds.length);
        }
      }),
    );
  });
});
