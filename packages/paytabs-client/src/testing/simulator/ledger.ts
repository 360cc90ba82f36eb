import { addMoney, compareMoney, type Money, money, subtractMoney } from '../../money/money.js';

/** Customer fields as the merchant sent them. */
export type CustomerFields = Readonly<Record<string, string>>;

/** One transaction of the simulated gateway. */
export interface LedgerEntry {
  readonly tranRef: string;
  readonly previousTranRef?: string;
  readonly profileId: number;
  readonly type: 'Sale' | 'Auth' | 'Refund';
  readonly cartId: string;
  readonly description: string;
  readonly cartAmount: Money;
  /** What moved, or would have. */
  readonly total: Money;
  /** Absent while nobody has acted on the page: the transaction is temporary. */
  readonly status?: 'A' | 'D' | 'C' | 'E' | 'X';
  readonly responseCode: string;
  readonly responseMessage: string;
  /** Calendar times in milliseconds since 1970. */
  readonly createdAt: number;
  readonly actedAt?: number;
  readonly channel: 'Payment Page' | 'Transaction API';
  readonly customer: CustomerFields;
  readonly userDefined?: CustomerFields;
  readonly customerRef?: string;
  readonly callbackUrl?: string;
  readonly returnUrl?: string;
  readonly acquirerRef?: string;
  /** Masked card; absent when none was typed. */
  readonly card?: {
    readonly masked: string;
    readonly scheme: string;
    readonly expiryMonth: number;
    readonly expiryYear: number;
  };
}

/** All transactions, in the order they were made. */
export class Ledger {
  readonly #entries = new Map<string, LedgerEntry>();

  put(entry: LedgerEntry): LedgerEntry {
    const frozen = Object.freeze({ ...entry });
    this.#entries.set(entry.tranRef, frozen);
    return frozen;
  }

  find(profileId: number, tranRef: string): LedgerEntry | undefined {
    const entry = this.#entries.get(tranRef);
    return entry?.profileId === profileId ? entry : undefined;
  }

  get(tranRef: string): LedgerEntry | undefined {
    return this.#entries.get(tranRef);
  }

  /** Newest first. */
  byCart(profileId: number, cartId: string): LedgerEntry[] {
    return this.list()
      .filter((entry) => entry.profileId === profileId && entry.cartId === cartId)
      .reverse();
  }

  list(): LedgerEntry[] {
    return [...this.#entries.values()];
  }

  /** What of a sale can still be given back. */
  refundable(parent: LedgerEntry): Money {
    const none = money(0n, parent.total.currency);
    if (parent.type !== 'Sale' || parent.status !== 'A') return none;
    const refunded = this.list()
      .filter((entry) => entry.previousTranRef === parent.tranRef && entry.status === 'A')
      .reduce((sum, entry) => addMoney(sum, entry.total), none);
    const rest = subtractMoney(parent.total, refunded);
    return compareMoney(rest, none) < 0 ? none : rest;
  }
}
