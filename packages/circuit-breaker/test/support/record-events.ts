import type { CircuitBreakerEvents, GuardedEmitter } from '../../src/index.js';

/** The events of a breaker, all of them. */
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
] as const satisfies (keyof CircuitBreakerEvents)[];

type Missing = Exclude<keyof CircuitBreakerEvents, (typeof EVENTS)[number]>;
// An event that is added must be recorded too.
const complete: [Missing] extends [never] ? true : Missing = true;

/** Collects every event as `[name, payload]`. */
export const recordEvents = (events: GuardedEmitter<CircuitBreakerEvents>) => {
  const heard: [name: keyof CircuitBreakerEvents, payload: object][] = [];
  if (complete)
    for (const name of EVENTS) events.on(name, (payload) => heard.push([name, payload]));
  return heard;
};
