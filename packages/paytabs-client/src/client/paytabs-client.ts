import { type CircuitBreaker, GuardedEmitter } from '@nestcms/circuit-breaker';
import type { Pool } from 'undici';
import type { z } from 'zod';
import { isPayTabsError, PayTabsError } from '../errors.js';
import type { PayTabsEvents } from '../events.js';
import {
  type HostedPageRequest,
  hostedPageRequest,
  type QueryByCartRequest,
  type QueryRequest,
  queryByCartRequest,
  queryRequest,
  type RefundRequest,
  refundRequest,
  refuseTooLarge,
} from '../gateway/requests.js';
import type { CartTransactions, HostedPage, Transaction } from '../gateway/transaction.js';
import { type PayTabsClientOptions, type ResolvedOptions, resolveOptions } from '../options.js';
import { makePool } from '../transport/make-pool.js';
import { emptyCart, readCart, readHostedPage, readQueried, readRefund } from './answers.js';
import { GatewayCaller } from './gateway-caller.js';
import { makeBreaker } from './make-breaker.js';
import { hostedPageBody, refundBody } from './request-bodies.js';
import { Writes } from './writes.js';

/** What every call takes besides its request. */
export interface CallOptions {
  /** Ends the call. A write that was already sent then ends as OUTCOME_UNKNOWN. */
  readonly signal?: AbortSignal;
}

/** @throws PayTabsError INVALID_OPTION */
function signalOf(call: unknown): AbortSignal | undefined {
  const refuse = (message: string) => new PayTabsError('INVALID_OPTION', message);
  if (typeof call !== 'object' || call === null) throw refuse('call: must be an object');
  const unknown = Object.keys(call).find((name) => name !== 'signal');
  if (unknown !== undefined) throw refuse(`call.${unknown}: is unknown (known: signal)`);
  const { signal } = call as { signal?: Partial<AbortSignal> };
  if (signal === undefined) return undefined;
  const fits = typeof signal?.aborted === 'boolean' && signal.addEventListener !== undefined;
  if (!fits) throw refuse('call.signal: must be an AbortSignal');
  return signal as AbortSignal;
}

/**
 * A client of one merchant profile. Safe to share; make one per profile. Every method rejects with a
 * {@link PayTabsError} only.
 */
export class PayTabsClient {
  readonly events: GuardedEmitter<PayTabsEvents>;
  readonly breakers: { readonly read: CircuitBreaker; readonly write: CircuitBreaker };
  readonly #options: ResolvedOptions;
  readonly #caller: GatewayCaller;
  readonly #writes: Writes;
  readonly #pool: Pool | undefined;
  readonly #stopTelling: () => void;
  #closed = false;

  /** @throws PayTabsError INVALID_OPTION */
  constructor(options: PayTabsClientOptions) {
    const resolved = resolveOptions(options);
    this.#options = resolved;
    const { onListenerError } = resolved;
    this.events = new GuardedEmitter(onListenerError === undefined ? {} : { onListenerError });
    const shared = { options: resolved, events: this.events };
    const read = makeBreaker('read', shared);
    const write = makeBreaker('write', shared);
    this.breakers = Object.freeze({ read: read.breaker, write: write.breaker });
    this.#stopTelling = () => {
      read.stopTelling();
      write.stopTelling();
    };
    this.#pool = resolved.dispatcher === undefined ? makePool(resolved) : undefined;
    const dispatcher = resolved.dispatcher ?? (this.#pool as Pool);
    this.#caller = new GatewayCaller({ ...shared, dispatcher, breakers: this.breakers });
    this.#writes = new Writes({ ...shared, caller: this.#caller });
  }

