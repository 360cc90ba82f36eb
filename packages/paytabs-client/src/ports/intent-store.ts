import type { Intent, IntentKey } from '../intents/intent.js';

/** Which intents to list. */
export interface DueFilter {
  readonly profileId: number;
  /** Only those whose `dueAt` is not after this. */
  readonly dueBefore: Date;
  /** At most so many, the longest due first; 1 to 10,000; default 100. */
  readonly limit?: number;
}

/**
 * Remembers each write before it is sent, so that a crash or a lost answer leaves something to ask by. It knows no rules:
 * what becomes of an intent is decided outside, and stored only over the revision it was decided from.
 * `intentStoreConformance` in `/testing` is the conformance suite.
 */
export interface IntentStore {
  /**
   * Stores a new intent, durably, before the promise resolves. References are unique within a profile, for ever.
   * @throws PayTabsError REFERENCE_REUSED when the reference was ever begun before, whatever became of it
   */
  begin(intent: Intent): Promise<void>;
  /**
   * Stores `intent` if what is stored has the revision before it (`intent.revision - 1`); resolves to whether it did.
   * Durable before the promise resolves.
   */
  replace(intent: Intent): Promise<boolean>;
  /** The intent of this reference, or undefined. An older revision does no harm: it cannot be replaced. */
  find(key: IntentKey): Promise<Intent | undefined>;
  /** Intents that have to be looked at. May leave out what was stored a moment ago. */
  listDue(filter: DueFilter): Promise<readonly Intent[]>;
}
