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
import type { SlowQueryRules } from './cache/slow-queries.js';
import { invalidOption, isAggregationCacheError } from './errors.js';
import type { AnyDb, AnyMongoClient } from './ports/mongo-driver.js';
import type { RemoteStore } from './ports/remote-store.js';
import type { Tracer } from './ports/tracer.js';
import { readBreaker } from './read-breaker.js';
import { rowTypesOf } from './rows/decode-rows.js';
import { type EnvelopeOptions, Envelopes } from './rows/envelope.js';
import {
  type NumberRange,
  readDatabaseName,
  readNumber,
  readText,
  refuseUnknown,
  requireMethods,
} from './validation.js';

const MEBIBYTE = 1024 * 1024;

/** Every default of a cache, with the reason for its value. */
export const CACHE_DEFAULTS = {
  /** Bytes. Enough for tens of thousands of small results, little beside what a Node process has. */
  memoryMaxBytes: 64 * MEBIBYTE,
  /** Bytes. A larger result is more likely a mistake than worth the room of thousands of others. */
  maxEntryBytes: 4 * MEBIBYTE,
  /** Milliseconds. The longest an invalidation by another process can go unnoticed. */
  heartbeatMs: 1_000,
  /** Milliseconds. Far above a renewal, which comes three times as often; the most a process that died holds up others. */
  leaseMs: 2_000,
  /** Reads. Off, for what is recorded holds parameters, which may say something about people. */
  recordHotReads: 0,
  /** Slow loads. Each, for `everyMs` alone bounds what explaining costs. */
  explainSlowRate: 1,
  /** Milliseconds. Enough to see each slow class within minutes, and next to no load, for nothing is run. */
  explainSlowEveryMs: 10_000,
  /** Milliseconds. A stream shows every half second that it lives; ten of them missing is no delay any more. */
  stallMs: 5_000,
  /** Milliseconds. Covers most elections, and is what a request that waits may still bear. */
  selectionTimeoutMs: 2_000,
  /** Milliseconds. Healthy members lag by tens of milliseconds; one that lags more is passed over. */
  lagBudgetMs: 1_000,
  /** Milliseconds. Often enough for a budget of a second, at next to no load. */
  lagProbeMs: 1_000,
  /** Share of the primary's connections. The other half is for writes, and for what only the primary may answer. */
  primaryShare: 0.5,
} as const;

/** What a breaker's user may set; name and clock are the cache's. */
export type BreakerTuning = Omit<CircuitBreakerOptions, 'name' | 'clock' | 'onListenerError'>;

/**
 * The breaker of each member. A dead member is found out by three reads, one that has become slow by five in
 * a row, however many were answered before; it is tried again after five seconds.
 */
