import type { Money } from '../../../money/money.js';
import type { BankAction } from './behaviour.js';

interface Account {
  held: bigint;
  taken: bigint;
  given: bigint;
  holdEndsAt: number;
}

/**
 * What the bank itself holds, took and gave back, by the transaction it began with. It refuses what goes beyond,
 * whatever the gateway's books say.
 */
export class Accounts {
  readonly #holdMs: number;
  readonly #now: () => number;
  readonly #accounts = new Map<string, Account>();

  constructor(options: { holdMs: number; now: () => number }) {
    this.#holdMs = options.holdMs;
    this.#now = options.now;
  }

  /** Whether it can be done. */
  allows(account: string, { action, amount }: { action: BankAction; amount: Money }): boolean {
    if (action === 'charge' || action === 'hold') return true;
    const { held, taken, given, holdEndsAt } = this.#of(account);
    if (action === 'refund') return amount.minor <= taken - given;
    return amount.minor <= held && this.#now() < holdEndsAt;
  }

  apply(account: string, { action, amount }: { action: BankAction; amount: Money }): void {
    const books = this.#of(account);
    const { minor } = amount;
    if (action === 'hold' || action === 'extension') {
      books.holdEndsAt = this.#now() + this.#holdMs;
    }
    if (action === 'hold') books.held += minor;
    if (action === 'capture' || action === 'reversal') books.held -= minor;
    if (action === 'capture' || action === 'charge') books.taken += minor;
    if (action === 'refund') books.given += minor;
    this.#accounts.set(account, books);
  }

  #of(account: string): Account {
    return this.#accounts.get(account) ?? { held: 0n, taken: 0n, given: 0n, holdEndsAt: 0 };
  }
}
