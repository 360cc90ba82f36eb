import { CircuitBreaker, GuardedEmitter } from '@nestcms/circuit-breaker';
import type { ManualClock } from '@nestcms/circuit-breaker/testing';
import { CacheEngine } from '../../src/cache/cache-engine.js';
import type { AggregationCacheEvents } from '../../src/cache/events.js';
import type { RemoteStore } from '../../src/ports/remote-store.js';
import type { Tracer } from '../../src/ports/tracer.js';
import { rowTypesOf } from '../../src/rows/decode-rows.js';
import { FakeSource } from './fake-source.js';

export interface Happened {
  readonly event: keyof AggregationCacheEvents;
  readonly payload: AggregationCacheEvents[keyof AggregationCacheEvents];
}

/** All there are. */
export const EVENTS = [
  'hit',
  'missed',
  'filled',
  'notStored',
  'invalidated',
  'memberPassedOver',
  'remoteFailed',
  'remoteLost',
  'remoteRegained',
  'poisoned',
  'servedStale',
  'refreshing',
  'refreshFailed',
  'failedFast',
  'messagesMissed',
  'epochBegun',
  'changesLed',
  'changesEnded',
  'changesUnavailable',
  'changesUnheard',
  'changesStalled',
  'changesResumed',
  'audited',
  'auditFailed',
  'slowQuery',
] as const;

export const HEARTBEAT_MS = 1_000;

/** A cache as one process has it, over a source of its own that the test commands. */
export const startProcess = (options: {
  readonly clock: ManualClock;
  readonly store?: RemoteStore;
  readonly source?: FakeSource;
  readonly maxEntryBytes?: number;
  readonly random?: () => number;
  readonly selectionTimeoutMs?: number;
  readonly recordHotReads?: number;
  readonly changes?: ConstructorParameters<typeof CacheEngine>[0]['changes'];
  readonly tracer?: Tracer | undefined;
  readonly onListenerError?: () => void;
  readonly explainSlow?: ConstructorParameters<typeof CacheEngine>[0]['explainSlow'];
}) => {
  const { clock, store, source = new FakeSource() } = options;
  const { onListenerError } = options;
  const events = new GuardedEmitter<AggregationCacheEvents>({ onListenerError });
  const happened: Happened[] = [];
  for (const event of EVENTS) {
    events.on(event, (payload) => {
      happened.push({ event, payload });
    });
  }
  const breaker = new CircuitBreaker({ name: 'remote', minimumCalls: 5, openForMs: 1_000, clock });
  const engine = new CacheEngine({
    source,
    remote: store && { store, breaker },
    context: { database: 'shop', ignoreUndefined: false, keyPrefix: 'test', clock },
    rowTypes: rowTypesOf({}),
    memoryMaxBytes: 1024 * 1024,
    maxEntryBytes: options.maxEntryBytes ?? 100_000,
    heartbeatMs: HEARTBEAT_MS,
    leaseMs: 2_000,
    selectionTimeoutMs: options.selectionTimeoutMs ?? 0,
    changes: options.changes,
    recordHotReads: options.recordHotReads,
    explainSlow: options.explainSlow,
    events,
    tracer: options.tracer,
    clock,
    random: options.random ?? (() => 0),
  });
  const named = <E extends keyof AggregationCacheEvents>(event: E) =>
    happened.flatMap((one) =>
      one.event === event ? [one.payload as AggregationCacheEvents[E]] : [],
    );
  return { engine, source, events, happened, named };
};

/** Lets everything that is ready to run, run. Timers do not move. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
};
