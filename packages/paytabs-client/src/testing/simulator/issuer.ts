import type { Money } from '../../money/money.js';
import { knownCvv, maskCard, type TestCard } from './cards.js';
import type { References } from './references.js';

/** `person`: test cards decide. `approve`, `decline`: every card is. */
export type SimulatorMode = 'person' | 'approve' | 'decline';

/** What the bank answers. */
export interface IssuerDecision {
  readonly approved: boolean;
  /** Approval code, or the gateway's code for the decline. */
  readonly code: string;
  readonly message: string;
}

/** One line of the bank's own log: the truth about money, apart from what the gateway believes. */
export interface IssuerLogEntry extends IssuerDecision {
  /** Calendar time in milliseconds since 1970. */
  readonly at: number;
  readonly action: 'charge' | 'hold' | 'refund';
  readonly tranRef: string;
  readonly cartId: string;
  readonly amount: Money;
  /** Masked number. */
  readonly card: string;
}

const declined = (code: string, message: string): IssuerDecision => ({
  approved: false,
  code,
  message,
});

/** The bank behind the gateway, with a log of its own. */
export class Issuer {
  mode: SimulatorMode;
  readonly #references: References;
  readonly #wallTime: () => number;
  readonly #log: IssuerLogEntry[] = [];
  readonly #next: IssuerDecision[] = [];

  constructor(options: { mode: SimulatorMode; references: References; wallTime: () => number }) {
    this.mode = options.mode;
    this.#references = options.references;
    this.#wallTime = options.wallTime;
  }

  /** Declines the next charge with this code of the gateway, whatever the card. */
  declineNext(decision: { code: string; message: string }): void {
    this.#next.push(declined(decision.code, decision.message));
  }

  /** Decides on a card and writes the log. */
  charge(request: {
    card: TestCard;
    hold: boolean;
    tranRef: string;
    cartId: string;
    amount: Money;
  }): IssuerDecision {
    const { card, hold, ...rest } = request;
    const decision = this.#next.shift() ?? this.#decide(card);
    this.#write({
      ...rest,
      ...decision,
      action: hold ? 'hold' : 'charge',
      card: maskCard(card.number),
    });
    return decision;
  }

  /** Gives money back; the bank always takes it. */
  refund(request: {
    card: string;
    tranRef: string;
    cartId: string;
    amount: Money;
  }): IssuerDecision {
    const decision = this.#approval();
    this.#write({ ...request, ...decision, action: 'refund' });
    return decision;
  }

  log(): readonly IssuerLogEntry[] {
    return [...this.#log];
  }

  #decide(card: TestCard): IssuerDecision {
    if (this.mode === 'approve') return this.#approval();
    if (this.mode === 'decline') return declined('300', 'Not authorised');
    // A card is good until the end of its month.
    if (Date.UTC(card.expiryYear, card.expiryMonth) <= this.#wallTime()) {
      return declined('300', 'Not authorised');
    }
    const cvv = knownCvv(card.number);
    if (cvv === undefined) return declined('300', 'Not authorised');
    if (cvv !== card.cvv) return declined('305', 'Card security code (CVV) mismatch');
    return this.#approval();
  }

  #approval(): IssuerDecision {
    return { approved: true, code: this.#references.approvalCode(), message: 'Authorised' };
  }

  #write(entry: Omit<IssuerLogEntry, 'at'>): void {
    this.#log.push(Object.freeze({ at: this.#wallTime(), ...entry }));
  }
}