const MEMBER_BREAKER: BreakerTuning = {
  consecutiveFailures: 5,
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
  /** A `MongoClient` for the replica set. May be unconnected yet; is never closed here. */
  readonly client: AnyMongoClient;
  /** The database of the classes' collections: its name, or itself with options of its own. */
  readonly database: string | AnyDb;
  /** The tier shared by processes. Default: none. Is never closed here. */
  readonly remote?: RemoteStore | undefined;
  /** Holds the breakers of members and remote store. Default: one of its own. */
  readonly breakers?: CircuitBreakerRegistry | undefined;
  readonly memory?:
    | {
        /** Bytes: of the rows as BSON, of those that are read also decoded, and what entries take beside; 1 MiB to 64 GiB; default 64 MiB. */
        readonly maxBytes?: number | undefined;
      }
    | undefined;
  /** Bytes of BSON above which a result is answered but not kept; 1 KiB to 1 GiB; default 4 MiB. */
  readonly maxEntryBytes?: number | undefined;
  /** How many of the most asked reads are remembered, parameters included, for a later `warmUp`; 0 to 10,000; default 0. */
  readonly recordHotReads?: number | undefined;
  /**
   * Keys of 32 bytes for the values of personal classes in the remote store: the first seals, all open, so that
   * keys can be changed. Default: none, so personal classes are refused where there is a remote store.
   */
  readonly sealKeys?: EnvelopeOptions['sealKeys'];
  /** Whether larger values are compressed in the remote store, or from how many bytes on. Default true: from 16,384. */
  readonly compress?: EnvelopeOptions['compress'];
  /** Keeps apart caches that share a remote store or a registry. Default `aggregation-cache`. */
  readonly keyPrefix?: string | undefined;
  /** Milliseconds for which nothing is answered from memory without knowing that it still stands; 20 to 1 hour; default 1,000. */
  readonly heartbeatMs?: number | undefined;
  /** Milliseconds for which a process may load something while others wait for it, renewed as it goes on; 100 to 1 minute; default 2,000. */
  readonly leaseMs?: number | undefined;
  /** Milliseconds a read waits while there is no member, or nobody who can say how new it has to be; 0 to 1 minute; default 2,000. */
  readonly selectionTimeoutMs?: number | undefined;
  /**
   * Milliseconds a member may lag to be read, and a read waits for it to catch up with a write it must show;
   * `lagProbeMs` to 1 minute; default 1,000, or `lagProbeMs` if that is more. A class may have its own.
   */
  readonly lagBudgetMs?: number | undefined;
  /**
   * Whether the database is watched, by one change stream for all processes that share the remote store, and
   * what it changes invalidated. Needs a replica set and the right to watch the database. Default false:
   * whoever writes invalidates.
   */
  readonly changes?:
    | boolean
    | {
        /** Milliseconds without a sign of life of the stream after which nothing kept is answered; 2,000 to 10 minutes; default 5,000. */
        readonly stallMs?: number | undefined;
      }
    | undefined;
  /** Milliseconds between two questions to each member how far it is; 100 to 1 minute; default 1,000. */
  readonly lagProbeMs?: number | undefined;
  /**
   * Share of the primary's connections that may serve reads of classes with members, which no secondary could
   * answer; 0 to 1; default 0.5. The others wait, in order. Without limit while the primary is the last member alive.
   */
  readonly primaryShare?: number | undefined;
  /** Changes to the breaker of each member; its defaults stand on the page on options. */
  readonly memberBreaker?: BreakerTuning | undefined;
  /** Changes to the breaker of the remote store; its defaults stand there too. */
  readonly remoteBreaker?: BreakerTuning | undefined;
  /**
   * Has slow loads explained by the member that answered, in the background and without running them again:
   * `slowQuery`. Default: none is.
   */
  readonly explainSlow?:
    | {
        /** Milliseconds above which a load is slow; 1 to 1 hour. */
        readonly overMs: number;
        /** One slow load in so many is explained; 1 to 1,000,000; default 1. */
        readonly rate?: number | undefined;
        /** Milliseconds in which no second one is explained; 100 to 1 day; default 10,000. */
        readonly everyMs?: number | undefined;
      }
    | undefined;
  /** Sees each read and its parts, such as `traceReads()` of the entry for OpenTelemetry. Default: none, at no cost. */
  readonly tracer?: Tracer | undefined;
  /** Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** From 0 to 1, without 1. Default: the machine's. */
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
  readonly recordHotReads: number;
  readonly envelopes: Envelopes;
  readonly keyPrefix: string;
  readonly heartbeatMs: number;
  readonly leaseMs: number;
  readonly selectionTimeoutMs: number;
  readonly lagBudgetMs: number;
  /** Milliseconds; undefined: the database is not watched. */
  readonly stallMs: number | undefined;
  readonly lagProbeMs: number;
  readonly primaryShare: number;
  readonly memberBreaker: BreakerTuning;
  readonly remoteBreaker: BreakerTuning;
  readonly explainSlow: SlowQueryRules | undefined;
  readonly tracer: Tracer | undefined;
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
  'recordHotReads',
  'sealKeys',
  'compress',
  'keyPrefix',
  'heartbeatMs',
  'leaseMs',
  'selectionTimeoutMs',
  'lagBudgetMs',
  'changes',
  'lagProbeMs',
  'primaryShare',
  'memberBreaker',
  'remoteBreaker',
  'explainSlow',
  'tracer',
  'clock',
  'random',
  'onListenerError',
];

const REMOTE_METHODS = [
  'look',
  'generations',
  'position',
  'store',
  'invalidate',
  'remove',
  'lease',
  'renew',
  'release',
  'progress',
  'saveProgress',
  'subscribe',
];

