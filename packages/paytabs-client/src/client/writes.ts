import { type GuardedEmitter, isCircuitBreakerError, withTimeout } from '@nestcms/circuit-breaker';
import { isPayTabsError, PayTabsError } from '../errors.js';
import type { PayTabsEvents } from '../events.js';
import type { IntentOutcome, NewIntent } from '../intents/intent.js';
import type { ResolvedOptions } from '../options.js';
import type { Answer, GatewayCall, GatewayCaller } from './gateway-caller.js';

/** What a write is: the intent to remember, the call to make, and how to read its answer. */
export interface Write<Result> {
  readonly intent: Omit<NewIntent, 'profileId' | 'begunAt'>;
  readonly call: GatewayCall;
  /** @throws PayTabsError OUTCOME_UNKNOWN when the answer does not answer this request */
  readonly read: (answer: Answer) => { result: Result; outcome: IntentOutcome };
}

/**
 * The order that keeps a payment from being lost or made twice: remember, send once, settle. An unknown end leaves
 * the intent open.
 */
export class Writes {
  readonly #options: ResolvedOptions;
  readonly #caller: GatewayCaller;
  readonly #events: GuardedEmitter<PayTabsEvents>;

  constructor(parts: {
    options: ResolvedOptions;
    caller: GatewayCaller;
    events: GuardedEmitter<PayTabsEvents>;
  }) {
    this.#options = parts.options;
    this.#caller = parts.caller;
    this.#events = parts.events;
  }

  /** Rejects with a PayTabsError only. */
  async perform<Result>(write: Write<Result>): Promise<Result> {
    const { cartId } = write.intent;
    const endsAt = this.#options.clock.now() + this.#options.timeoutMs;
    if (write.call.signal?.aborted) {
      throw new PayTabsError('ABORTED', 'The caller aborted the call', { cartId });
    }
    // Checked first, so that an outage does not use up references.
    this.#caller.refuseWhileClosedOff(write.call);
    await this.#begin(write);
    let attempt = 1;
    const onAttempt = (number: number) => {
      attempt = number;
    };
    try {
      const answer = await this.#caller.call({ ...write.call, endsAt, onAttempt });
      const { result, outcome } = write.read(answer);
      await this.#settle(cartId, outcome);
      return result;
    } catch (error) {
      if (isPayTabsError(error)) await this.#afterError(error, write, attempt);
      throw error;
    }
  }

  async #begin({ intent, call }: Write<unknown>): Promise<void> {
    const { clock, intents, profileId, timeoutMs } = this.#options;
    const { cartId } = intent;
    let begun: Promise<void> | undefined;
    const begin = () => {
      begun = intents.begin({ ...intent, profileId, begunAt: new Date(clock.wallTime()) });
      return begun;
    };
    try {
      await withTimeout(begin, { timeoutMs, signal: call.signal, clock });
    } catch (error) {
      if (isPayTabsError(error, 'REFERENCE_REUSED')) throw error;
      const aborted = isCircuitBreakerError(error, 'ABORTED');
      if (aborted || isCircuitBreakerError(error, 'TIMEOUT')) {
        // Given up on, but it may still get there.
        begun?.then(() => this.#settle(cartId, { kind: 'notSent' })).catch(() => undefined);
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

  async #afterError(
    error: PayTabsError,
    { intent, call }: Write<unknown>,
    attempt: number,
  ): Promise<void> {
    const { cartId } = intent;
    switch (error.code) {
      case 'OUTCOME_UNKNOWN':
      case 'DUPLICATE_REQUEST': {
        const { operation, kind } = call;
        const tranRef = error.tranRef === undefined ? {} : { tranRef: error.tranRef };
        this.#events.emit('outcomeUnknown', { operation, kind, cartId, attempt, ...tranRef });
        return;
      }
      case 'GATEWAY_UNAVAILABLE':
      case 'ABORTED':
        return this.#settle(cartId, { kind: 'notSent' });
      default: {
        const { code, gatewayCode } = error;
        const more = gatewayCode === undefined ? {} : { gatewayCode };
        return this.#settle(cartId, { kind: 'refused', code, ...more });
      }
    }
  }

  /** The end is known: a store that fails now must not turn it into an error. The intent stays open and is asked for later. */
  async #settle(cartId: string, outcome: IntentOutcome): Promise<void> {
    const { clock, intents, settleTimeoutMs: timeoutMs } = this.#options;
    const settledAt = new Date(clock.wallTime());
    try {
      await withTimeout(() => intents.settle(cartId, { outcome, settledAt }), { timeoutMs, clock });
    } catch (error) {
      this.#events.emit('intentNotSettled', { cartId, error });
    }
  }
}
