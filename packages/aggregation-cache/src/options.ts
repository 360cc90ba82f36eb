import {
  type CircuitBreakerOptions,
  CircuitBreakerRegistry,
  type Clock,
  type OnListenerError,
  type Random,
  systemClock,
  systemRandom,
} from '@nestcms/circuit-breaker';
import type { Db, MongoClient } from 'mongodb';
import { invalidOption, isAggregationCacheError } from './errors.js';
import type { RemoteStore } from './ports/remote-store.js';
import { readNumber, readText, refuseUnknown, requireMethods } from './validation.js';

const MEBIBYTE = 1024 * 1024;

/** Every default of a cache, with the reason for its value. */
export const CACHE_DEFAULTS = {
  /** Bytes. Enough for tens of thousands of small results, little beside what a Node process has. */
  memoryMaxBytes: 64 * MEBIBYTE,
  /** Bytes. A larger result is more likely a mistake than worth the room of thousands of others. */
  maxEntryBytes: 4 * MEBIBYTE,
  /** Milliseconds. The longest an invalidation by another process can go unnoticed. */
  heartbeatMs: 1_000,
  /** Milliseconds. Covers most elections, and is what a request that waits may still bear. */
  selectionTimeoutMs: 2_000,
  /** Milliseconds. Healthy members lag by tens of milliseconds; one that lags more is passed over. */
  lagBudgetMs: 1_000,
} as const;

/** What a breaker's user may set; name and clock are the cache's. */
export type BreakerTuning = Omit<CircuitBreakerOptions, 'name' | 'clock' | 'onListenerError'>;

/** The breaker of each member. A dead member is found out by three reads, and tried again after five seconds. */
const MEMBER_BREAKER: BreakerTuning = {
  window: { kind: 'time', durationMs: 10_000 },
  failureRate: 0.5,
  minimumCalls: 3,
  openForMs: 5_000,
  halfOpen: { trials: 1, maxDurationMs: 10_000 },
};

/** A server that says no is there; only one that says nothing is what the breaker is for. */
const classifyRemote: NonNullable<CircuitBreakerOptions['classify']> = (settled) => {
  if (settled.status === 'fulfilled') return 'success';
  const isAnswer =
    isAggregationCacheError(settled.error, 'REMOTE_FAILED') &&
    settled.error.details.reason === 'refused';
  return isAnswer ? 'ignored' : 'failure';
};

/** The breaker of the remote store. Each failure costs a read a whole time-out, so it opens after five. */
const REMOTE_BREAKER: BreakerTuning = {
  classify: classifyRemote,
  window: { kind: 'time', durationMs: 10_000 },
  failureRate: 0.5,
  minimumCalls: 5,
  openForMs: 1_000,
  halfOpen: { trials: 1, maxDurationMs: 5_000 },
};

export interface AggregationCacheOptions {
  /** Connects to the replica set. May be unconnected yet; is never closed here. */
  readonly client: MongoClient;
  /** The database of the classes' collections: its name, or itself with options of its own. */
  readonly database: string | Db;
  /** The tier shared by processes. Default: none. Is never closed here. */
  readonly remote?: RemoteStore | undefined;
  /** Holds the breakers of members and remote store. Default: one of its own. */
  readonly breakers?: CircuitBreakerRegistry | undefined;
  readonly memory?:
    | {
        /** Bytes on the heap, estimated from the decoded rows, and 512 per entry; 1 MiB to 64 GiB; default 64 MiB. */
        readonly maxBytes?: number | undefined;
      }
    | undefined;
  /** Bytes of BSON above which a result is answered but not kept; 1 KiB to 1 GiB; default 4 MiB. */
  readonly maxEntryBytes?: number | undefined;
  /** Keeps apart caches that share a remote store or a registry. Default `aggregation-cache`. */
  readonly keyPrefix?: string | undefined;
  /** Milliseconds for which nothing is answered from memory without knowing that it still stands; 20 to 1 hour; default 1,000. */
  readonly heartbeatMs?: number | undefined;
  /** Milliseconds a read waits for a member to appear when there is none; 0 to 1 minute; default 2,000. */
  readonly selectionTimeoutMs?: number | undefined;
  /** Milliseconds a read waits for a member to catch up with a write it must show; 1 to 1 minute; default 1,000. */
  readonly lagBudgetMs?: number | undefined;
  /** Changes to the breaker of each member. */
  readonly memberBreaker?: BreakerTuning | undefined;
  /** Changes to the breaker of the remote store. */
  readonly remoteBreaker?: BreakerTuning | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  /** Told when a listener throws or rejects. Default: a process warning. */
  readonly onListenerError?: OnListenerError | undefined;
}

