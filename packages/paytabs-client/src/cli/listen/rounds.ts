import type { PayTabsClient } from '../../client/paytabs-client.js';
import { isPayTabsError, PayTabsError } from '../../errors.js';
import type { IntentStore } from '../../ports/intent-store.js';
import type { CommandIo } from '../command.js';
import { plain } from '../notices/plain.js';
import type { Pause } from '../pause.js';
import type { CartList, FollowedCart } from './cart-list.js';
import type { ChangeBook } from './change-book.js';
import type { Deliveries } from './deliveries.js';
import { showDelay } from './show-delay.js';

interface RoundParts {
  readonly client: PayTabsClient;
  readonly store: IntentStore | undefined;
  readonly carts: CartList;
  readonly book: ChangeBook;
  readonly deliveries: Pick<Deliveries, 'deliver'>;
  readonly pause: Pause;
  readonly signal: AbortSignal;
  readonly everyMs: number;
  readonly warn: CommandIo['warn'];
}

/** The longest wait after failures, unless the gateway asks for more. */
const maxWaitMs = 60_000;
/** The largest that a store takes. */
const maxListed = 10_000;
/** Later than any time in a store. */
const endOfTime = new Date(8_640_000_000_000_000);

/** Asks about every followed cart, one after the other, again and again until the signal. */
export class Rounds {
  readonly #parts: RoundParts;
  readonly #warned = new Set<string>();
  #failures: PayTabsError[] = [];

  constructor(parts: RoundParts) {
    this.#parts = parts;
  }

  /** @throws PayTabsError AUTHENTICATION_FAILED: no later round would do better */
  async run(): Promise<void> {
    const { signal, pause, everyMs, warn } = this.#parts;
    for (let failed = 0; ; ) {
      this.#failures = [];
      await this.#round();
      if (signal.aborted) return;
      failed = this.#failures.length === 0 ? 0 : failed + 1;
      const waitMs = Math.max(
        failed === 0 ? everyMs : Math.min(everyMs * 2 ** failed, Math.max(everyMs, maxWaitMs)),
        ...this.#failures.map(pauseAskedBy),
      );
      if (failed > 0) warn(`The next look is in ${showDelay(waitMs)}.`);
      await pause.wait(waitMs);
      if (signal.aborted) return;
    }
  }

  async #round(): Promise<void> {
    const { carts, signal } = this.#parts;
    await this.#try('The store could not be read', () => this.#readStore());
    for (const cart of carts.list()) {
      if (signal.aborted) return;
      const what = `${plain(cart.cartId)} could not be asked about`;
      if ((await this.#try(what, () => this.#look(cart))) === 'gatewayAway') return;
    }
  }

  async #readStore(): Promise<void> {
    const { client, store, carts } = this.#parts;
    const { profileId } = client;
    if (store === undefined) return;
    const asked = { profileId, dueBefore: endOfTime, limit: maxListed };
    const intents = await store.listDue(asked).catch(hideDriver);
    const leftOut = carts.takeUp(intents);
    if (leftOut > 0) this.#warnOnce('The store has more carts: only the newest are followed.');
    // It lists by when somebody has to look at them: pages that were opened just now come last.
    if (intents.length === maxListed)
      this.#warnOnce('The store has too many open intents to see all.');
  }

  async #look(cart: FollowedCart): Promise<void> {
    const { client, book, deliveries, signal } = this.#parts;
    const { cartId } = cart;
    const rows = await client.queryByCart({ cartId }, { signal });
    if (rows.unreadable.length > 0)
      this.#warnOnce(`${plain(cartId)} has transactions that cannot be read.`);
    for (const row of book.changesOf(cart, rows)) {
      if (signal.aborted) return;
      // Rows do not tell which transaction they act on; a callback does.
      const transaction = await client.query({ tranRef: row.tranRef }, { signal });
      // Rows and answers may lag behind each other: what counts is what is told.
      if (book.isTold(transaction)) continue;
      book.tell(transaction);
      await deliveries.deliver(transaction);
    }
  }

  /** One failure must not hide what else has happened, unless the others would fail alike. */
  async #try(what: string, work: () => Promise<void>): Promise<'gatewayAway' | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      if (this.#parts.signal.aborted) return undefined;
      if (!isPayTabsError(error) || error.code === 'AUTHENTICATION_FAILED') throw error;
      this.#failures.push(error);
      this.#parts.warn(`${what}: ${error.message}`);
      return isAway.has(error.code) ? 'gatewayAway' : undefined;
    }
  }

  #warnOnce(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#parts.warn(message);
  }
}

const isAway: ReadonlySet<string> = new Set(['GATEWAY_UNAVAILABLE', 'RATE_LIMITED']);

const pauseAskedBy = ({ retryAfterMs = 0 }: PayTabsError): number => retryAfterMs;

/** What a driver says may show where the store is. */
function hideDriver(error: unknown): never {
  if (isPayTabsError(error)) throw error;
  const { name } = error as { name?: unknown };
  throw new PayTabsError('INTENT_STORE_FAILED', `it did not answer (${String(name)})`);
}