/** Copies, checks and freezes. @throws INVALID_OPTION for an unknown or impossible option */
export const resolveOptions = (options: AggregationCacheOptions): ResolvedOptions => {
  refuseUnknown('', options, KNOWN);
  const { client, remote, memory = {}, clock = systemClock } = options;
  requireMethods('client', client, ['db', 'startSession', 'on', 'off']);
  if (remote !== undefined) requireMethods('remote', remote, REMOTE_METHODS);
  if (options.tracer !== undefined) requireMethods('tracer', options.tracer, ['span']);
  requireMethods('clock', clock, ['now', 'wallTime', 'setTimer']);
  refuseUnknown('memory', memory, ['maxBytes']);
  if (options.breakers !== undefined) requireMethods('breakers', options.breakers, ['getOrCreate']);
  for (const option of ['random', 'onListenerError'] as const) {
    if (options[option] === undefined || typeof options[option] === 'function') continue;
    throw invalidOption(option, options[option], 'a function');
  }
  const number = (
    option:
      | 'maxEntryBytes'
      | 'heartbeatMs'
      | 'leaseMs'
      | 'selectionTimeoutMs'
      | 'lagBudgetMs'
      | 'lagProbeMs',
    min: number,
    max: number,
    unit: string,
  ) =>
    readNumber(option, options[option], Math.max(min, CACHE_DEFAULTS[option]), { min, max, unit });
  const lagProbeMs = number('lagProbeMs', 100, 60_000, 'ms');
  const database = readDatabase(client as MongoClient, options.database);
  const maxEntryBytes = number('maxEntryBytes', 1024, 1024 * MEBIBYTE, 'bytes');
  return Object.freeze({
    client: client as MongoClient,
    database,
    envelopes: new Envelopes({
      sealKeys: options.sealKeys,
      compress: options.compress,
      maxUnpackedBytes: maxEntryBytes,
      rowTypes: rowTypesOf(database.bsonOptions ?? {}),
    }),
    remote,
    breakers: options.breakers ?? new CircuitBreakerRegistry({ clock }),
    memoryMaxBytes: readNumber('memory.maxBytes', memory.maxBytes, CACHE_DEFAULTS.memoryMaxBytes, {
      min: MEBIBYTE,
      max: 64 * 1024 * MEBIBYTE,
      unit: 'bytes',
    }),
    maxEntryBytes,
    recordHotReads: readNumber(
      'recordHotReads',
      options.recordHotReads,
      CACHE_DEFAULTS.recordHotReads,
      { min: 0, max: 10_000, unit: 'reads' },
    ),
    keyPrefix: readText('keyPrefix', options.keyPrefix, 'aggregation-cache'),
    heartbeatMs: number('heartbeatMs', 20, 3_600_000, 'ms'),
    leaseMs: number('leaseMs', 100, 60_000, 'ms'),
    selectionTimeoutMs: number('selectionTimeoutMs', 0, 60_000, 'ms'),
    stallMs: readChanges(options.changes),
    lagBudgetMs: number('lagBudgetMs', lagProbeMs, 60_000, 'ms'),
    lagProbeMs,
    primaryShare: readNumber('primaryShare', options.primaryShare, CACHE_DEFAULTS.primaryShare, {
      min: 0,
      max: 1,
      integer: false,
    }),
    memberBreaker: readTuning('memberBreaker', options.memberBreaker, MEMBER_BREAKER),
    remoteBreaker: readTuning('remoteBreaker', options.remoteBreaker, REMOTE_BREAKER),
    explainSlow: readExplainSlow(options.explainSlow),
    tracer: options.tracer,
    clock,
    random: options.random ?? systemRandom,
    onListenerError: options.onListenerError,
  });
};

const readTuning = (
  option: 'memberBreaker' | 'remoteBreaker',
  tuning: BreakerTuning = {},
  defaults: BreakerTuning,
): BreakerTuning => Object.freeze({ ...defaults, ...readBreaker(option, tuning, defaults) });

const readChanges = (changes: AggregationCacheOptions['changes'] = false): number | undefined => {
  if (changes === false) return undefined;
  if (changes !== true) refuseUnknown('changes', changes, ['stallMs']);
  const { stallMs } = changes === true ? {} : changes;
  return readNumber('changes.stallMs', stallMs, CACHE_DEFAULTS.stallMs, {
    min: 2_000,
    max: 600_000,
    unit: 'ms',
  });
};

const readExplainSlow = (
  given: AggregationCacheOptions['explainSlow'],
): SlowQueryRules | undefined => {
  if (given === undefined) return undefined;
  refuseUnknown('explainSlow', given, ['overMs', 'rate', 'everyMs']);
  const { overMs, rate, everyMs } = given;
  const { explainSlowRate, explainSlowEveryMs } = CACHE_DEFAULTS;
  const number = (
    option: string,
    value: unknown,
    fallback: number | undefined,
    range: NumberRange,
  ) => readNumber(`explainSlow.${option}`, value, fallback, range);
  return Object.freeze({
    overMs: number('overMs', overMs, undefined, { min: 1, max: 3_600_000, unit: 'ms' }),
    rate: number('rate', rate, explainSlowRate, { min: 1, max: 1_000_000, unit: 'loads' }),
    everyMs: number('everyMs', everyMs, explainSlowEveryMs, {
      min: 100,
      max: 86_400_000,
      unit: 'ms',
    }),
  });
};

const readDatabase = (client: MongoClient, database: unknown): Db => {
  if (typeof database === 'string') return client.db(readDatabaseName('database', database));
  requireMethods('database', database, ['collection', 'command']);
  // Sessions are of the client: the database of another one would refuse each of them.
  const { client: own = client } = database as Partial<Db>;
  if (own !== client) throw invalidOption('database', database, "a database of 'client'");
  return database as Db;
};
