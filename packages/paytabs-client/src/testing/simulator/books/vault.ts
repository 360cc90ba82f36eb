import type { PresentedCard } from '../bank/issuer.js';
import type { References, TokenForm } from '../references.js';
import type { LedgerEntry } from './ledger.js';

/** A card that a token stands for. Its security code is never kept. */
export interface KeptCard {
  readonly token: string;
  readonly profileId: number;
  /** The transaction that made the token. */
  readonly tranRef: string;
  readonly card: PresentedCard;
}

interface OneTimeCard {
  readonly profileId: number;
  readonly card: PresentedCard;
  readonly diesAt: number;
}

/** Saved cards, and cards on their way from a browser. */
export class Vault {
  readonly #references: References;
  readonly #now: () => number;
  readonly #oneTimeMs: number;
  readonly #kept = new Map<string, KeptCard>();
  readonly #byTranRef = new Map<string, string>();
  readonly #oneTime = new Map<string, OneTimeCard>();

  constructor(options: { references: References; now: () => number; oneTimeMs: number }) {
    this.#references = options.references;
    this.#now = options.now;
    this.#oneTimeMs = options.oneTimeMs;
  }

  /** Keeps a card and gives its token. */
  keep(
    entry: LedgerEntry,
    { card, form = 2 }: { card: PresentedCard; form?: TokenForm | undefined },
  ): string {
    const token = this.#references.token(form);
    const { cvv: _, ...withoutCvv } = card;
    const { profileId, tranRef } = entry;
    this.#kept.set(token, { token, profileId, tranRef, card: withoutCvv });
    this.#byTranRef.set(tranRef, token);
    return token;
  }

  find(profileId: number, token: string): KeptCard | undefined {
    const kept = this.#kept.get(token);
    return kept?.profileId === profileId ? kept : undefined;
  }

  /** The card whose token a transaction made. */
  findByTranRef(profileId: number, tranRef: string): KeptCard | undefined {
    return this.find(profileId, this.#byTranRef.get(tranRef) ?? '');
  }

  drop({ token }: KeptCard): void {
    this.#kept.delete(token);
  }

  /** Takes a card from a browser for one payment soon. */
  lend(profileId: number, card: PresentedCard): string {
    const now = this.#now();
    for (const [token, { diesAt }] of this.#oneTime) {
      if (diesAt > now) break;
      this.#oneTime.delete(token);
    }
    const token = this.#references.token(3);
    this.#oneTime.set(token, { profileId, card, diesAt: now + this.#oneTimeMs });
    return token;
  }

  /** Uses a browser's token up. */
  redeem(profileId: number, token: string): PresentedCard | undefined {
    const lent = this.#oneTime.get(token);
    if (lent === undefined || lent.profileId !== profileId) return undefined;
    this.#oneTime.delete(token);
    return lent.diesAt > this.#now() ? lent.card : undefined;
  }
}
