import type { CircuitBreakerEvents, GuardedEmitter } from '../../src/index.js';

const NAMES = [
  'opened',
  'halfOpened',
  'closed',
  'rejected',
  'succeeded',
  'failed',
  'ignored',
  'lateResultDropped',
] as const satisfies (keyof CircuitBreakerEvents)[];

/** Collects every event as `[name, payload]`. */
export const recordEvents = (events: GuardedEmitter<CircuitBreakerEvents>) => {
  const heard: [name: keyof CircuitBreakerEvents, payload: object][] = [];
  for (const name of NAMES) events.on(name, (payload) => heard.push([name, payload]));
  return heard;
};
