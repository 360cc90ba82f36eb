import { type GuardedEmitter, withTimeout } from '@nestcms/circuit-breaker';
import type { PayTabsEvents } from '../events.js';
import type { Transaction } from '../gateway/transaction.js';
import { relatedRows } from '../intents/related-rows.js';
import { type Confirmation, confirmNotice } from '../notifications/confirm-notice.js';
import { confirmRequest } from '../notifications/confirm-request.js';
import type { ResolvedOptions } from '../options.js';
import type { Asking } from './asking.js';
import type { CallOptions } from './call-options.js';
import type { Desk } from './desk.js';
import type { IntentBook } from './intent-book.js';
import type { Running } from './running.js';

/** Asks what a notice is worth, and brings what was found to the intent of its reference. */
export class Confirming {
  readonly #options: ResolvedOptions;
  readonly #desk: Desk;
  readonly #asking: Asking;
  readonly #book: IntentBook;
  readonly #events: GuardedEmitter<PayTabsEvents>;
  readonly #running: Running;

  constructor(parts: {
    options: ResolvedOptions;
    desk: Desk;
    asking: Asking;
    book: IntentBook;
    events: GuardedEmitter<PayTabsEvents>;
    running: Running;
  }) {
    this.#options = parts.options;
    this.#desk = parts.desk;
    this.#asking = parts.asking;
    this.#book = parts.book;
    this.#events = parts.events;
    this.#running = parts.running;
  }

  async confirm(request: unknown, call: CallOptions): Promise<Confirmation> {
    const { notice, expected } = this.#desk.checked(confirmRequest, request);
    const confirmed = confirmNotice(notice, expected, async (tranRef) => {
      // What is found was so before the answer came: this process may be frozen in between.
      const at = new Date(this.#options.clock.wallTime());
      const transaction = await this.#asking.query({ tranRef }, call);
      await this.#learn(transaction, at);
      return transaction;
    });
    return this.#running.track(confirmed);
  }

  /** A store that fails must not hide what the gateway has said: the intent is asked for later. */
  async #learn(transaction: Transaction, at: Date): Promise<void> {
    const { intents, clock, profileId, settleTimeoutMs: timeoutMs } = this.#options;
    const { cartId } = transaction;
    // References are unique within a profile alone.
    if ((transaction.profileId ?? profileId) !== profileId) return;
    const key = { profileId, cartId };
    const fold = async () => {
      const known = await intents.find(key);
      if (known === undefined) return;
      // One of what may be several: it is evidence of itself, and of the absence of nothing.
      const rows = relatedRows([transaction], known);
      await this.#book.fold(key, { kind: 'checked', rows, complete: false }, { known, at });
    };
    try {
      await withTimeout(fold, { timeoutMs, clock });
    } catch (error) {
      this.#events.emit('intentNotSettled', { cartId, error });
    }
  }
}
