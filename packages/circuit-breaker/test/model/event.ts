import type { CircuitState } from '../../src/index.js';
import { EVENTS } from '../support/record-events.js';

export { EVENTS };

export type EventName = (typeof EVENTS)[number];

/** An event: what it tells beside the breaker's name, and in which state a listener finds the breaker. */
export interface Told {
  readonly event: EventName;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly state: CircuitState | undefined;
}
