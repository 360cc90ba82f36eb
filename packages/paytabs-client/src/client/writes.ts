import { type GuardedEmitter, isCircuitBreakerError, withTimeout } from '@nestcms/circuit-breaker';
import { isPayTabsError, PayTabsError } from '../errors.js';
import type { PayTabsEvents } from '../events.js';
import type { HostedPage, Transaction } from '../gateway/transaction.js';
import { withRaw } from '../gateway/with-raw.js';
import { beginIntent, maySend } from '../intents/begin-intent.js';
import type { Intent, IntentSubject, UnknownReason } from '../intents/intent.js';
import type { ResolvedOptions } from '../options.js';
import type { GatewayCall, GatewayCaller } from './gateway-caller.js';
import type { IntentBook, Seen } from './intent-book.js';
import type { ChargeOutcome, OutcomeUnknown } from './outcomes.js';
import { adviceFor } from './reply-error.js';
import type { Running } from './running.js';

/** What an answer says about the request it came to. */
export type Reading<Opened = never> =
  | { readonly kind: 'page'; readonly page: HostedPage }
  | { readonly kind: 'completed'; readonly transaction: Transaction }
  /** Somebody may pay by it from now on: an invoice, a bill. `tranRef` names it. */
  | { readonly kind: 'opened'; readonly tranRef: string; readonly result: Opened }
  /** It is about something else, or leaves the end open. */
  | {
      readonly kind: 'unclear';
      readonly why: string;
      readonly reason: UnknownReason;
      readonly tranRef?: string | undefined;
    };

/** What a write is: the intent to remember, the call to make, and how it is sent and its answer read. */
export interface Write<Opened = never> {
  readonly intent: Omit<IntentSubject, 'profileId' | 'begunAt' | 'sendBefore'>;
  readonly call: Omit<GatewayCall, 'endsAt' | 'onAttempt' | 'maySend' | 'kind' | 'cartId'>;
  readonly send: (call: GatewayCall) => Promise<Reading<Opened>>;
}

/**
 * The order that keeps a payment from being lost or made twice: remember, send once, remember what came of it. An
 * unknown end leaves the intent open.
 */
export class Writes {
  readonly #options: ResolvedOptions;
  readonly #caller: GatewayCaller;
  readonly #book: IntentBook;
  readonly #events: GuardedEmitter<PayTabsEvents>;
  readonly #running: Running;

  constructor(parts: {
    options: ResolvedOptions;
    caller: GatewayCaller;
    book: IntentBook;
    events: GuardedEmitter<PayTabsEvents>;
    running: Running;
  }) {
    this.#options = parts.options;
    this.#caller = parts.caller;
    this.#book = parts.book;
    this.#events = parts.events;
    this.#running = parts.running;
  }

  /** Rejects with a PayTabsError only, and only when nothing was done. */
  perform<Opened = never>(write: Write<Opened>): Promise<ChargeOutcome | Opened> {
    return this.#running.track(this.#perform(write));
  }

  async #perform<Opened>(write: Write<Opened>): Promise<ChargeOutcome | Opened> {
    const { cartId } = write.intent;
    const endsAt = this.#options.clock.now() + this.#options.timeoutMs;
    const call = { ...write.call, kind: 'write' as const, cartId, endsAt };
    if (call.signal?.aborted) {
      throw new PayTabsError('ABORTED', 'The caller aborted the call', { cartId });
    }
    // Checked first, so that an outage does not use up references.
    this.#caller.refuseWhileClosedOff(call);
    const intent = this.#intentOf(write);
    await this.#begin(intent, call);
    let attempt = 1;
    let reading: Reading<Opened>;
    try {
      reading = await write.send({
        ...call,
        onAttempt: (number) => {
          attempt = number;
        },
        maySend: () =>
          this.#options.clock.now() < endsAt &&
          maySend(intent, new Date(this.#options.clock.wallTime())),
      });
    } catch (error) {
      if (!isPayTabsError(error)) throw error;
      const unknown = unknownOf(error, cartId);
      if (unknown !== undefined) return this.#leaveOpen(unknown, { intent, attempt });
      await this.#remember(intent, seenOfError(error));
      throw error;
    }
    return this.#conclude(reading, { intent, attempt });
  }

  #intentOf({ intent }: Pick<Write, 'intent'>): Intent {
    const { clock, profileId, timeoutMs, reconcile } = this.#options;
    const begunAt = new Date(clock.wallTime());
    const sendBefore = new Date(begunAt.getTime() + timeoutMs);
    return beginIntent({ ...intent, profileId, begunAt, sendBefore }, reconcile);
  }

