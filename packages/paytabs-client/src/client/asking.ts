import { isPayTabsError, PayTabsError } from '../errors.js';
import type { CartTransactions, Transaction } from '../gateway/transaction.js';
import { queryByCartRequest, queryRequest } from '../operations/queries.js';
import { emptyCart, readCart, readQueried } from './answers.js';
import { type CallOptions, signalOf } from './call-options.js';
import type { Desk } from './desk.js';
import type { GatewayCaller } from './gateway-caller.js';
import { type Invoices, nameOfInvoice } from './invoices.js';
import type { ModeGuard } from './mode-guard.js';
import type { Queries } from './reconciler.js';
import { adviceFor } from './reply-error.js';

/** The longest list of the gateway that was ever seen; whether it has more then is not published. */
const mayBeCutFrom = 20;

/** Asks the gateway what there is: for callers, and for reconciling. */
export class Asking implements Queries {
  readonly #desk: Desk;
  readonly #caller: GatewayCaller;
  readonly #invoices: Invoices;
  readonly #guard: ModeGuard;

  constructor(parts: {
    desk: Desk;
    caller: GatewayCaller;
    invoices: Invoices;
    guard: ModeGuard;
  }) {
    this.#desk = parts.desk;
    this.#caller = parts.caller;
    this.#invoices = parts.invoices;
    this.#guard = parts.guard;
  }

  async query(request: unknown, call: CallOptions): Promise<Transaction> {
    const { tranRef } = this.#desk.checked(queryRequest, request);
    const operation = 'query';
    const answer = await this.#caller.call({
      operation,
      kind: 'read',
      path: '/payment/query',
      body: JSON.stringify({ profile_id: this.#desk.options.profileId, tran_ref: tranRef }),
      tranRef,
      signal: signalOf(call),
    });
    const transaction = readQueried(answer, { tranRef });
    this.#guard.check({ operation, tranRef, cartId: transaction.cartId });
    return transaction;
  }

  async queryByCart(request: unknown, call: CallOptions): Promise<CartTransactions> {
    const { cartId } = this.#desk.checked(queryByCartRequest, request);
    const signal = signalOf(call);
    const operation = 'queryByCart';
    try {
      const answer = await this.#caller.call({
        operation,
        kind: 'read',
        path: '/payment/query',
        body: JSON.stringify({ profile_id: this.#desk.options.profileId, cart_id: cartId }),
        cartId,
        signal,
      });
      const rows = readCart(answer, { cartId });
      for (const { tranRef } of rows) this.#guard.check({ operation, tranRef, cartId });
      return rows;
    } catch (error) {
      if (isPayTabsError(error, 'NOT_FOUND')) return emptyCart;
      throw error;
    }
  }

  async probe(call: CallOptions): Promise<void> {
    try {
      await this.queryByCart({ cartId: probedCart }, call);
    } catch (error) {
      // It looked beyond the key, whatever it says of a cart that nobody has.
      const isAnswer = isPayTabsError(error, 'INVALID_REQUEST') && error.gatewayCode !== undefined;
      if (!isAnswer) throw error;
    }
  }

  async byCart(cartId: string, signal: AbortSignal | undefined) {
    const rows = await this.queryByCart({ cartId }, signalled(signal));
    return { rows, complete: rows.length < mayBeCutFrom && rows.unreadable.length === 0 };
  }

  byReference(tranRef: string, signal: AbortSignal | undefined): Promise<Transaction> {
    return this.query({ tranRef }, signalled(signal));
  }

  async invoiceOf(cartId: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const rows = await this.#invoices.search({ cartId }, signalled(signal));
    const own = rows.filter(({ cartId: told = cartId }) => told === cartId);
    const named = own.find(({ invoiceId }) => invoiceId !== undefined);
    if (named?.invoiceId !== undefined) return nameOfInvoice(named.invoiceId);
    if (own.length === 0) return undefined;
    const message = `${adviceFor('UNEXPECTED_REPLY')} (there is an invoice, and its number is not told)`;
    throw new PayTabsError('UNEXPECTED_REPLY', message, { cartId });
  }
}

/** A cart that nobody has: nothing is made by asking for it. */
const probedCart = 'paytabs-client.probe';

export const signalled = (signal: AbortSignal | undefined): CallOptions =>
  signal === undefined ? {} : { signal };
