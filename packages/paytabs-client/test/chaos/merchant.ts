import type { Entry, Task } from './messages.js';
import { cartIdOf, type Order, orderOf } from './plan.js';

/** So many tries a shopper makes. */
const patience = 6;

interface Running {
  readonly order: Order;
  leg: Task['leg'];
  attempt: number;
  /** What the follow-up acts on. */
  paidRef: string;
}

/**
 * The merchant's books and what he does next: a new try only when the one before has ended without money, the follow-up when
 * the charge is paid.
 */
export class Merchant {
  readonly entries = new Map<string, Entry>();
  readonly finished = new Map<number, 'paid' | 'unpaid' | 'person'>();
  readonly #seed: number;
  readonly #payments: number;
  readonly #card: { readonly token: string; readonly tranRef: string };
  readonly #running = new Map<number, Running>();
  #next = 1;

  constructor(options: {
    seed: number;
    payments: number;
    card: { token: string; tranRef: string };
  }) {
    this.#seed = options.seed;
    this.#payments = options.payments;
    this.#card = options.card;
  }

  get isDone(): boolean {
    return this.finished.size === this.#payments;
  }

  get running(): number {
    return this.#running.size;
  }

  /** The first try of another order; undefined when all were begun. */
  begin(): Task | undefined {
    if (this.#next > this.#payments) return undefined;
    const order = orderOf(this.#seed, this.#next);
    this.#next += 1;
    const running: Running = { order, leg: 'charge', attempt: 1, paidRef: '' };
    this.#running.set(order.number, running);
    return this.#task(running);
  }

  /** Takes an end, if it is news; what is to be done next, if anything. */
  book(entry: Entry): Task | undefined {
    const known = this.entries.get(entry.cartId);
    if (known !== undefined && known.revision >= entry.revision) return undefined;
    this.entries.set(entry.cartId, entry);
    const [, leg = '', number = '', attempt = ''] = /^([cf])(\d+)\.(\d+)$/.exec(entry.cartId) ?? [];
    const running = this.#running.get(Number(number));
    const isCurrent =
      running !== undefined &&
      (leg === 'c') === (running.leg === 'charge') &&
      running.attempt === Number(attempt);
    return isCurrent ? this.#goOn(running, entry) : undefined;
  }

  #goOn(running: Running, { says, tranRef = '' }: Entry): Task | undefined {
    const { order, leg } = running;
    if (says === 'unpaid' && running.attempt < patience) {
      running.attempt += 1;
      return this.#task(running);
    }
    const hasFollowUp = order.kind !== 'token' && order.kind !== 'page';
    if (says === 'paid' && leg === 'charge' && hasFollowUp) {
      Object.assign(running, { leg: 'followUp', attempt: 1, paidRef: tranRef });
      return this.#task(running);
    }
    this.#running.delete(order.number);
    this.finished.set(order.number, says);
    return undefined;
  }

  #task({ order, leg, attempt, paidRef }: Running): Task {
    const isCharge = leg === 'charge';
    const { token, tranRef } = this.#card;
    return {
      cartId: cartIdOf(order.number, isCharge ? 'c' : 'f', attempt),
      order,
      leg,
      token,
      tranRef: isCharge ? tranRef : paidRef,
    };
  }
}