  /** Asks for a page on which a customer pays. The intent is stored before anything is sent. */
  async createHostedPage(request: HostedPageRequest, call: CallOptions = {}): Promise<HostedPage> {
    const checked = this.#check(hostedPageRequest, request);
    refuseTooLarge(checked.amount);
    const signal = signalOf(call);
    const { cartId, amount, type } = checked;
    return this.#writes.perform({
      intent: { cartId, operation: 'createHostedPage', type, amount },
      call: {
        operation: 'createHostedPage',
        kind: 'write',
        path: '/payment/request',
        body: hostedPageBody(this.#options.profileId, checked),
        cartId,
        signal,
      },
      read: (answer) => {
        const result = readHostedPage(answer, checked);
        return { result, outcome: { kind: 'answered', tranRef: result.tranRef } };
      },
    });
  }

  /**
   * Gives money back, fully or in part. A refusal of the gateway (118: more than is left) is an answer, not an error:
   * look at `status`, or at `describeTransaction`.
   */
  async refund(request: RefundRequest, call: CallOptions = {}): Promise<Transaction> {
    const checked = this.#check(refundRequest, request);
    refuseTooLarge(checked.amount);
    const signal = signalOf(call);
    const { cartId, amount, tranRef } = checked;
    return this.#writes.perform({
      intent: {
        cartId,
        operation: 'refund',
        type: 'refund',
        amount,
        targetTranRef: tranRef,
      },
      call: {
        operation: 'refund',
        kind: 'write',
        path: '/payment/request',
        body: refundBody(this.#options.profileId, checked),
        cartId,
        signal,
      },
      read: (answer) => {
        const result = readRefund(answer, { ...checked, profileId: this.#options.profileId });
        const { tranRef: own, status } = result;
        return { result, outcome: { kind: 'answered', tranRef: own, status } };
      },
    });
  }

  /** The transaction as the gateway knows it now. Only this answer says "paid". */
  async query(request: QueryRequest, call: CallOptions = {}): Promise<Transaction> {
    const { tranRef } = this.#check(queryRequest, request);
    const signal = signalOf(call);
    const answer = await this.#caller.call({
      operation: 'query',
      kind: 'read',
      path: '/payment/query',
      body: JSON.stringify({ profile_id: this.#options.profileId, tran_ref: tranRef }),
      tranRef,
      signal,
    });
    return readQueried(answer, { tranRef });
  }

  /**
   * All tries under one reference, newest first; none found is an empty list. Rows that this version cannot read are
   * told in `unreadable`; if one of them may be the only one with money, the call rejects with UNEXPECTED_REPLY.
   */
  async queryByCart(
    request: QueryByCartRequest,
    call: CallOptions = {},
  ): Promise<CartTransactions> {
    const { cartId } = this.#check(queryByCartRequest, request);
    const signal = signalOf(call);
    try {
      const answer = await this.#caller.call({
        operation: 'queryByCart',
        kind: 'read',
        path: '/payment/query',
        body: JSON.stringify({ profile_id: this.#options.profileId, cart_id: cartId }),
        cartId,
        signal,
      });
      return readCart(answer, { cartId });
    } catch (error) {
      if (isPayTabsError(error, 'NOT_FOUND')) return emptyCart;
      throw error;
    }
  }

  /** Waits for running calls and closes the connections. A dispatcher that was passed in stays open. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool?.close();
    this.#stopTelling();
  }

  /** For logs: says which profile and host, nothing more. */
  toJSON(): Record<string, unknown> {
    const { profileId, origin } = this.#options;
    return { name: 'PayTabsClient', profileId, origin };
  }

  #check<Schema extends z.ZodType>(schema: Schema, request: unknown): z.output<Schema> {
    if (this.#closed) {
      throw new PayTabsError('GATEWAY_UNAVAILABLE', 'The client is closed: nothing was sent');
    }
    const checked = schema.safeParse(request);
    if (checked.success) return checked.data;
    const [issue] = checked.error.issues;
    const name = issue?.path.map(String).join('.') || 'request';
    throw new PayTabsError('INVALID_REQUEST', `${name}: ${issue?.message}`);
  }
}
