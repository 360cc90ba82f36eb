import type { CircuitBreaker } from '../breaker/circuit-breaker.js';

/** Why a registry knows a breaker no more. */
export type RemovalReason =
  /** `delete()`. */
  | 'deleted'
  /** Its group had too many keys. */
  | 'evicted'
  /** Nobody used it any more, and the registry is `weak`. */
  | 'collected';

/** The events of a registry itself: how metrics learn which breakers there are. */
export interface RegistryEvents {
  /** A breaker was made. In a `weak` registry, keep the name and not the breaker. */
  registered: { readonly breaker: CircuitBreaker };
  /** A breaker is known no more: what was kept of it can go. */
  removed: {
    /** Name of the breaker. */
    readonly breaker: string;
    readonly tags: readonly string[];
    readonly reason: RemovalReason;
  };
}
