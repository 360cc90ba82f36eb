import type { Random } from '@nestcms/circuit-breaker';

/** When something kept ceases to be fresh, and when it ceases to be of any use. Monotonic ms. */
export interface Lifetime {
  readonly freshUntil: number;
  readonly expiresAt: number;
  /** What it took to load. */
  readonly costMs: number;
}

/** So many times its cost before its end, an early refresh is as good as impossible: e^-20. */
const FURTHEST_AHEAD = 20;

/**
 * - `fresh`: answer it
 * - `early`: answer it, and let this reader be the one who refreshes it
 * - `stale`: past its life, yet not void: an answer only where the class allows a stale one
 * - `gone`
 */
export type Freshness = 'fresh' | 'early' | 'stale' | 'gone';

/**
 * Probabilistic early expiration (XFetch, Vattani et al. 2015): each reader draws a head start from an
 * exponential distribution scaled by the load's cost, so that one of many refreshes it before all find it gone.
 * @param beta above 1 refreshes earlier; 0 never
 */
export const freshnessOf = (
  { freshUntil, expiresAt, costMs }: Lifetime,
  now: number,
  beta: number,
  random: Random,
): Freshness => {
  if (now >= expiresAt) return 'gone';
  if (now >= freshUntil) return 'stale';
  const scale = costMs * beta;
  if (now + scale * FURTHEST_AHEAD < freshUntil) return 'fresh';
  // `1 - random()`, for the logarithm of zero has no end.
  return now - scale * Math.log(1 - random()) >= freshUntil ? 'early' : 'fresh';
};
