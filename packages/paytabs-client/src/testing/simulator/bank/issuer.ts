import type { Money } from '../../../money/money.js';
import type { References } from '../references.js';
import { Accounts } from './accounts.js';
import { Arrangements, type BankAction, type BankBehaviour } from './behaviour.js';
import { asksFor3ds, knownCvv } from './cards.js';

/** `person`: test cards decide. `approve`, `decline`: every card is. */
export type SimulatorMode = 'person' | 'approve' | 'decline';

/** What the bank decides. */
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
  readonly action: BankAction;
  readonly tranRef: string;
  readonly cartId: string;
  readonly amount: Money;
  /** Masked number, or the name of a method without cards. */
  readonly card: string;
  /** Reference of the charge or hold that it belongs to. */
  readonly account: string;
  /** Absent: the gateway had the answer at once. */
  readonly answer?: 'late' | 'never';
}

/** A card as far as the gateway has it: saved ones come without their security code. */
export interface PresentedCard {
  readonly number: string;
  readonly cvv?: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
}

export interface BankRequest {
  readonly action: BankAction;
  readonly tranRef: string;
  readonly cartId: string;
  readonly amount: Money;
  readonly account: string;
  /** Masked number, or the name of a method without cards. */
  readonly card: string;
  /** Only new charges and holds of cards present one. */
  readonly presented?: PresentedCard;
}

/** The decision, and when the gateway hears of it. */
export interface BankAnswer extends IssuerDecision {
  readonly heard: 'now' | 'never' | { readonly afterMs: number };
}

const declined = (code: string, message: string): IssuerDecision => ({
  approved: false,
  code,
  message,
});

const notAuthorised = declined('300', 'Not authorised');

/** The bank behind the gateway, with accounts and a log of its own. */
export class Issuer {
  mode: SimulatorMode;
  readonly arrangements = new Arrangements();
  readonly #accounts: Accounts;
  readonly #references: References;
  readonly #wallTime: () => number;
  readonly #log: IssuerLogEntry[] = [];
  readonly #byTranRef = new Map<string, IssuerLogEntry[]>();

  constructor(options: {
    mode: SimulatorMode;
    holdMs: number;
    references: References;
    now: () => number;
    wallTime: () => number;
  }) {
    this.mode = options.mode;
    this.#references = options.references;
    this.#wallTime = options.wallTime;
    this.#accounts = new Accounts(options);
  }

  /** Whether it wants to ask the cardholder before it decides. */
  wantsChallenge(request: BankRequest): boolean {
    const asked = this.arrangements.takesChallenge({ ...request, challenged: false });
    return asked || (request.presented !== undefined && asksFor3ds(request.presented.number));
  }

  /** Carries out a request, or not, and writes the log. */
  ask(request: BankRequest, { challenged = false } = {}): BankAnswer {
    const behaviour = this.arrangements.take({ ...request, challenged });
    const decision = this.#decide(request, behaviour);
    if (decision.approved) this.#accounts.apply(request.account, request);
    const heard =
      behaviour?.kind === 'stall'
        ? 'never'
        : behaviour?.kind === 'late'
          ? { afterMs: behaviour.afterMs }
          : 'now';
    const { presented: _, ...facts } = request;
    this.#write({
      ...facts,
      ...decision,
      ...(heard === 'now' ? {} : { answer: heard === 'never' ? 'never' : 'late' }),
    });
    return { ...decision, heard };
  }

  log(): readonly IssuerLogEntry[] {
    return [...this.#log];
  }

  /** What it did for one transaction. */
  logOf(tranRef: string): readonly IssuerLogEntry[] {
    return this.#byTranRef.get(tranRef) ?? [];
  }

  #decide(request: BankRequest, behaviour: BankBehaviour | undefined): IssuerDecision {
    // No arrangement makes money out of nothing.
    if (!this.#accounts.allows(request.account, request)) return notAuthorised;
    switch (behaviour?.kind) {
      case 'approve':
        return this.#approval();
      case 'decline':
        return declined(behaviour.code, behaviour.message);
      case 'stall':
        return behaviour.carriesOut ? this.#approval() : declined('', 'Not carried out');
      case 'late':
        return behaviour.decision === undefined
          ? this.#approval()
          : declined(behaviour.decision.code, behaviour.decision.message);
      default:
        return request.presented === undefined ? this.#approval() : this.#judge(request.presented);
    }
  }

  #judge(card: PresentedCard): IssuerDecision {
    if (this.mode === 'approve') return this.#approval();
    if (this.mode === 'decline') return notAuthorised;
    // A card is good until the end of its month.
    if (Date.UTC(card.expiryYear, card.expiryMonth) <= this.#wallTime()) return notAuthorised;
    const cvv = knownCvv(card.number);
    if (cvv === undefined) return notAuthorised;
    if (card.cvv !== undefined && cvv !== card.cvv) {
      return declined('305', 'Card security code (CVV) mismatch');
    }
    return this.#approval();
  }

  #approval(): IssuerDecision {
    return { approved: true, code: this.#references.approvalCode(), message: 'Authorised' };
  }

  #write(entry: Omit<IssuerLogEntry, 'at'>): void {
    const line = Object.freeze({ at: this.#wallTime(), ...entry });
    this.#log.push(line);
    const known = this.#byTranRef.get(entry.tranRef);
    if (known === undefined) this.#byTranRef.set(entry.tranRef, [line]);
    else known.push(line);
  }
}
