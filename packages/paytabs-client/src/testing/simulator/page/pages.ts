import type { PresentedCard } from '../bank/issuer.js';
import type { Means } from '../payments/take-payment.js';
import type { Terms } from '../payments/terms.js';

/** A page that waits for a customer. */
export interface Page {
  readonly id: string;
  readonly tranRef: string;
  readonly terms: Terms;
  /** Reading of the simulator's monotonic clock after which it is dead. */
  readonly expiresAt: number;
  /** What the bank is asking the cardholder about. */
  challenged?: Means & { readonly card: PresentedCard };
  /** A page works once. */
  used: boolean;
  cancelExpiry?: () => void;
}

/** The pages by the last part of their address. */
export class Pages {
  readonly #pages = new Map<string, Page>();

  open(page: Pick<Page, 'id' | 'tranRef' | 'terms' | 'expiresAt'>): Page {
    const opened: Page = { ...page, used: false };
    this.#pages.set(page.id, opened);
    return opened;
  }

  find(id: string): Page | undefined {
    return this.#pages.get(id);
  }

  /** It is of no more use; the card is forgotten. */
  use(page: Page): void {
    page.used = true;
    page.cancelExpiry?.();
    delete page.challenged;
    delete page.cancelExpiry;
  }
}
