import { type CircuitBreaker, GuardedEmitter } from '@nestcms/circuit-breaker';
import { z } from 'zod';
import { isPayTabsError, PayTabsError } from '../errors.js';
import type { OperationKind, PayTabsEvents } from '../events.js';
import type { CartTransactions, Transaction } from '../gateway/transaction.js';
import type { Intent } from '../intents/intent.js';
import type { Expected } from '../notifications/check-binding.js';
import type { Confirmation, NoticeClaim } from '../notifications/confirm-notice.js';
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
  endRequest,
  type QueryByCartRequest,
  type QueryRequest,
  queryByCartRequest,
} from '../operations/queries.js';
import { type PayTabsClientOptions, type ResolvedOptions, resolveOptions } from '../options.js';
import { VeiledPool } from '../transport/veiled-pool.js';
import { Agreements } from './agreements.js';
import { Asking, signalled } from './asking.js';
import { type CallOptions, checkSignal, signalOf } from './call-options.js';
import { CallReports } from './call-reports.js';
import { Confirming } from './confirming.js';
import { Desk, refusal } from './desk.js';
import { GatewayCaller } from './gateway-caller.js';
import { IntentBook } from './intent-book.js';
import { Invoices } from './invoices.js';
import { Lane } from './lane.js';
import { Links } from './links.js';
import { makeBreaker } from './make-breaker.js';
import { ModeGuard } from './mode-guard.js';
import type { ChargeOutcome, FollowUpOutcome, PageOutcome } from './outcomes.js';
import { type ReconcileLoopOptions, ReconcileLoops } from './reconcile-loop.js';
import {
  type EndHandler,
  type ReconcileOptions,
  type ReconcileReport,
  Reconciler,
  type RoundOptions,
} from './reconciler.js';
import { Running } from './running.js';
import { Sadad } from './sadad.js';
import { Tokens } from './tokens.js';
import { triesOf } from './tries.js';
import { Valu } from './valu.js';
import { Writes } from './writes.js';

/**
 * A client of one merchant profile. Safe to share; make one per profile. Every method rejects with a
 * {@link PayTabsError} only.
 */
export class PayTabsClient {
  readonly events: GuardedEmitter<PayTabsEvents>;
  /** Saved cards. */
  readonly tokens: Tokens;
  readonly invoices: Invoices;
  /** Pages that anybody can pay by, any number of times. */
  readonly links: Links;
  /** Instalments that the gateway takes by itself. */
  readonly agreements: Agreements;
  /** Bills that are paid at a bank in Saudi Arabia. */
  readonly sadad: Sadad;
  /** Instalments of a lender in Egypt. */
  readonly valu: Valu;
  readonly breakers: { readonly read: CircuitBreaker; readonly write: CircuitBreaker };
  readonly #options: ResolvedOptions;
  readonly #asking: Asking;
  readonly #book: IntentBook;
  readonly #confirming: Confirming;
  readonly #desk: Desk;
  readonly #reconciler: Reconciler;
  readonly #pool: VeiledPool | undefined;
  readonly #loops: ReconcileLoops;
  readonly #running = new Running();
  readonly #stopTelling: () => void;

