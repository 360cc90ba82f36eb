import { z } from 'zod';
import { PayTabsError } from '../../errors.js';
import type { OnUnreadable } from '../collect-due.js';
import { onUnreadable, readOptions, storeTimeoutMs } from '../read-options.js';
import type { RedisClient } from './redis-link.js';

export interface RedisIntentStoreOptions {
  /** An ioredis `Redis` or `Cluster`. With `waitForReplicas` give the store one of its own: a wait holds up its connection. */
  readonly redis: RedisClient;
  /** What all keys begin with; 1 to 200 characters without braces; default `paytabs`. */
  readonly keyPrefix?: string;
  /**
   * Milliseconds an operation may take, whatever the client's own settings are; 1 to 600,000; default 5,000. What was
   * sent or queued by then may still be carried out: an intent that was reported as not stored may be stored all the same.
   */
  readonly timeoutMs?: number;
  /** How many replicas must have a write before it counts as stored; 0 to 100; default 0. */
  readonly waitForReplicas?: number;
  /** Milliseconds to wait for them; 1 to `timeoutMs`; default 1,000, or `timeoutMs` if that is less. */
  readonly replicaTimeoutMs?: number;
  /**
   * Milliseconds to keep an intent that has ended and was acknowledged; a day (86,400,000) to 100 years; default: for
   * ever. After it its reference is free again, and late evidence of money finds nothing.
   */
  readonly keepEndedMs?: number;
  /** What `begin` does where Redis may evict, or does not say whether it may. Default `refuse`. */
  readonly whenEvicting?: 'refuse' | 'warn';
  /** Told of each intent that `listDue` had to pass over. Default: one process warning for each reference. */
  readonly onUnreadable?: OnUnreadable;
}

/** Every default, with the reason for its value. */
export const REDIS_INTENT_STORE_DEFAULTS = Object.freeze({
  keyPrefix: 'paytabs',
  /** As for MongoDB: rides out a slow disk and a short fail-over; what is away for longer is an outage. */
  timeoutMs: 5_000,
  /** One Redis alone has none. */
  waitForReplicas: 0,
  /** Replicas that follow have a write in a few; one that does not is no copy. */
  replicaTimeoutMs: 1_000,
  /** A reference that is forgotten may be charged again. */
  whenEvicting: 'refuse' as const,
});

const dayMs = 86_400_000;

const wholeNumber = (min: number, max: number, what: string) => {
  const message = `must be a whole number ${what}`;
  return z.int({ error: message }).min(min, message).max(max, message);
};

const schema = z.strictObject({
  redis: z.custom<RedisClient>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      ['eval', 'pipeline'].every((name) => typeof Reflect.get(value, name) === 'function'),
    { message: 'must be an ioredis client' },
  ),
  keyPrefix: z
    .custom<string>((value) => typeof value === 'string' && /^[^{}]{1,200}$/.test(value), {
      message: 'must be a text of 1 to 200 characters without braces',
    })
    .default(REDIS_INTENT_STORE_DEFAULTS.keyPrefix),
  timeoutMs: storeTimeoutMs.default(REDIS_INTENT_STORE_DEFAULTS.timeoutMs),
  waitForReplicas: wholeNumber(0, 100, 'from 0 to 100').default(
    REDIS_INTENT_STORE_DEFAULTS.waitForReplicas,
  ),
  replicaTimeoutMs: storeTimeoutMs.optional(),
  keepEndedMs: wholeNumber(
    dayMs,
    36_500 * dayMs,
    'of milliseconds from a day (86,400,000) to 100 years',
  ).optional(),
  whenEvicting: z
    .enum(['refuse', 'warn'], { error: 'must be refuse or warn' })
    .default(REDIS_INTENT_STORE_DEFAULTS.whenEvicting),
  onUnreadable: onUnreadable.optional(),
});

/** @throws PayTabsError INVALID_OPTION */
export function resolveRedisOptions(options: RedisIntentStoreOptions) {
  const { replicaTimeoutMs: chosen, ...rest } = readOptions(schema, options);
  const { timeoutMs } = rest;
  const replicaTimeoutMs =
    chosen ?? Math.min(timeoutMs, REDIS_INTENT_STORE_DEFAULTS.replicaTimeoutMs);
  if (replicaTimeoutMs > timeoutMs) {
    throw new PayTabsError('INVALID_OPTION', 'replicaTimeoutMs: must not be above timeoutMs');
  }
  return { ...rest, replicaTimeoutMs };
}
