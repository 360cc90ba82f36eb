import type { Transaction } from '../../gateway/transaction.js';
import type { FollowedCart } from './cart-list.js';

type Standing = Pick<Transaction, 'tranRef' | 'status'>;

const keyOf = ({ tranRef, status }: Standing): string => `${tranRef} ${status}`;

/** Types that nobody has acted on while they are pending: what waits for its payer is a `payment request`. */
const pageTypes = new Set(['sale', 'auth', 'register']);

/** The gateway tells nothing of a page that stands open. */
const isOpenPage = ({ type, status }: Transaction): boolean =>
  status === 'P' && pageTypes.has(type);

/** Remembers what was told, so that each change is told once. */
export class ChangeBook {
  readonly #since: number;
  readonly #told = new Set<string>();
  readonly #looked = new Set<string>();

  constructor(since: number) {
    this.#since = since;
  }

  /** Of all that is under a cart (newest first) what is to be told, oldest first. */
  changesOf({ cartId, isNew }: FollowedCart, rows: readonly Transaction[]): Transaction[] {
    if (!this.#looked.has(cartId)) {
      // Only what was there before the first look is judged by its time: clocks differ.
      if (!isNew) for (const row of rows) if (this.#isOld(row)) this.tell(row);
      this.#looked.add(cartId);
    }
    return rows.filter((row) => !isOpenPage(row) && !this.isTold(row)).reverse();
  }

  tell(standing: Standing): void {
    this.#told.add(keyOf(standing));
  }

  isTold(standing: Standing): boolean {
    return this.#told.has(keyOf(standing));
  }

  #isOld({ time }: Transaction): boolean {
    return (time?.getTime() ?? 0) < this.#since;
  }
}
