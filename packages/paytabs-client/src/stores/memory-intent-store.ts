import { PayTabsError } from '../errors.js';
import {
  INTENT_VERSION,
  type Intent,
  type IntentOutcome,
  type NewIntent,
} from '../intents/intent.js';
import type { IntentStore } from '../ports/intent-store.js';

/** Keeps intents in this process. For tests and tools: a restart forgets what was in flight. */
export class MemoryIntentStore implements IntentStore {
  readonly #intents = new Map<string, Intent>();

  async begin(intent: NewIntent): Promise<void> {
    if (this.#intents.has(intent.cartId)) {
      throw new PayTabsError('REFERENCE_REUSED', `"${intent.cartId}" was begun before`, {
        cartId: intent.cartId,
      });
    }
    this.#intents.set(intent.cartId, Object.freeze({ v: INTENT_VERSION, ...intent }));
  }

  async settle(
    cartId: string,
    settlement: { outcome: IntentOutcome; settledAt: Date },
  ): Promise<void> {
    const intent = this.#intents.get(cartId);
    if (intent === undefined) {
      throw new PayTabsError('NOT_FOUND', `"${cartId}" was never begun`, { cartId });
    }
    if (intent.outcome !== undefined) return;
    this.#intents.set(cartId, Object.freeze({ ...intent, ...settlement }));
  }

  async find(cartId: string): Promise<Intent | undefined> {
    return this.#intents.get(cartId);
  }

  async listOpen(filter: { begunBefore?: Date; limit?: number } = {}): Promise<readonly Intent[]> {
    const { begunBefore, limit = 100 } = filter;
    return [...this.#intents.values()]
      .filter((intent) => intent.outcome === undefined)
      .filter((intent) => begunBefore === undefined || intent.begunAt < begunBefore)
      .sort((left, right) => left.begunAt.getTime() - right.begunAt.getTime())
      .slice(0, limit);
  }
}
