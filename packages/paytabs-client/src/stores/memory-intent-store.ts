import { PayTabsError } from '../errors.js';
import type { Intent, IntentKey } from '../intents/intent.js';
import type { DueFilter, IntentStore } from '../ports/intent-store.js';

const keyOf = ({ profileId, cartId }: IntentKey): string => `${profileId}:${cartId}`;

/** Keeps intents in this process. For tests and tools: a restart forgets what was in flight. */
export class MemoryIntentStore implements IntentStore {
  readonly #intents = new Map<string, Intent>();

  async begin(intent: Intent): Promise<void> {
    const key = keyOf(intent);
    if (this.#intents.has(key)) {
      const { cartId } = intent;
      throw new PayTabsError('REFERENCE_REUSED', `"${cartId}" was begun before`, { cartId });
    }
    this.#intents.set(key, intent);
  }

  async replace(intent: Intent): Promise<boolean> {
    const key = keyOf(intent);
    if (this.#intents.get(key)?.revision !== intent.revision - 1) return false;
    this.#intents.set(key, intent);
    return true;
  }

  async find(key: IntentKey): Promise<Intent | undefined> {
    return this.#intents.get(keyOf(key));
  }

  async listDue({ profileId, dueBefore, limit = 100 }: DueFilter): Promise<readonly Intent[]> {
    const dueAt = (intent: Intent) => intent.dueAt?.getTime() ?? Number.POSITIVE_INFINITY;
    return [...this.#intents.values()]
      .filter((intent) => intent.profileId === profileId && dueAt(intent) <= dueBefore.getTime())
      .sort((left, right) => dueAt(left) - dueAt(right))
      .slice(0, limit);
  }
}
