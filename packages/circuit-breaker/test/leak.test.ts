import { describe, expect, it } from 'vitest';
import { inner } from '../src/breaker/inner.js';
import {
  BreakerGroup,
  CircuitBreaker,
  type CircuitBreakerOptions,
  CircuitBreakerRegistry,
  exportState,
  importState,
} from '../src/index.js';
import { collectGarbage } from './support/collect-garbage.js';

const BREAKERS = 10_000;

const fail = () => Promise.reject(new Error('down'));

/** In a function of its own, so that no variable keeps a breaker. */
const makeAndUse = async (
  count: number,
  use: (breaker: CircuitBreaker) => unknown,
  options: Partial<CircuitBreakerOptions> = {},
): Promise<WeakRef<object>[]> => {
  const refs: WeakRef<object>[] = [];
  for (let made = 0; made < count; made += 1) {
    const breaker = new CircuitBreaker({ name: `b${made}`, minimumCalls: 2, ...options });
    await use(breaker);
    refs.push(new WeakRef(breaker), new WeakRef(breaker[inner]));
  }
  return refs;
};

const living = (refs: readonly WeakRef<object>[]): number =>
  refs.filter((ref) => ref.deref() !== undefined).length;

/** How many stay. The clock that ticks for all may hold the last ones until its next tick. */
const alive = async (refs: readonly WeakRef<object>[]): Promise<number> => {
  for (let round = 0; round < 50; round += 1) {
    await collectGarbage();
    if (living(refs) === 0) return 0;
  }
  return living(refs);
};

describe('a breaker that nobody refers to any more', () => {
  it('would be seen if something kept it', async () => {
    const kept: unknown[] = [];
    const refs = await makeAndUse(10, (breaker) => kept.push(breaker));
    expect(await alive(refs)).toBe(20);
    kept.length = 0;
    expect(await alive(refs)).toBe(0);
  });

  it(`is freed, whatever was done with it, as are ${BREAKERS} of them`, async () => {
    const { signal } = new AbortController();
    const kinds: Record<string, WeakRef<object>[]> = {
      used: await makeAndUse(BREAKERS, (breaker) => breaker.execute(() => 1)),
      open: await makeAndUse(100, async (breaker) => {
        for (let call = 0; call < 3; call += 1) await breaker.execute(fail).catch(() => {});
        if (breaker.state !== 'open') throw new Error('It is not open.');
      }),
      'listened to': await makeAndUse(100, (breaker) => {
        breaker.events.on('opened', () => breaker.name);
        breaker.tryAcquire()?.failure();
      }),
      held: await makeAndUse(100, (breaker) => breaker.holdOpen()),
      'left with a permit': await makeAndUse(100, (breaker) => void breaker.tryAcquire()),
      'left with a call that never ends': await makeAndUse(100, (breaker) => {
        void breaker.execute(() => new Promise(() => {}));
      }),
      'called with a signal that lives on': await makeAndUse(100, (breaker) =>
        breaker.execute(() => 1, { signal }),
      ),
      'exported and imported': await makeAndUse(100, (breaker) =>
        importState(breaker, exportState(breaker)),
      ),
    };
    const made: [string, Partial<CircuitBreakerOptions>][] = [
      ['with a window of time', { window: { kind: 'time' } }],
      ['with a window that fades', { window: { kind: 'ewma' } }],
      ['timed', { slowCalls: { thresholdMs: 100 }, latency: true }],
      ['with callers that may wait', { halfOpen: { maxWaiting: 5 } }],
    ];
    for (const [kind, options] of made) {
      kinds[kind] = await makeAndUse(100, (breaker) => breaker.execute(() => 1), options);
    }
    await alive(Object.values(kinds).flat());
    const kept = Object.entries(kinds).filter(([, refs]) => living(refs) > 0);
    expect(kept.map(([kind]) => kind)).toEqual([]);
    expect(signal.aborted).toBe(false);
  });

  it('is freed when its registry or group is', async () => {
    const make = () => {
      const registry = new CircuitBreakerRegistry();
      registry.holdClosed({ tag: 'x' });
      const group = new BreakerGroup({ name: 'g', registry, outlier: {} });
      const breakers = [
        registry.getOrCreate({ name: 'a', tags: ['x'] }),
        group.get('k'),
        new CircuitBreakerRegistry({ weak: true }).getOrCreate({ name: 'w' }),
      ];
      for (const breaker of breakers) breaker.tryAcquire()?.failure();
      return [...breakers, registry, group].map((made) => new WeakRef<object>(made));
    };
    expect(await alive(make())).toBe(0);
  });

  it('is freed when its group drops it', async () => {
    const group = new BreakerGroup({ name: 'g', maxKeys: 1, outlier: {} });
    const use = (key: string) => {
      const breaker = group.get(key);
      breaker.tryAcquire()?.failure();
      return new WeakRef<object>(breaker);
    };
    const refs = [use('a'), use('b')];
    group.delete('b');
    expect(await alive(refs)).toBe(0);
  });
});
