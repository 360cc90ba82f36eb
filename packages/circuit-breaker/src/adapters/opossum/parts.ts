import type { Aborting } from './aborting.js';
import type { Circuit } from './circuit.js';
import type { OpossumEventName } from './events.js';
import type { MemoryCache } from './memory-cache.js';
import type { ResolvedOptions } from './options.js';
import type { ResultCache } from './result-cache.js';
import type { RollingCounts } from './rolling-counts.js';
import type { Semaphore } from './semaphore.js';
import type { CircuitStatus } from './status.js';

export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

export type Tell = (event: OpossumEventName, ...args: unknown[]) => void;

/** Calls of the same key that run or ran lately. */
export interface Coalescing {
  readonly cache: ResultCache;
  readonly memory: MemoryCache;
}

/** What a call needs of its circuit. */
export interface Parts {
  readonly options: ResolvedOptions;
  readonly action: AnyFunction;
  readonly circuit: Circuit;
  readonly counts: RollingCounts;
  readonly status: CircuitStatus;
  readonly semaphore: Semaphore;
  readonly results: ResultCache | undefined;
  readonly coalescing: Coalescing | undefined;
  readonly aborting: Aborting;
  readonly tell: Tell;
  fallback: AnyFunction | undefined;
  isEnabled: boolean;
}
