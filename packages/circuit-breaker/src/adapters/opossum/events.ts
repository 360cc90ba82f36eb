import type { OpossumError } from './errors.js';

/** What each event comes with. Errors have the type that `@types/opossum` gives them, though an action may throw anything. */
export interface CircuitBreakerEvents<TI extends unknown[] = unknown[], TR = unknown> {
  /** It is fired, with these arguments. */
  fire: [args: TI];
  /** It refused a call because it is open. */
  reject: [error: OpossumError];
  /** A call took too long; `failure` follows. */
  timeout: [error: OpossumError, latencyMs: number, args: TI];
  /** A call succeeded, or failed with an error that `errorFilter` lets pass. */
  success: [result: TR, latencyMs: number];
  failure: [error: Error, latencyMs: number, args: TI];
  open: [];
  close: [];
  /** It lets one call through, after so many milliseconds. */
  halfOpen: [resetTimeout: number];
  /** The fallback was called; what it gave may be a promise. */
  fallback: [result: unknown, error: Error];
  /** It refused a call because `capacity` calls are running; `failure` follows. */
  semaphoreLocked: [error: OpossumError, latencyMs: number];
  healthCheckFailed: [error: Error];
  shutdown: [];
  cacheHit: [];
  cacheMiss: [];
  coalesceCacheHit: [];
  coalesceCacheMiss: [];
}

export type OpossumEventName = keyof CircuitBreakerEvents;

export const EVENT_NAMES = [
  'fire',
  'reject',
  'timeout',
  'success',
  'failure',
  'open',
  'close',
  'halfOpen',
  'fallback',
  'semaphoreLocked',
  'healthCheckFailed',
  'shutdown',
  'cacheHit',
  'cacheMiss',
  'coalesceCacheHit',
  'coalesceCacheMiss',
] as const satisfies OpossumEventName[];
