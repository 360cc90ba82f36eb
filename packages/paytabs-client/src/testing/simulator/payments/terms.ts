import type { Money } from '../../../money/money.js';
import type { PresentedCard } from '../bank/issuer.js';
import type { TokenForm } from '../references.js';

/** Cards that begin with one of `cards` pay less. */
export interface Discount {
  readonly cards: readonly string[];
  readonly title: string;
  /** Off the amount: minor units, or hundredths of a percent. */
  readonly off: { readonly minor: bigint } | { readonly basisPoints: bigint };
}

/** A card the merchant has a token of. */
export interface SavedCard extends PresentedCard {
  readonly token: string;
}

/** What a request asked for beyond what the books keep. */
export interface Terms {
  /** Beginnings of the card numbers that are taken; empty: all. */
  readonly cardFilter: readonly string[];
  readonly cardFilterTitle?: string;
  readonly discounts: readonly Discount[];
  readonly tokenForm?: TokenForm;
  /** The customer says whether the card is kept. */
  readonly askToSave: boolean;
  /** The customer says how much. */
  readonly donation?: { readonly min?: Money; readonly max?: Money };
  /** The same amount in another currency, if the customer would rather pay that. */
  readonly alternative?: Money;
  /** Codes of the methods that are offered. */
  readonly methods: readonly string[];
  readonly language: 'en' | 'ar';
  readonly returnByGet: boolean;
  /** Whether the page may stand inside another, and where the way back leads then. */
  readonly frame: 'none' | 'self' | 'parent' | 'top';
  /** Only its security code is asked for. */
  readonly savedCard?: SavedCard;
  readonly agreement: boolean;
}
