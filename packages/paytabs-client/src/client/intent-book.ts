import { type Clock, type GuardedEmitter, withTimeout } from '@nestcms/circuit-breaker';
import { PayTabsError } from '../errors.js';
import type { PayTabsEvents } from '../events.js';
import { advance, isCorrection } from '../intents/advance.js';
import type { Fact } from '../intents/fact.js';
import { hasEnded, type Intent, type IntentKey } from '../intents/intent.js';
import type { ReconcileRules } from '../intents/reconcile-rules.js';
import type { IntentStore } from '../ports/intent-store.js';

/** A fact without its time. */
export type Seen = Fact extends infer Each ? (Each extends Fact ? Omit<Each, 'at'> : never) : never;

/** What goes with a fact. */
export interface FoldOptions {
  /** The intent as it was read last, if it was. */
  readonly known?: Intent | undefined;
  /** When it was so; default: now. Of an answer to a question the moment before it was asked. */
  readonly at?: Date;
}

/** Others may write between reading and storing, but each of them moves the intent on: so often no two processes differ. */
const maxRounds = 20;

/** Brings facts into the store: reads, decides, stores over what was read, and begins again if somebody was faster. */
export class IntentBook {
  readonly #store: IntentStore;
  readonly #clock: Clock;
  readonly #rules: ReconcileRules;
  readonly #events: GuardedEmitter<PayTabsEvents>;

  constructor(parts: {
    store: IntentStore;
    clock: Clock;
    rules: ReconcileRules;
    events: GuardedEmitter<PayTabsEvents>;
  }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#rules = parts.rules;
    this.#events = parts.events;
  }

  /**
   * What the intent is with this fact in it, as stored.
   * @throws PayTabsError NOT_FOUND when it was never begun; whatever the store throws
   */
  async fold(key: IntentKey, seen: Seen, { known, at }: FoldOptions = {}): Promise<Intent> {
    const fact = { ...seen, at: at ?? new Date(this.#clock.wallTime()) } as Fact;
    let before = known ?? (await this.#read(key));
    let isFresh = known === undefined;
    for (let round = 0; round < maxRounds; round += 1) {
      const after = advance(before, fact, this.#rules);
      // That a fact is no news must be true of what is stored now, not of what was read a while ago.
      if (after === before && isFresh) return before;
      if (after !== before && (await this.#store.replace(after))) {
        this.#tell(before, after);
        return after;
      }
      before = await this.#read(key);
      isFresh = true;
    }
    throw new PayTabsError('INTENT_STORE_FAILED', 'The store never took a newer revision', {
      cartId: key.cartId,
    });
  }

  /** The same, given up on after `timeoutMs`: the fact may still get there. */
  foldWithin(
    key: IntentKey,
    seen: Seen,
    { timeoutMs, ...options }: FoldOptions & { readonly timeoutMs: number },
  ): Promise<Intent> {
    return withTimeout(() => this.fold(key, seen, options), { timeoutMs, clock: this.#clock });
  }

  async #read(key: IntentKey): Promise<Intent> {
    const intent = await this.#store.find(key);
    if (intent !== undefined) return intent;
    const { cartId } = key;
    throw new PayTabsError('NOT_FOUND', `"${cartId}" was never begun`, { cartId });
  }

  #tell(before: Intent, after: Intent): void {
    if (after.state === before.state) return;
    const { cartId, operation } = after;
    const facts = { cartId, operation, from: before.state.name, to: after.state.name };
    this.#events.emit('intentMoved', facts);
    if (isCorrection(before, after)) this.#events.emit('corrected', { intent: after });
    if (hasEnded(after)) this.#events.emit('ended', { intent: after });
  }
}
