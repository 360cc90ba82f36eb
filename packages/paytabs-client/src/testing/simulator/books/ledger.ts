import { type Money, money } from '../../../money/money.js';

/** Customer fields as the merchant sent them. */
export type CustomerFields = Readonly<Record<string, string>>;

/** What a transaction is, as replies write it. */
export type TransactionKind =
  | 'Sale'
  | 'Auth'
  | 'Register'
  | 'Capture'
  | 'Void'
  | 'Release'
  | 'Refund'
  | 'AuthExt'
  | 'Payment Request';

/** One transaction of the simulated gateway. */
export interface LedgerEntry {
  readonly tranRef: string;
  readonly previousTranRef?: string;
  readonly profileId: number;
  readonly type: TransactionKind;
  /** What was asked for, when something else was done. */
  readonly originalType?: TransactionKind;
  readonly transactionClass: 'ECom' | 'Recurring' | 'MOTO';
  readonly cartId: string;
  readonly description: string;
  readonly cartAmount: Money;
  /** What moved, or would have. */
  readonly total: Money;
  /** Absent while nobody has acted on the page: the transaction is temporary. */
  readonly status?: 'A' | 'D' | 'C' | 'E' | 'X' | 'H' | 'P' | 'V';
  readonly responseCode: string;
  readonly responseMessage: string;
  /** Calendar times in milliseconds since 1970. */
  readonly createdAt: number;
  readonly actedAt?: number;
  /** From when on queries see it. */
  readonly visibleAt?: number;
  /** `Payment Page`, `Transaction API`, `Dashboard`, or the plugin's name. */
  readonly channel: string;
  /** 2: by a page; 1: by the API. */
  readonly serviceId: 1 | 2;
  readonly customer: CustomerFields;
  readonly shipping?: CustomerFields;
  readonly userDefined?: CustomerFields;
  readonly customerRef?: string;
  readonly callbackUrl?: string;
  readonly returnUrl?: string;
  readonly acquirerRef?: string;
  /** The agent's own number of a deferred payment that was paid. */
  readonly acquirerRrn?: string;
  /** Saved-card token that it made or used. */
  readonly token?: string;
  readonly invoiceId?: number;
  readonly agreementId?: number;
  /** Reference of the charge or hold at the bank that it belongs to. */
  readonly account: string;
  /** Masked card; absent when none was typed. */
  readonly card?: {
    readonly masked: string;
    readonly scheme: string;
    readonly expiryMonth: number;
    readonly expiryYear: number;
  };
  /** A wallet, or a method without cards. */
  readonly method?: {
    readonly name: string;
    readonly description?: string;
    readonly scheme?: string;
    readonly issuerCountry?: string;
    readonly issuerName?: string;
  };
  /** `passed` and `failed` after the bank's question, `none` when it asked none. */
  readonly threeDs?: 'none' | 'passed' | 'failed';
}

/** All transactions, in the order they were made, and what is left of each for follow-ups. */
export class Ledger {
  readonly #entries = new Map<string, LedgerEntry>();
  readonly #byCart = new Map<string, string[]>();
  readonly #used = new Map<string, bigint>();

  put(entry: LedgerEntry): LedgerEntry {
    const frozen = Object.freeze({ ...entry });
    if (!this.#entries.has(entry.tranRef)) {
      const key = cartKey(entry.profileId, entry.cartId);
      const known = this.#byCart.get(key);
      if (known === undefined) this.#byCart.set(key, [entry.tranRef]);
      else known.push(entry.tranRef);
    }
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
    const tranRefs = this.#byCart.get(cartKey(profileId, cartId)) ?? [];
    return tranRefs.flatMap((tranRef) => this.#entries.get(tranRef) ?? []).reverse();
  }

  list(): LedgerEntry[] {
    return [...this.#entries.values()];
  }

  /** What is left for follow-ups: the open hold of an authorisation, what a sale or capture can still give back. */
  rest({ tranRef, type, status, total }: LedgerEntry): Money {
    const isOpen = status === 'A' && (type === 'Auth' || type === 'Sale' || type === 'Capture');
    return money(isOpen ? total.minor - this.used(tranRef) : 0n, total.currency);
  }

  used(tranRef: string): bigint {
    return this.#used.get(tranRef) ?? 0n;
  }

  /** Uses up a part of what is left; a negative amount gives it back. */
  use(tranRef: string, minor: bigint): void {
    this.#used.set(tranRef, this.used(tranRef) + minor);
  }
}

const cartKey = (profileId: number, cartId: string) => `${profileId} ${cartId}`;