export interface ResolvedOptions {
  readonly client: MongoClient;
  readonly database: Db;
  readonly remote: RemoteStore | undefined;
  readonly breakers: CircuitBreakerRegistry;
  readonly memoryMaxBytes: number;
  readonly maxEntryBytes: number;
  readonly keyPrefix: string;
  readonly heartbeatMs: number;
  readonly selectionTimeoutMs: number;
  readonly lagBudgetMs: number;
  readonly memberBreaker: BreakerTuning;
  readonly remoteBreaker: BreakerTuning;
  readonly clock: Clock;
  readonly random: Random;
  readonly onListenerError: OnListenerError | undefined;
}

const KNOWN = [
  'client',
  'database',
  'remote',
  'breakers',
  'memory',
  'maxEntryBytes',
  'keyPrefix',
  'heartbeatMs',
  'selectionTimeoutMs',
  'lagBudgetMs',
  'memberBreaker',
  'remoteBreaker',
  'clock',
  'random',
  'onListenerError',
];

const REMOTE_METHODS = ['look', 'generations', 'store', 'invalidate', 'remove', 'subscribe'];

/** Copies, checks and freezes. @throws INVALID_OPTION for an unknown or impossible option */
export const resolveOptions = (options: AggregationCacheOptions): ResolvedOptions => {
  refuseUnknown('', options, KNOWN);
  const { client, remote, memory = {}, clock = systemClock } = options;
  requireMethods('client', client, ['db', 'startSession', 'on', 'off']);
  if (remote !== undefined) requireMethods('remote', remote, REMOTE_METHODS);
  requireMethods('clock', clock, ['now', 'wallTime', 'setTimer']);
  refuseUnknown('memory', memory, ['maxBytes']);
  if (options.random !== undefined && typeof options.random !== 'function') {
    throw invalidOption('random', options.random, 'a function');
  }
  const number = (
    option: 'maxEntryBytes' | 'heartbeatMs' | 'selectionTimeoutMs' | 'lagBudgetMs',
    min: number,
    max: number,
    unit: string,
  ) => readNumber(option, options[option], CACHE_DEFAULTS[option], { min, max, unit });
  return Object.freeze({
    client,
    database: readDatabase(client, options.database),
    remote,
    breakers: options.breakers ?? new CircuitBreakerRegistry({ clock }),
    memoryMaxBytes: readNumber('memory.maxBytes', memory.maxBytes, CACHE_DEFAULTS.memoryMaxBytes, {
      min: MEBIBYTE,
      max: 64 * 1024 * MEBIBYTE,
      unit: 'bytes',
    }),
    maxEntryBytes: number('maxEntryBytes', 1024, 1024 * MEBIBYTE, 'bytes'),
    keyPrefix: readText('keyPrefix', options.keyPrefix, 'aggregation-cache'),
    heartbeatMs: number('heartbeatMs', 20, 3_600_000, 'ms'),
    selectionTimeoutMs: number('selectionTimeoutMs', 0, 60_000, 'ms'),
    lagBudgetMs: number('lagBudgetMs', 1, 60_000, 'ms'),
    memberBreaker: Object.freeze({ ...MEMBER_BREAKER, ...options.memberBreaker }),
    remoteBreaker: Object.freeze({ ...REMOTE_BREAKER, ...options.remoteBreaker }),
    clock,
    random: options.random ?? systemRandom,
    onListenerError: options.onListenerError,
  });
};

const readDatabase = (client: MongoClient, database: unknown): Db => {
  if (typeof database === 'string') return client.db(readText('database', database));
  requireMethods('database', database, ['collection', 'command']);
  return database as Db;
};