  /** @throws PayTabsError INVALID_OPTION */
  constructor(options: PayTabsClientOptions) {
    const resolved = resolveOptions(options);
    this.#options = resolved;
    const { onListenerError } = resolved;
    this.events = new GuardedEmitter(onListenerError === undefined ? {} : { onListenerError });
    const shared = { options: resolved, events: this.events, running: this.#running };
    const read = makeBreaker('read', shared);
    const write = makeBreaker('write', shared);
    this.breakers = Object.freeze({ read: read.breaker, write: write.breaker });
    this.#stopTelling = () => {
      read.stopTelling();
      write.stopTelling();
    };
    const { clock, serverKey } = resolved;
    const reports = new CallReports({ clock, serverKey, events: this.events });
    const laneOf = (kind: OperationKind, breaker: CircuitBreaker) =>
      new Lane(kind, {
        options: resolved,
        breaker,
        retry: triesOf(kind, { options: resolved, reports }),
      });
    const lanes = { read: laneOf('read', read.breaker), write: laneOf('write', write.breaker) };
    this.#pool = resolved.dispatcher === undefined ? new VeiledPool(resolved) : undefined;
    const dispatcher = resolved.dispatcher ?? (this.#pool as VeiledPool);
    const sends = { options: resolved, dispatcher, lanes, reports, running: this.#running };
    const caller = new GatewayCaller(sends);
    const { intents: store, profileId, reconcile: rules } = resolved;
    this.#book = new IntentBook({ store, clock, rules, events: this.events });
    const parts = { ...shared, caller, book: this.#book };
    const guard = new ModeGuard({
      expected: resolved.expect,
      isForgetful: resolved.isForgetful,
      events: this.events,
    });
    this.#desk = new Desk({ ...parts, guard, writes: new Writes(parts) });
    this.tokens = new Tokens(this.#desk);
    this.invoices = new Invoices(this.#desk);
    this.links = new Links(this.#desk);
    this.agreements = new Agreements(this.#desk);
    this.sadad = new Sadad(this.#desk);
    this.valu = new Valu(this.#desk);
    const { invoices } = this;
    this.#asking = new Asking({ desk: this.#desk, caller, invoices, guard });
    const queries = this.#asking;
    this.#confirming = new Confirming({ ...parts, desk: this.#desk, asking: this.#asking });
    const tellTimeoutMs = resolved.timeoutMs;
    const asked = { store, clock, profileId, book: this.#book, queries, tellTimeoutMs };
    this.#reconciler = new Reconciler(asked);
    const round = (each: RoundOptions) => this.#round(each);
    this.#loops = new ReconcileLoops({ clock, onListenerError, round });
  }

  /** Asks for a page on which a shopper pays, or has an amount held. */
  createHostedPage(request: HostedPageRequest, call: CallOptions = {}): Promise<PageOutcome> {
    return this.#desk.perform(hostedPage, request, call) as Promise<PageOutcome>;
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
    return this.#desk.perform(chargeCard, request, call);
  }

  /** Charges a card whose number went from the browser straight to the gateway (its managed form). */
  chargeManagedForm(
    request: ChargeManagedFormRequest,
    call: CallOptions = {},
  ): Promise<ChargeOutcome> {
    return this.#desk.perform(chargeManagedForm, request, call);
  }

  /** Charges a saved card while its owner is not there. The profile must be allowed to. */
  chargeToken(request: ChargeTokenRequest, call: CallOptions = {}): Promise<ChargeOutcome> {
    return this.#desk.perform(chargeToken, request, call);
  }

  /** Charges what Apple Pay or Samsung Pay has released. */
  chargeWallet(request: ChargeWalletRequest, call: CallOptions = {}): Promise<ChargeOutcome> {
    return this.#desk.perform(chargeWallet, request, call);
  }

  /** Takes money from a hold, all of it or a part. */
  capture(request: FollowUpRequest, call: CallOptions = {}): Promise<FollowUpOutcome> {
    return this.#desk.perform(capture, request, call) as Promise<FollowUpOutcome>;
  }

  /** Gives up a hold of which nothing was taken. The gateway may carry it out as a release. */
  void(request: FollowUpRequest, call: CallOptions = {}): Promise<FollowUpOutcome> {
    return this.#desk.perform(voidHold, request, call) as Promise<FollowUpOutcome>;
  }

  /** Gives up a hold, or what is left of it. */
  release(request: FollowUpRequest, call: CallOptions = {}): Promise<FollowUpOutcome> {
    return this.#desk.perform(release, request, call) as Promise<FollowUpOutcome>;
  }

  /**
   * Gives money back, fully or in part. A refusal of the gateway (118: more than is left) is an answer, not an error:
   * look at `status`, or at `describeTransaction`.
   */
  refund(request: FollowUpRequest, call: CallOptions = {}): Promise<FollowUpOutcome> {
    return this.#desk.perform(refund, request, call) as Promise<FollowUpOutcome>;
  }

  /** Makes a hold last longer. */
  extendAuthorisation(request: FollowUpRequest, call: CallOptions = {}): Promise<FollowUpOutcome> {
    return this.#desk.perform(extendAuthorisation, request, call) as Promise<FollowUpOutcome>;
  }

  /** The transaction as the gateway knows it now. Only this answer says "paid". */
  query(request: QueryRequest, call: CallOptions = {}): Promise<Transaction> {
    return this.#asking.query(request, call);
  }

  /**
   * All tries under one reference, newest first; none found is an empty list. Rows that this version cannot read are
   * told in `unreadable`; if one of them may be the only one with money, the call rejects with UNEXPECTED_REPLY.
   */
  queryByCart(request: QueryByCartRequest, call: CallOptions = {}): Promise<CartTransactions> {
    return this.#asking.queryByCart(request, call);
  }

  /**
   * Asks the gateway whether it takes this region, profile and key; for the start of a process. Makes and moves nothing.
   * Rejects with AUTHENTICATION_FAILED when it does not, and as any read does when nobody can be asked.
   */
  probe(call: CallOptions = {}): Promise<void> {
    return this.#asking.probe(call);
  }

  /**
   * Decides what a notice is worth: compares it with the own books, asks the gateway, and compares the answer. Only what
   * comes back as confirmed may be acted on. What was found goes into the reference's intent, if it has one.
   */
  confirm(notice: NoticeClaim, expected: Expected, call: CallOptions = {}): Promise<Confirmation> {
    return this.#confirming.confirm({ notice, expected }, call);
  }

  /**
   * Looks once at every intent that is due: asks the gateway how it went, ends it when that is certain, and tells ends
   * that nobody has acknowledged. Asks only; never sends a request that moves money. Run it at the start and every few
   * seconds, in as many processes as you like.
   */
  async reconcile(options: ReconcileOptions = {}): Promise<ReconcileReport> {
    const checked = reconcileOptions.safeParse(options);
    if (!checked.success) throw refusal('INVALID_OPTION', 'reconcile', checked.error);
    const signal = checkSignal(options.signal);
    return this.#round({ ...options, ...signalled(signal) });
  }

  /**
   * Reconciles now, and again `everyMs` after each round, on the client's clock. Two rounds of it never run at once.
   * @returns stops it: nothing more is begun, and what is being asked and told is waited for; `close()` does so too
   * @throws PayTabsError INVALID_OPTION, or GATEWAY_UNAVAILABLE once closed
   */
  startReconciling(options: ReconcileLoopOptions): () => Promise<void> {
    this.#desk.refuseClosed();
    return this.#loops.start(options);
  }

  /** Asks about one reference now, due or not, and gives its intent. @throws PayTabsError NOT_FOUND when it was never begun */
  async check(request: QueryByCartRequest, call: CallOptions = {}): Promise<Intent> {
    const { cartId } = this.#desk.checked(queryByCartRequest, request);
    const signal = signalOf(call);
    return this.#stored(() => this.#reconciler.check(this.#key(cartId), signal), cartId);
  }

  /** What is known of a reference, without asking the gateway; undefined when it was never begun. */
  async findIntent(request: QueryByCartRequest): Promise<Intent | undefined> {
    const { cartId } = this.#desk.checked(queryByCartRequest, request);
    return this.#stored(() => this.#options.intents.find(this.#key(cartId)), cartId);
  }

  /** Says that the own books hold this end, so that reconciling does not tell it (again). */
  async acknowledge(intent: Pick<Intent, 'cartId' | 'state'>): Promise<void> {
    const { cartId } = this.#desk.checked(endRequest, intent);
    const seen = { kind: 'acknowledged' as const, state: intent.state };
    await this.#stored(() => this.#book.fold(this.#key(cartId), seen), cartId);
  }

  /**
   * Stops reconciling, waits for running calls, until what came of them is stored (at most `timeoutMs` and
   * `settleTimeoutMs`), and closes the connections. A dispatcher that was passed in stays open.
   */
  async close(): Promise<void> {
    while (this.#loops.isRunning) await this.#loops.stop();
    if (!this.#desk.close()) return;
    await this.#running.idle();
    await this.#pool?.close();
    this.#stopTelling();
  }

  get profileId(): number {
    return this.#options.profileId;
  }

  /** For logs: says which profile and host, nothing more. */
  toJSON(): Record<string, unknown> {
    const { profileId, origin } = this.#options;
    return { name: 'PayTabsClient', profileId, origin };
  }

  async #round(options: RoundOptions): Promise<ReconcileReport> {
    this.#desk.refuseClosed();
    const report = await this.#stored(() => this.#reconciler.round(options));
    const { checked, ended, told, failed } = report;
    const counts = { checked, ended: ended.length, told, failed: failed.length };
    this.events.emit('reconciled', counts);
    return report;
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
}

const reconcileOptions = z.strictObject({
  onEnded: z
    .custom<EndHandler>((value) => typeof value === 'function', 'must be a function')
    .optional(),
  limit: z.int().min(1).max(10_000).optional(),
  signal: z.unknown().optional(),
});
