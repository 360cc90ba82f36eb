import { describe, expect, it, vi } from 'vitest';
import {
  AggregationCacheHealth,
  AggregationCacheModule,
  aggregationCacheToken,
} from '../../../src/adapters/nestjs/index.js';
import type { AggregationCache } from '../../../src/index.js';
import { cacheOptions, compile } from './start-app.js';

export function describeHealth(): void {
  describe('AggregationCacheHealth', () => {
    const open = async () => {
      const caches = { shop: cacheOptions(), blog: cacheOptions() };
      const module = await compile({ imports: [AggregationCacheModule.forRoot({ caches })] });
      const health = module.get(AggregationCacheHealth, { strict: false });
      const shop = module.get<AggregationCache>(aggregationCacheToken('shop'), { strict: false });
      const stats = shop.stats();
      /** As if these members had been met. */
      const meet = (...states: string[]) => {
        const members = states.map((breaker, place) => ({
          address: `m:${place}`,
          role: 'secondary',
          lagMs: place || undefined,
          breaker,
        }));
        vi.spyOn(shop, 'stats').mockReturnValue({ ...stats, fills: 1, members } as never);
      };
      return { health, meet };
    };

    it('tells of each cache its remote store, its change stream and its members', async () => {
      const { health, meet } = await open();
      meet('closed', 'open');
      const off = {
        remote: { state: 'none', pendingInvalidations: 0 },
        changes: { role: 'off', stalled: false },
      };
      expect(health.check()).toEqual({
        aggregationCaches: {
          status: 'up',
          caches: {
            shop: {
              ...off,
              members: {
                'm:0': { role: 'secondary', breaker: 'closed' },
                'm:1': { role: 'secondary', breaker: 'open', lagMs: 1 },
              },
            },
            blog: { ...off, members: {} },
          },
        },
      });
      expect(Object.keys(health.check({ key: 'caches' }))).toEqual(['caches']);
      expect(health.stats().blog).toMatchObject({ reads: { memory: 0 } });
    });

    it('is down only if a critical cache has nobody to ask', async () => {
      const { health, meet } = await open();
      const status = (critical: readonly string[]) =>
        health.check({ critical }).aggregationCaches?.status;
      expect(status(['shop'])).toBe('up');
      meet('open', 'halfOpen');
      expect(status(['shop'])).toBe('up');
      meet('open', 'open');
      expect(status(['shop'])).toBe('down');
      meet();
      expect(status(['shop'])).toBe('down');
      expect(status(['blog'])).toBe('up');
      expect(status([])).toBe('up');
    });

    it('refuses the name of a cache that there is not', async () => {
      const { health } = await open();
      expect(() => health.check({ critical: ['shop', 'x'] })).toThrow(/'critical'.*shop, blog/);
      expect(() => health.check({ names: [] } as never)).toThrow(/names/);
    });
  });
}
