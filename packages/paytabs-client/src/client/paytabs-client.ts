import { type CircuitBreaker, GuardedEmitter } from '@nestcms/circuit-breaker';
import type { Pool } from 'undici';
import { z } from 'zod';
import { isPayTabsError, PayTabsError } from '../errors.js';
import type { PayTabsEvents } from '../events.js';
import type { CartTransactions, Transaction } from '../gateway/transaction.js';
import type { Intent } from '../intents/intent.js';
import {
  type ChargeCardRequest,
  type ChargeManagedFormRequest,
  type ChargeTokenRequest,
  type ChargeWalletRequest,
  chargeCard,
  chargeManagedForm,
  chargeToken,
  chargeWallet,
} from '../operations/charges.js';
import {
  capture,
  extendAuthorisation,
  type FollowUpRequest,
  refund,
  release,
  voidHold,
} from '../operations/follow-ups.js';
import { type HostedPageRequest, hostedPage } from '../operations/hosted-page.js';
import {
  type QueryByCartRequest,
  type QueryRequest,
  queryByCartRequest,
  queryRequest,
} from '../operations/queries.js';
import { refuseTooLarge } from '../operations/request-fields.js';
import type { KeyedRequest, WriteSpec } from '../operations/write-spec.js';
import { type PayTabsClientOptions, type ResolvedOptions, resolveOptions } from '../options.js';
import { redactText } from '../redact.js';
import { makePool } from '../transport/make-pool.js';
import { emptyCart, readCart, readQueried } from './answers.js';
import { type CallOptions, checkSignal, signalOf } from './call-options.js';
import { GatewayCaller } from './gateway-caller.js';
import { IntentBook } from './intent-book.js';
import { makeBreaker } from './make-breaker.js';
import type { ChargeOutcome, FollowUpOutcome, PageOutcome } from './outcomes.js';
import {
  type EndHandler,
  type ReconcileOptions,
  type ReconcileReport,
  Reconciler,
} from './reconciler.js';
import { Writes } from './writes.js';

/**
 * A client of one merchant profile. Safe to share; make one per profile. Every method rejects with a
 * {@link PayTabsError} only.
 */
