import type { EventEmitter } from 'node:events';
import { InvalidOptionError } from '../../errors.js';
import { readFunction } from '../../validation.js';
import { type CircuitCache, MemoryCache } from './memory-cache.js';
import type { BreakerState } from './state.js';
import type { CircuitStats } from './stats.js';
import type { CircuitStatus } from './status.js';

/** Every default, as opossum 10 has it. */
export const OPOSSUM_DEFAULTS = Object.freeze({
  /** Milliseconds. */
  timeout: 10_000,
  /** Milliseconds. */
  resetTimeout: 30_000,
  /** Percent. */
  errorThresholdPercentage: 50,
  /** Milliseconds. */
  rollingCountTimeout: 10_000,
  rollingCountBuckets: 10,
  /** Calls: no limit. */
  capacity: Number.MAX_SAFE_INTEGER,
  /** Calls: none needed. */
  volumeThreshold: 0,
  /** Milliseconds: results are kept for ever. */
  cacheTTL: 0,
  /** Milliseconds. */
  healthCheckInterval: 5000,
} as const);

/** After which ends of a call the next one with the same key is not given the same promise any more. */
export type CoalesceReset = 'error' | 'success' | 'timeout';

/** Written as a method, so that it may take the error as whatever it knows it to be. */
export type ErrorFilter<TI extends unknown[] = unknown[]> = {
  filter(error: unknown, ...args: TI): unknown;
}['filter'];

export interface CircuitOptions<TI extends unknown[] = unknown[]> {
  /** Default: the function's name, or a UUID. */
  readonly name?: string | undefined;
  /** Default: the name. */
  readonly group?: string | undefined;
  /** Milliseconds a call may take; 0 or false for no limit; default 10,000. */
  readonly timeout?: number | false | undefined;
  /** Milliseconds the circuit stays open; at most 30 days; default 30,000. */
  readonly resetTimeout?: number | undefined;
  /** Percent of the fired calls above which failures open; default 50. */
  readonly errorThresholdPercentage?: number | undefined;
  /** Fired calls the window must hold before failures open; default 0. */
  readonly volumeThreshold?: number | undefined;
  /** Milliseconds of the window; default 10,000. */
  readonly rollingCountTimeout?: number | undefined;
  /** Slices of the window; default 10. */
  readonly rollingCountBuckets?: number | undefined;
  /** Whether latencies are kept; default true. */
  readonly rollingPercentilesEnabled?: boolean | undefined;
  /** Whether the status tells snapshots to those who listen; default true. */
  readonly enableSnapshots?: boolean | undefined;
  /** Its event `rotate` begins each slice of the window; default: the clock does. */
  readonly rotateBucketController?: EventEmitter | undefined;
  /** Calls that may run at once; others are rejected with `ESEMLOCKED`; default: no limit. */
  readonly capacity?: number | undefined;
  /** Whether calls are protected from the start; default true. */
  readonly enabled?: boolean | undefined;
  /** Whether failures do not open within the first `rollingCountTimeout`; default false. */
  readonly allowWarmUp?: boolean | undefined;
  /** Whether a failure is to count as a success; the caller gets it all the same. One that throws counts as no. */
  readonly errorFilter?: ErrorFilter<TI> | undefined;
  /** Whether results are kept; default false. */
  readonly cache?: boolean | undefined;
  /** Milliseconds a result is kept; 0 for ever; default 0. */
  readonly cacheTTL?: number | undefined;
  /** Results kept in memory; default 16,777,215. */
  readonly cacheSize?: number | undefined;
  /** Of which calls the results are the same; default: those whose arguments are the same as JSON. */
  readonly cacheGetKey?: ((...args: TI) => string) | undefined;
  /** Where results are kept; default: in memory. */
  readonly cacheTransport?: CircuitCache | undefined;
  /** Whether calls with the same key get the promise of the first; default false. */
  readonly coalesce?: boolean | undefined;
  /** Milliseconds they do; 0 for ever; default: `timeout`. */
  readonly coalesceTTL?: number | undefined;
  /** Promises kept at once; default 16,777,215. */
  readonly coalesceSize?: number | undefined;
  /** Default: none. Others are left out. */
  readonly coalesceResetOn?: readonly CoalesceReset[] | undefined;
  /** Aborted when a call times out. */
  readonly abortController?: Pick<AbortController, 'abort'> | undefined;
  /** Whether an aborted controller is replaced once the circuit is half-open or closed; default false. */
  readonly autoRenewAbortController?: boolean | undefined;
  /** State to begin with, as `toJSON().state` gives it. */
  readonly state?: Partial<BreakerState> | undefined;
  /** Counts to begin with: a status, or what `toJSON().status` gives. */
  readonly status?: CircuitStatus | Partial<CircuitStats> | undefined;
  /** @deprecated Does nothing; `errorThresholdPercentage` does. */
  readonly maxFailures?: number | undefined;
}