  async #begin(intent: Intent, { signal }: { signal?: AbortSignal | undefined }): Promise<void> {
    const { clock, intents, timeoutMs } = this.#options;
    const { cartId } = intent;
    let begun: Promise<void> | undefined;
    const begin = () => {
      begun = intents.begin(intent);
      return begun;
    };
    try {
      await withTimeout(begin, { timeoutMs, signal, clock });
    } catch (error) {
      if (isPayTabsError(error, 'REFERENCE_REUSED')) throw error;
      const aborted = isCircuitBreakerError(error, 'ABORTED');
      if (aborted || isCircuitBreakerError(error, 'TIMEOUT')) {
        // Given up on, but it may still get there.
        begun?.then(() => this.#remember(intent, { kind: 'notSent' })).catch(() => undefined);
      }
      if (aborted) {
        const message =
          'The caller aborted the call: nothing was sent, though the intent may be stored';
        throw new PayTabsError('ABORTED', message, { cartId });
      }
      const message = 'The intent could not be stored, so nothing was sent';
      throw new PayTabsError('INTENT_STORE_FAILED', message, { cartId, cause: error });
    }
  }

  async #conclude<Opened>(
    reading: Reading<Opened>,
    about: { intent: Intent; attempt: number },
  ): Promise<ChargeOutcome | Opened> {
    const { cartId } = about.intent;
    switch (reading.kind) {
      case 'unclear': {
        const { why, reason, tranRef } = reading;
        const message = `${adviceFor('OUTCOME_UNKNOWN')} (${why})`;
        const error = new PayTabsError('OUTCOME_UNKNOWN', message, { cartId, tranRef });
        return this.#leaveOpen(unknownResult({ cartId, reason, tranRef, error }), about);
      }
      case 'completed': {
        const { transaction } = reading;
        await this.#remember(about.intent, { kind: 'answered', row: transaction });
        return Object.freeze({ kind: 'completed', cartId, transaction });
      }
      case 'page': {
        const { tranRef } = reading.page;
        const intent = await this.#remember(about.intent, { kind: 'paged', tranRef });
        if (isGivenUp(intent)) {
          const message =
            'The page came after the reference was given up: it is not shown to anybody, nothing was charged';
          throw new PayTabsError('GATEWAY_UNAVAILABLE', message, { cartId, tranRef });
        }
        return withRaw({ kind: 'page' as const, ...reading.page }, reading.page.raw);
      }
      case 'opened': {
        const { tranRef, result } = reading;
        const intent = await this.#remember(about.intent, { kind: 'paged', tranRef });
        if (!isGivenUp(intent)) return result;
        // It can be paid without the caller, so it is not nothing.
        const message = `${adviceFor('OUTCOME_UNKNOWN')} (it came after the reference was given up: cancel it)`;
        const error = new PayTabsError('OUTCOME_UNKNOWN', message, { cartId, tranRef });
        const reason = 'unclearAnswer';
        return this.#leaveOpen(unknownResult({ cartId, reason, tranRef, error }), about);
      }
    }
  }

  async #leaveOpen(
    unknown: OutcomeUnknown,
    { intent, attempt }: { intent: Intent; attempt: number },
  ): Promise<OutcomeUnknown> {
    const { cartId, operation } = intent;
    const { reason, tranRef } = unknown;
    const more = tranRef === undefined ? {} : { tranRef };
    await this.#remember(intent, { kind: 'lost', reason, ...more });
    this.#events.emit('outcomeUnknown', { operation, kind: 'write', cartId, attempt, ...more });
    return unknown;
  }

  /** What was seen is known: a store that fails now must not turn it into an error. The intent is asked for later. */
  async #remember(intent: Intent, seen: Seen): Promise<Intent | undefined> {
    const { settleTimeoutMs: timeoutMs } = this.#options;
    const { profileId, cartId } = intent;
    try {
      return await this.#book.foldWithin({ profileId, cartId }, seen, { timeoutMs, known: intent });
    } catch (error) {
      this.#events.emit('intentNotSettled', { cartId, error });
      return undefined;
    }
  }
}

/** Somebody was told that nothing moved and may have begun another try. */
const isGivenUp = (intent: Intent | undefined): boolean =>
  intent?.state.name === 'notFound' || intent?.state.name === 'notSent';

const unknownResult = ({
  tranRef,
  ...rest
}: Omit<OutcomeUnknown, 'kind' | 'tranRef'> & {
  readonly tranRef?: string | undefined;
}): OutcomeUnknown =>
  Object.freeze({ kind: 'unknown', ...rest, ...(tranRef === undefined ? {} : { tranRef }) });

/** The result for an error that does not say that nothing was done. */
function unknownOf(error: PayTabsError, cartId: string): OutcomeUnknown | undefined {
  const { code, tranRef, httpStatus } = error;
  if (code === 'DUPLICATE_REQUEST') {
    return unknownResult({ cartId, reason: 'duplicate', tranRef, error });
  }
  if (code !== 'OUTCOME_UNKNOWN') return undefined;
  const reason = httpStatus === undefined ? 'noAnswer' : 'unclearAnswer';
  return unknownResult({ cartId, reason, tranRef, error });
}

/** What an error proves: no byte left, or the gateway refused. */
function seenOfError({ code, gatewayCode }: PayTabsError): Seen {
  if (code === 'GATEWAY_UNAVAILABLE' || code === 'ABORTED') return { kind: 'notSent' };
  return { kind: 'refused', code, ...(gatewayCode === undefined ? {} : { gatewayCode }) };
}
