import type { Intent, IntentOutcome, NewIntent } from '../intents/intent.js';

/**
 * Remembers each write before it is sent, so that a crash or a lost answer leaves something to ask by.
 * `intentStoreConformance` in `/testing` is the conformance suite.
 */
export interface IntentStore {
  /**
   * Stores a new open intent, durably, before the promise resolves.
   * @throws PayTabsError REFERENCE_REUSED when the `cartId` was ever begun before, whatever became of it.
   */
  begin(intent: NewIntent): Promise<void>;
  /**
   * Writes how it ended. The first outcome stays: a later one is ignored.
   * @throws PayTabsError NOT_FOUND when it was never begun.
   */
  settle(cartId: string, settlement: { outcome: IntentOutcome; settledAt: Date }): Promise<void>;
  /** The intent of this reference, or undefined. */
  find(cartId: string): Promise<Intent | undefined>;
  /** Intents without an outcome, oldest first. `limit` defaults to 100. */
  listOpen(filter?: { begunBefore?: Date; limit?: number }): Promise<readonly Intent[]>;
}
