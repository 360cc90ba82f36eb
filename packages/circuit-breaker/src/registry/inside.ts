import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import type { Watcher } from './outlet.js';
import type { RemovalReason } from './registry-events.js';

/** What other parts of this package may do with a registry, and users may not. */
export const inside: unique symbol = Symbol.for('@nestcms/circuit-breaker.registry');

export interface RegistryInside {
  /** Takes a group's name, for good. @returns false if another group has it */
  takeName(group: string): boolean;
  /** Tells `watcher` what the breaker tells. @returns false if it is not in the registry (any more) */
  watch(breaker: CircuitBreaker, watcher: Watcher): boolean;
  /** @returns whether there was one */
  remove(name: string, reason: RemovalReason): boolean;
}
