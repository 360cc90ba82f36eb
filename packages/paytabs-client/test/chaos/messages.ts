import type { IntentState } from '../../src/index.js';
import type { Order } from './plan.js';

/** What a shop's process is started with. */
export interface ShopSettings {
  readonly profileId: number;
  readonly serverKey: string;
  readonly baseUrl: string;
  readonly redisUrl: string;
  readonly startedAt: number;
  readonly factor: number;
  readonly planted: Planted | undefined;
  /** What must show up nowhere. */
  readonly secrets: readonly string[];
}

/** Mistakes that a client can be made to make. */
export const plantedNames = [
  'blindRetry',
  'storesAfterSending',
  'believesNotices',
  'ignoresAmounts',
] as const;

export type Planted = (typeof plantedNames)[number];

/** One thing to do: a try of a charge or of a follow-up. */
export interface Task {
  readonly cartId: string;
  readonly order: Order;
  readonly leg: 'charge' | 'followUp';
  /** The saved card, for charges; what to act on, for follow-ups. */
  readonly token: string;
  readonly tranRef: string;
}

/** What the parent tells a process. */
export type ToShop =
  | { readonly kind: 'task'; readonly task: Task }
  /** Booked: the answer to `book`. */
  | { readonly kind: 'booked'; readonly id: number }
  /** Whether this was ever begun. */
  | { readonly kind: 'wasBegun'; readonly cartId: string };

/** An end, as far as the books need it. */
export interface Entry {
  readonly cartId: string;
  readonly revision: number;
  readonly says: 'paid' | 'unpaid' | 'person';
  readonly state: IntentState['name'];
  readonly tranRef?: string;
  readonly minor?: string;
}

/** What a process tells the parent. */
export type FromShop =
  | { readonly kind: 'ready' }
  | { readonly kind: 'book'; readonly id: number; readonly entry: Entry }
  | { readonly kind: 'moved'; readonly from: IntentState['name']; readonly to: IntentState['name'] }
  | { readonly kind: 'corrected'; readonly cartId: string }
  | { readonly kind: 'leaked'; readonly where: string }
  | { readonly kind: 'begun'; readonly cartId: string; readonly was: boolean }
  /** The call did nothing, and nothing is remembered of it: the reference is free. */
  | { readonly kind: 'nothingDone'; readonly cartId: string; readonly code: string }
  | { readonly kind: 'crashed'; readonly message: string };
