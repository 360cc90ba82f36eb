import type { TestCard } from '../cards.js';

/** A page that waits for a customer. */
export interface Page {
  readonly id: string;
  readonly tranRef: string;
  /** Reading of the simulator's monotonic clock after which it is dead. */
  readonly expiresAt: number;
  /** Card whose owner is being asked by the issuer. */
  challenged?: TestCard;
  /** A page works once. */
  used: boolean;
}

/** The pages by the last part of their address. */
export class Pages {
  readonly #pages = new Map<string, Page>();

  open(page: Pick<Page, 'id' | 'tranRef' | 'expiresAt'>): Page {
    const opened: Page = { ...page, used: false };
    this.#pages.set(page.id, opened);
    return opened;
  }

  find(id: string): Page | undefined {
    return this.#pages.get(id);
  }
}
