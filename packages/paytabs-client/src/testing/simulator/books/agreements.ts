import type { References } from '../references.js';
import type { LedgerEntry } from './ledger.js';

interface Agreement {
  readonly profileId: number;
  cancelled: boolean;
}

/** Instalment agreements that the gateway would run. It charges nothing by itself here. */
export class Agreements {
  readonly #references: References;
  readonly #agreements = new Map<number, Agreement>();

  constructor(references: References) {
    this.#references = references;
  }

  open({ profileId }: LedgerEntry): number {
    const id = this.#references.number();
    this.#agreements.set(id, { profileId, cancelled: false });
    return id;
  }

  /** Whether there was one to cancel. */
  cancel(profileId: number, id: number): boolean {
    const agreement = this.#agreements.get(id);
    if (agreement?.profileId !== profileId || agreement.cancelled) return false;
    agreement.cancelled = true;
    return true;
  }
}
