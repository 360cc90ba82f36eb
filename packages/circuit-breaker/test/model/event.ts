import type { CircuitBreakerEvents, CircuitState } from '../../src/index.js';

export const EVENTS = [
  'opened',
  'wouldOpen',
  'halfOpened',
  'rampUpStarted',
  'closed',
  'rejected',
  'succeeded',
  'failed',
  'ignored',
  'lateResultDropped',
  'held',
  'released',
  'updated',
  'restored',
  'shutDown',
] as const satisfies readonly (keyof CircuitBreakerEvents)[];

export type EventName = (typeof EVENTS)[number];

/** An event: what it tells beside the breaker's name, and in which state a listener finds the breaker. */
export interface Told {
  readonly event: EventName;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly state: CircuitState | undefined;
}