export class PayTabsClient {
  readonly events: GuardedEmitter<PayTabsEvents>;
  readonly breakers: { readonly read: CircuitBreaker; readonly write: CircuitBreaker };
  readonly #options: ResolvedOptions;
  readonly #caller: GatewayCaller;
  readonly #book: IntentBook;
  readonly #writes: Writes;
  readonly #reconciler: Reconciler;
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
    const { intents: store, clock, profileId, reconcile: rules } = resolved;
    this.#book = new IntentBook({ store, clock, rules, events: this.events });
    this.#writes = new Writes({ ...shared, caller: this.#caller, book: this.#book });
    this.#reconciler = new Reconciler({
      store,
      clock,
      profileId,
      book: this.#book,
      queries: {
        byCart: async (cartId, signal) => {
          const rows = await this.queryByCart({ cartId }, signalled(signal));
          return { rows, complete: rows.unreadable.length === 0 };
        },
        byReference: (tranRef, signal) => this.query({ tranRef }, signalled(signal)),
      },
    });
  }

  /** Asks for a page on which a shopper pays, or has an amount held. */
  createHostedPage(request: HostedPageRequest, call: CallOptions = {}): Promise<PageOutcome> {
    return this.#write(hostedPage, request, call) as Promise<PageOutcome>;
  }

  /**
   * Charges a card whose number your own server has seen. Needs the option `ownForm`, which says what that means for
   * you. @throws PayTabsError INVALID_OPTION without it: nothing was remembered, nothing sent
   */
  async chargeCard(request: ChargeCardRequest, call: CallOptions = {}): Promise<ChargeOutcome> {
    if (this.#options.ownForm === undefined) {
      const message =
        "ownForm: chargeCard puts your servers under PCI DSS SAQ D; give ownForm: 'iAmPciDssSaqD' to say that they are";
      throw new PayTabsError('INVALID_OPTION', message);
    }
    return this.#write(chargeCard, request, call);
  }

  /** Charges a card whose number went from the browser straight to the gateway (its managed form). */
  chargeManagedForm(
    request: ChargeManagedFormRequest,
    call: CallOptions = {},
  ): Promise<ChargeOutcome> {
    return this.#write(chargeManagedForm, request, call);
  }

  /** Charges a saved card while its owner is not there. The profile must be allowed to. */
  chargeToken(request: ChargeTokenRequest, call: CallOptions = {}): Promise<ChargeOutcome> {
    return this.#write(chargeToken, request, call);
  }

  /** Charges what Apple Pay or Samsung Pay has released. */
  chargeWallet(request: ChargeWalletRequest, call: CallOptions = {}): Promise<ChargeOutcome> {
    return this.#write(chargeWallet, request, call);
  }

  /** Takes money from a hold, all of it or a part. */
  capture(request: FollowUpRequest, call: CallOptions = {}): Promise<FollowUpOutcome> {
    return this.#write(capture, request, call) as Promise<FollowUpOutcome>;
  }

  /** Gives up a hold of which nothing was taken. The gateway may carry it out as a release. */
  void(request: FollowUpRequest, call: CallOptions = {}): Promise<FollowUpOutcome> {
    return this.#write(voidHold, request, call) as Promise<FollowUpOutcome>;
  }

  /** Gives up a hold, or what is left of it. */
  release(request: FollowUpRequest, call: CallOptions = {}): Promise<FollowUpOutcome> {
    return this.#write(release, request, call) as Promise<FollowUpOutcome>;
  }

  /**
   * Gives money back, fully or in part. A refusal of the gateway (118: more than is left) is an answer, not an error:
   * look at `status`, or at `describeTransaction`.
   */
  refund(request: FollowUpRequest, call: CallOptions = {}): Promise<FollowUpOutcome> {
    return this.#write(refund, request, call) as Promise<FollowUpOutcome>;
  }

  /** Makes a hold last longer. */
  extendAuthorisation(request: FollowUpRequest, call: CallOptions = {}): Promise<FollowUpOutcome> {
    return this.#write(extendAuthorisation, request, call) as Promise<FollowUpOutcome>;
  }

  /** The transaction as the gateway knows it now. Only this answer says "paid". */
  async query(request: QueryRequest, call: CallOptions = {}): Promise<Transaction> {
    const { tranRef } = this.#checked(queryRequest, request);
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
    const { cartId } = this.#checked(queryByCartRequest, request);
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

  /**
   * Looks once at every intent that is due: asks the gateway how it went, ends it when that is certain, and tells ends
   * that nobody has acknowledged. Asks only; never sends a request that moves money. Run it at the start and every few
   * seconds, in as many processes as you like.
   */
  async reconcile(options: ReconcileOptions = {}): Promise<ReconcileReport> {
    const checked = reconcileOptions.safeParse(options);
    if (!checked.success) throw refusal('INVALID_OPTION', 'reconcile', checked.error);
    this.#refuseClosed();
    const signal = checkSignal(options.signal);
    const round = { ...options, ...signalled(signal) };
    const report = await this.#stored(() => this.#reconciler.round(round));
    const { checked: asked, ended, told, failed } = report;
    const counts = { checked: asked, ended: ended.length, told, failed: failed.length };
    this.events.emit('reconciled', counts);
    return report;
  }

  /** Asks about one reference now, due or not, and gives its intent. @throws PayTabsError NOT_FOUND when it was never begun */
  async check(request: QueryByCartRequest, call: CallOptions = {}): Promise<Intent> {
    const { cartId } = this.#checked(queryByCartRequest, request);
    const signal = signalOf(call);
    return this.#stored(() => this.#reconciler.check(this.#key(cartId), signal), cartId);
  }

  /** What is known of a reference, without asking the gateway; undefined when it was never begun. */
  async findIntent(request: QueryByCartRequest): Promise<Intent | undefined> {
    const { cartId } = this.#checked(queryByCartRequest, request);
    return this.#stored(() => this.#options.intents.find(this.#key(cartId)), cartId);
  }

  /** Says that the own books hold this end, so that reconciling does not tell it (again). */
  async acknowledge(intent: Pick<Intent, 'cartId' | 'state'>): Promise<void> {
    const { cartId } = this.#checked(queryByCartRequest, { cartId: intent.cartId });
    const seen = { kind: 'acknowledged' as const, state: intent.state };
    await this.#stored(() => this.#book.fold(this.#key(cartId), seen), cartId);
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

  async #write<Schema extends z.ZodType<KeyedRequest>>(
    spec: WriteSpec<Schema>,
    request: unknown,
    call: CallOptions,
  ): Promise<ChargeOutcome> {
    const checked = this.#checked(spec.request, request);
    const { cartId, amount } = checked;
    refuseTooLarge(amount);
    const { operation } = spec;
    const { profileId } = this.#options;
    const type = spec.type(checked);
    const targetTranRef = spec.target?.(checked);
    const pageMinutes = spec.pageMinutes?.(checked);
    const amountRange = spec.range?.(checked);
    return this.#writes.perform({
      intent: {
        cartId,
        operation,
        type,
        amount,
        ...(amountRange === undefined ? {} : { amountRange }),
        ...(targetTranRef === undefined ? {} : { targetTranRef }),
        ...(pageMinutes === undefined ? {} : { pageLifeMs: pageMinutes * 60_000 }),
      },
      call: {
        operation,
        path: '/payment/request',
        body: JSON.stringify({ profile_id: profileId, tran_type: type, ...spec.body(checked) }),
        secrets: spec.secrets?.(checked) ?? [],
        signal: signalOf(call),
      },
      read: (answer) =>
        spec.read(answer, { profileId, cartId, amount, amountRange, type, targetTranRef }),
    });
  }

  #key(cartId: string) {
    return { profileId: this.#options.profileId, cartId };
  }

  /** @throws PayTabsError INTENT_STORE_FAILED in place of what a store throws */
  async #stored<Result>(work: () => Promise<Result>, cartId?: string): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (isPayTabsError(error)) throw error;
      const message = 'The intent could not be read or stored';
      throw new PayTabsError('INTENT_STORE_FAILED', message, { cartId, cause: error });
    }
  }

  #refuseClosed(): void {
    if (!this.#closed) return;
    throw new PayTabsError('GATEWAY_UNAVAILABLE', 'The client is closed: nothing was sent');
  }

  #checked<Schema extends z.ZodType>(schema: Schema, request: unknown): z.output<Schema> {
    this.#refuseClosed();
    const checked = schema.safeParse(request);
    if (checked.success) return checked.data;
    throw refusal('INVALID_REQUEST', 'request', checked.error);
  }
}

const reconcileOptions = z.strictObject({
  onEnded: z.custom<EndHandler>((value) => typeof value === 'function').optional(),
  limit: z.int().min(1).max(10_000).optional(),
  signal: z.unknown().optional(),
});

const signalled = (signal: AbortSignal | undefined): CallOptions =>
  signal === undefined ? {} : { signal };

function refusal(code: 'INVALID_REQUEST' | 'INVALID_OPTION', what: string, error: z.ZodError) {
  const [issue] = error.issues;
  const path = issue?.path.map(String).join('.') || what;
  // A name that is unknown is shown, and might be a value in the wrong place.
  return new PayTabsError(code, redactText(`${path}: ${issue?.message}`, 400));
}
