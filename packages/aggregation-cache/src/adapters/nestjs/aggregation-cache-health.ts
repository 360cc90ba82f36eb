import { Inject, Injectable } from '@nestjs/common';
import type { AggregationCacheStats } from '../../cache/stats.js';
import { invalidOption } from '../../errors.js';
import type { MemberState } from '../../ports/source.js';
import { refuseUnknown } from '../../validation.js';
import type { Caches } from './module-options.js';
import { CACHES } from './tokens.js';

/** What a health check shows of one cache. */
export interface CacheHealth {
  readonly remote: AggregationCacheStats['remote'];
  readonly changes: AggregationCacheStats['changes'];
  /** The members that can be read from now, by address. */
  readonly members: Readonly<Record<string, Pick<MemberState, 'role' | 'lagMs' | 'breaker'>>>;
}

/** In the form of `@nestjs/terminus`, which takes it as the result of an indicator. */
export type AggregationCacheHealthResult = Record<
  string,
  { readonly status: 'up' | 'down'; readonly caches: Readonly<Record<string, CacheHealth>> }
>;

/** The caches of the application for health checks and dashboards. */
export class AggregationCacheHealth {
  readonly #caches: Caches;

  constructor(caches: Caches) {
    this.#caches = caches;
  }

  /** The numbers of every cache, by name. */
  stats(): Readonly<Record<string, AggregationCacheStats>> {
    return Object.fromEntries(Array.from(this.#caches, ([name, cache]) => [name, cache.stats()]));
  }

  /**
   * The state of every cache. `down` only if one of those in `critical` has asked already and now has nobody to
   * ask: no member, or none whose breaker is not open. Without its remote store, or with a member less, it copes.
   * @param options `key`: name of the result, default `aggregationCaches`; `critical`: names, default none
   * @throws INVALID_OPTION for a name that no cache has
   */
  check(
    options: { readonly key?: string; readonly critical?: readonly string[] } = {},
  ): AggregationCacheHealthResult {
    refuseUnknown('', options, ['key', 'critical']);
    const { key = 'aggregationCaches', critical = [] } = options;
    const isDown = critical.map((name) => hasNobodyToAsk(this.#statsOf(name))).includes(true);
    const caches = Object.fromEntries(
      Object.entries(this.stats()).map(([name, stats]) => [name, healthOf(stats)]),
    );
    return { [key]: { status: isDown ? 'down' : 'up', caches } };
  }

  #statsOf(name: string): AggregationCacheStats {
    const cache = this.#caches.get(name);
    if (cache !== undefined) return cache.stats();
    throw invalidOption(
      'critical',
      name,
      `names of caches (${[...this.#caches.keys()].join(', ')})`,
    );
  }
}
Injectable()(AggregationCacheHealth);
Inject(CACHES)(AggregationCacheHealth, undefined, 0);

const healthOf = ({ remote, changes, members }: AggregationCacheStats): CacheHealth => ({
  remote,
  changes,
  members: Object.fromEntries(
    members.map(({ address, role, lagMs, breaker }) => [
      address,
      { role, breaker, ...(lagMs === undefined ? {} : { lagMs }) },
    ]),
  ),
});

const hasNobodyToAsk = ({ members, fills, reads }: AggregationCacheStats): boolean => {
  // A client that connects with the first read knows no members before it.
  const hasAsked = members.length > 0 || fills > 0 || reads.failed > 0;
  return hasAsked && members.every(({ breaker }) => breaker === 'open');
};
