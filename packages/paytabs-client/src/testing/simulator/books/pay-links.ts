import type { References } from '../references.js';
import type { Invoice } from './invoices.js';

/** A link on which anybody may pay, any number of times. */
export interface PayLink {
  readonly id: number;
  readonly profileId: number;
  readonly title: string;
  readonly order: Invoice['order'];
}

/** All PayLinks. */
export class PayLinks {
  readonly #references: References;
  readonly #links = new Map<number, PayLink>();

  constructor(references: References) {
    this.#references = references;
  }

  open(link: Omit<PayLink, 'id'>): PayLink {
    const opened = { ...link, id: this.#references.number() };
    this.#links.set(opened.id, opened);
    return opened;
  }

  update(link: PayLink): void {
    this.#links.set(link.id, link);
  }

  find(profileId: number, id: number): PayLink | undefined {
    const link = this.#links.get(id);
    return link?.profileId === profileId ? link : undefined;
  }
}
