import type { Money } from '../../../money/money.js';

/** What the gateway asks of the bank. `reversal` gives up a hold, `extension` makes it last longer. */
export type BankAction = 'charge' | 'hold' | 'capture' | 'reversal' | 'refund' | 'extension';

/**
 * How the bank takes one request. Without one, test cards decide, and follow-ups are carried out.
 * `challenge` asks the cardholder first, whatever the card. `stall` never answers: the gateway says E/401 for ever, and
 * `carriesOut` says whether the money moved all the same (default false). `late` does at once what `decision` says (default
 * approve) and answers after `afterMs`: the gateway says E/401 first, and corrects itself then.
 */
export type BankBehaviour =
  | { readonly kind: 'approve' | 'challenge' }
  | { readonly kind: 'decline'; readonly code: string; readonly message: string }
  | { readonly kind: 'stall'; readonly carriesOut?: boolean }
  | {
      readonly kind: 'late';
      readonly afterMs: number;
      readonly decision?: Extract<BankBehaviour, { kind: 'decline' }>;
    };

/** What the bank is asked, as a rule of a test sees it. */
export interface BankQuestion {
  readonly action: BankAction;
  readonly tranRef: string;
  readonly cartId: string;
  readonly amount: Money;
  /** Masked number, or the name of a method without cards. */
  readonly card: string;
  /** Whether the cardholder was asked already. */
  readonly challenged: boolean;
}

/** A rule for every request; undefined: as usual. */
export type BankRule = (question: BankQuestion) => BankBehaviour | undefined;

interface Queued {
  readonly behaviour: BankBehaviour;
  readonly actions: readonly BankAction[] | undefined;
}

/** What was arranged: behaviours for the next requests, then a rule. */
export class Arrangements {
  rule: BankRule | undefined;
  #queue: Queued[] = [];

  next(behaviour: BankBehaviour, actions?: readonly BankAction[]): void {
    this.#queue.push({ behaviour, actions });
  }

  clear(): void {
    this.#queue = [];
    this.rule = undefined;
  }

  /** Whether the cardholder is to be asked; uses the arrangement up. */
  takesChallenge(question: BankQuestion): boolean {
    const head = this.#find(question.action);
    if (head !== undefined) {
      if (head.behaviour.kind === 'challenge') this.#drop(head);
      return head.behaviour.kind === 'challenge';
    }
    return this.rule?.(question)?.kind === 'challenge';
  }

  take(question: BankQuestion): Exclude<BankBehaviour, { kind: 'challenge' }> | undefined {
    const head = this.#find(question.action);
    if (head !== undefined) this.#drop(head);
    const behaviour = head?.behaviour ?? this.rule?.(question);
    // It was asked, or there is nobody to ask.
    return behaviour === undefined || behaviour.kind === 'challenge'
      ? undefined
      : (behaviour as never);
  }

  #find(action: BankAction): Queued | undefined {
    return this.#queue.find(({ actions }) => actions?.includes(action) ?? true);
  }

  #drop(queued: Queued): void {
    this.#queue = this.#queue.filter((each) => each !== queued);
  }
}
