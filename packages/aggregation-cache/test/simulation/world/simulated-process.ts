import { CircuitBreaker, GuardedEmitter } from '@nestcms/circuit-breaker';
import { CacheEngine } from '../../../src/cache/cache-engine.js';
import type { AggregationCacheEvents } from '../../../src/cache/events.js';
import type { RemoteStore } from '../../../src/ports/remote-store.js';
import type { Source } from '../../../src/ports/source.js';
import { rowTypesOf } from '../../../src/rows/decode-rows.js';
import { DATABASE } from '../classes.js';
import type { Host } from './host.js';
import type { Prng } from './prng.js';

export const HEARTBEAT_MS = 1_000;

/** What a process does for its callers. */
export type Cache = Pick<CacheEngine, 'read' | 'invalidate'>;

/** The real engine, over what is simulated. */
export const startEngine = (
  { clock }: Host,
  { store, source, random }: { store: RemoteStore; source: Source; random: Prng },
): CacheEngine => {
  const breaker = new CircuitBreaker({ name: 'remote', minimumCalls: 5, openForMs: 1_000, clock });
  const parts = {
    source,
    remote: { store, breaker },
    context: { database: DATABASE, ignoreUndefined: false, keyPrefix: 'simulated', clock },
    rowTypes: rowTypesOf({}),
    memoryMaxBytes: 1024 * 1024,
    maxEntryBytes: 100_000,
    heartbeatMs: HEARTBEAT_MS,
    leaseMs: 600,
    selectionTimeoutMs: 500,
    events: new GuardedEmitter<AggregationCacheEvents>(),
    clock,
    random: random.next,
  };
  return new CacheEngine(parts);
};
