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

const alive = async (refs: readonly WeakRef<object>[]): Promise<number> => {
  await collectGarbage();
  return refs.filter((ref) => ref.deref() !== undefined).length;
};

describe('a breaker that nobody refers to any more', () => {
  it('would be seen if something kept it', async () => {
    const kept: unknown[] = [];
    const refs = await makeAndUse(10, (breaker) => kept.push(breaker));
    expect(await alive(refs)).toBe(20);
    kept.length = 0;
    expect(await alive(refs)).toBe(0);
  });

  it(`is freed, as are ${BREAKERS} of them, without being shut down`, async () => {
    const refs = await makeAndUse(BREAKERS, (breaker) => breaker.execute(() => 1));
    expect(await alive(refs)).toBe(0);
  });

  it.each([
    [
      'open',
      async (breaker: CircuitBreaker) => {
        await breaker.execute(fail).catch(() => {});
        await breaker.execute(fail).catch(() => {});
        await breaker.execute(fail).catch(() => {});
        expect(breaker.state).toBe('open');
      },
    ],
    [
      'listened to',
      (breaker: CircuitBreaker) => {
        breaker.events.on('opened', () => breaker.name);
        breaker.tryAcquire()?.failure();
      },
    ],
    ['held', (breaker: CircuitBreaker) => breaker.holdOpen()],
    ['left with a permit', (breaker: CircuitBreaker) => void breaker.tryAcquire()],
    [
      'left with a call that never ends',
      (breaker: CircuitBreaker) => {
        void breaker.execute(() => new Promise(() => {}));
      },
    ],
    [
      'exported and imported',
      (breaker: CircuitBreaker) => importState(breaker, exportState(breaker)),
    ],
  ])('is freed though it was %s', async (_what, use) => {
    expect(await alive(await makeAndUse(100, use))).toBe(0);
  });

  it.each([
    [{ window: { kind: 'time' } }],
    [{ window: { kind: 'ewma' } }],
    [{ slowCalls: { thresholdMs: 100 }, latency: true }],
    [{ halfOpen: { maxWaiting: 5 } }],
  ] satisfies [Partial<CircuitBreakerOptions>][])('is freed though it had %o', async (options) => {
    const refs = await makeAndUse(100, (breaker) => breaker.execute(() => 1), options);
    expect(await alive(refs)).toBe(0);
  });

  it('is freed once a caller’s long-lived signal is all that is left of its calls', async () => {
    const { signal } = new AbortController();
    const refs = await makeAndUse(100, (breaker) => breaker.execute(() => 1, { signal }));
    expect(await alive(refs)).toBe(0);
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
    const use = () => {
      const breaker = group.get('a');
      breaker.tryAcquire()?.failure();
      return [new WeakRef<object>(breaker)];
    };
    const refs = use();
    group.get('b');
    expect(await alive(refs)).toBe(0);
  });
});