/** Options with the defaults filled in. */
export interface ResolvedOptions<TI extends unknown[] = unknown[]> extends CircuitOptions<TI> {
  readonly name: string;
  readonly group: string;
  readonly timeout: number | false;
  readonly resetTimeout: number;
  readonly errorThresholdPercentage: number;
  readonly volumeThreshold: number;
  readonly rollingCountTimeout: number;
  readonly rollingCountBuckets: number;
  readonly rollingPercentilesEnabled: boolean;
  readonly enableSnapshots: boolean;
  readonly capacity: number;
  readonly cacheTTL: number;
  readonly cacheGetKey: (...args: TI) => string;
  readonly coalesce: boolean;
  readonly coalesceTTL: number;
  readonly coalesceResetOn: readonly CoalesceReset[];
}

const RESETS: readonly string[] = ['error', 'success', 'timeout'];

/** Options that are amounts, with their defaults. */
const AMOUNTS = [
  'resetTimeout',
  'errorThresholdPercentage',
  'volumeThreshold',
  'rollingCountTimeout',
  'rollingCountBuckets',
  'capacity',
  'cacheTTL',
] as const;

/**
 * A number from 0, also as a text, as the environment of a process has it.
 * @throws InvalidOptionError for anything else
 */
export const readAmount = (option: string, value: unknown, fallback: number): number => {
  if (value === undefined || value === null) return fallback;
  const amount = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof amount === 'number' && amount >= 0) return amount;
  throw new InvalidOptionError({ option, value, allowed: 'a number from 0' });
};

/** Copies, fills in and freezes. What is unknown is left in. @throws InvalidOptionError, TypeError */
export const resolveOptions = <TI extends unknown[]>(
  given: CircuitOptions<TI>,
  name: string,
): ResolvedOptions<TI> => {
  const amounts = Object.fromEntries(
    AMOUNTS.map((option) => [option, readAmount(option, given[option], OPOSSUM_DEFAULTS[option])]),
  ) as Record<(typeof AMOUNTS)[number], number>;
  const timeout = readTimeout(given.timeout);
  return Object.freeze({
    ...given,
    ...amounts,
    name,
    group: given.group || name,
    timeout,
    rollingPercentilesEnabled: given.rollingPercentilesEnabled !== false,
    enableSnapshots: given.enableSnapshots !== false,
    errorFilter: readFunction('errorFilter', given.errorFilter ?? undefined),
    cacheGetKey:
      readFunction('cacheGetKey', given.cacheGetKey ?? undefined) ??
      ((...args: TI) => JSON.stringify(args)),
    ...(given.cache ? { cacheTransport: transportOf(given) } : {}),
    coalesce: Boolean(given.coalesce),
    coalesceTTL: readAmount('coalesceTTL', given.coalesceTTL, timeout || 0),
    coalesceResetOn: (given.coalesceResetOn ?? []).filter((end) => RESETS.includes(end)),
  });
};

const readTimeout = (timeout: unknown): number | false =>
  timeout === false ? false : readAmount('timeout', timeout, OPOSSUM_DEFAULTS.timeout);

const transportOf = <TI extends unknown[]>({
  cacheTransport,
  cacheSize,
}: CircuitOptions<TI>): CircuitCache =>
  cacheTransport ??
  new MemoryCache(cacheSize === undefined ? undefined : readAmount('cacheSize', cacheSize, 0));
