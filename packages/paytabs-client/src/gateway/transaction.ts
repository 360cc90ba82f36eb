import type { Money } from '../money/money.js';

/** What a transaction did, in lower case. Types the gateway invents later pass through as they are. */
export type TransactionType =
  | 'sale'
  | 'auth'
  | 'register'
  | 'capture'
  | 'void'
  | 'release'
  | 'refund'
  | 'authext'
  | 'payment request'
  | (string & {});

/**
 * `A` authorised, `H` on hold, `P` pending, `V` voided, `E` error, `D` declined, `X` expired, `C` cancelled.
 * Letters the gateway invents later pass through: neither paid nor failed.
 */
export type TransactionStatus = 'A' | 'H' | 'P' | 'V' | 'E' | 'D' | 'X' | 'C' | (string & {});

/** How it was paid. The number is masked by the gateway: `4111 11## #### 1111`. */
export interface PaymentInfo {
  readonly method?: string;
  readonly cardType?: string;
  readonly cardScheme?: string;
  readonly description?: string;
  readonly expiryMonth?: number;
  readonly expiryYear?: number;
}

/** One transaction as the gateway tells it. A decline is a transaction too, not an error. */
export interface Transaction {
  readonly tranRef: string;
  /** The transaction this one acts on. Present: it is not an original payment. */
  readonly previousTranRef?: string;
  /** What was carried out. */
  readonly type: TransactionType;
  /** What was asked for, when the gateway did something else (a sale held as an auth). */
  readonly originalType?: TransactionType;
  readonly cartId: string;
  readonly description?: string;
  /** What the request asked for. */
  readonly cartAmount: Money;
  /** What moved; differs with discounts, alternative currencies and partial follow-ups. */
  readonly total: Money;
  readonly status: TransactionStatus;
  /** The issuer's approval code, or the gateway's number for what went wrong. Always a string. */
  readonly responseCode: string;
  readonly responseMessage: string;
  /** When it happened; absent when the gateway sent no readable time. */
  readonly time?: Date;
  readonly profileId?: number;
  readonly paymentInfo: PaymentInfo;
  /** The gateway's support reference. */
  readonly trace?: string;
  /** The answer as it came, unknown fields included. May hold a saved-card token and the customer's data. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A row of an answer that this version cannot read, such as one in a currency it does not know. */
export interface UnreadableRow {
  readonly tranRef?: string;
  /** Which field, and what about it; no value. */
  readonly why: string;
}

/** All tries under one reference, newest first, and what could not be read of them. */
export interface CartTransactions extends ReadonlyArray<Transaction> {
  /** Look at it before you conclude anything from what is not in the list. */
  readonly unreadable: readonly UnreadableRow[];
}

/** A page on which a customer can pay. */
export interface HostedPage {
  readonly tranRef: string;
  /** Where to send the customer. Opaque: the host may be any. */
  readonly redirectUrl: string;
  readonly cartId: string;
  readonly trace?: string;
  readonly raw: Readonly<Record<string, unknown>>;
}
