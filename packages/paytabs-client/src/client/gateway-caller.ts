import {
  idempotent,
  isCircuitBreakerError,
  type OperationContext,
  withTimeout,
} from '@nestcms/circuit-breaker';
import { PayTabsError } from '../errors.js';
import type { Operation, OperationKind } from '../events.js';
import {
  type AnyReply,
  type FailureReply,
  type OtherReply,
  type Reader,
  type Reply,
  readReply,
} from '../gateway/reply.js';
import { hideLongSecrets } from '../hide-secrets.js';
import type { ResolvedOptions } from '../options.js';
import { keyRemover, redact } from '../redact.js';
import {
  type AnyDispatcher,
  exchange,
  type Progress,
  TransportError,
} from '../transport/exchange.js';
import type { Begun, CallReports } from './call-reports.js';
import { FailedTry } from './failed-try.js';
import { judgeReply } from './judge-reply.js';
import type { Lane } from './lane.js';
import { adviceFor, errorFromReply } from './reply-error.js';
import type { Running } from './running.js';

/** One call of the client, before it becomes HTTP. */
export interface GatewayCall {
  readonly operation: Operation;
  readonly kind: OperationKind;
  /** Default: POST. */
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly path: `/payment/${string}`;
  readonly body?: string;
  /** What of the request must show nowhere, whoever echoes it. */
  readonly secrets?: readonly string[];
  /** Default: JSON alone. */
  readonly accept?: string;
  /** Default: the client's `maxReplyBytes`. */
  readonly maxReplyBytes?: number;
  readonly cartId?: string;
  readonly tranRef?: string;
  readonly signal?: AbortSignal | undefined;
  /** When the whole operation must be over, on the client's clock. Default: `timeoutMs` from now. */
  readonly endsAt?: number;
  /** Told the number of each try before it begins. */
  readonly onAttempt?: (attempt: number) => void;
  /** Asked in the moment before the first byte of each try; `false`: nothing is sent. */
  readonly maySend?: () => boolean;
}

/** A reply that answers the request. */
export type Answer = Exclude<Reply, FailureReply>;

/** What the tries of one call share. */
interface Journey<Each extends AnyReply> {
  readonly call: GatewayCall;
  readonly reader: Reader<Each>;
  readonly progress: Progress;
  /** Tries that were told as begun. */
  attempts: number;
  /** The try that was told as begun, and not yet as ended. */
  begun: Begun | undefined;
}

/** Carries calls through time limit, retry, bulkhead, breaker and transport, in this order from the outside. */
export class GatewayCaller {
  readonly #options: ResolvedOptions;
  readonly #dispatcher: AnyDispatcher;
  readonly #lanes: Readonly<Record<OperationKind, Lane>>;
  readonly #reports: CallReports;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #withoutKey: (text: string) => string;
  readonly #running: Running;

  constructor(parts: {
    options: ResolvedOptions;
    dispatcher: AnyDispatcher;
    lanes: Readonly<Record<OperationKind, Lane>>;
    reports: CallReports;
    running: Running;
  }) {
    const { serverKey } = parts.options;
    this.#options = parts.options;
    this.#dispatcher = parts.dispatcher;
    this.#running = parts.running;
    this.#lanes = parts.lanes;
    this.#reports = parts.reports;
    this.#headers = { authorization: serverKey, 'content-type': 'application/json' };
    this.#withoutKey = keyRemover(serverKey);
  }

  /** @throws PayTabsError GATEWAY_UNAVAILABLE when no call would be let through now */
  refuseWhileClosedOff(call: GatewayCall): void {
    const lane = this.#lanes[call.kind];
    if (lane.breaker.retryAfterMs() > 0) throw this.#closedOff(call);
    if (lane.isFull) throw this.#full(call);
  }

  /**
   * Makes a call that is answered by a page or transactions. Reads are tried again after passing trouble, writes only
   * when proven not sent. Rejects with a PayTabsError only.
   */
  call(call: GatewayCall): Promise<Answer> {
    return this.#running.track(this.#run(call, readReply));
  }

  /** The same for an endpoint whose answers have a form of their own. */
  async ask<Value>(call: GatewayCall, reader: Reader<OtherReply<Value>>): Promise<Value> {
    return (await this.#running.track(this.#run(call, reader))).value;
  }

  async #run<Each extends AnyReply>(
    call: GatewayCall,
    reader: Reader<Each>,
  ): Promise<Exclude<Each, FailureReply>> {
    const { clock, timeoutMs } = this.#options;
    const leftMs = call.endsAt === undefined ? timeoutMs : call.endsAt - clock.now();
    const journey: Journey<Each> = {
      call,
      reader,
      progress: { sent: false },
      attempts: 0,
      begun: undefined,
    };
    // May be repeated: a write only follows on one that was proven not to have been sent.
    const tries = idempotent(({ signal }: OperationContext) => this.#try(journey, signal));
    try {
      return await this.#lanes[call.kind].run(tries, {
        signal: call.signal,
        timeoutMs: Math.max(1, leftMs),
      });
    } catch (error) {
      throw error instanceof FailedTry ? error.error : this.#failed(journey, error);
    }
  }

  async #try<Each extends AnyReply>(
    journey: Journey<Each>,
    signal: AbortSignal,
  ): Promise<Exclude<Each, FailureReply>> {
    const { call } = journey;
    const begun = this.#begin(journey);
    call.onAttempt?.(journey.attempts);
    let reply: Each | FailureReply;
    try {
      reply = await this.#sendInTime(journey, signal);
    } catch (error) {
      // Whoever gave up on the whole call says why.
      if (signal.aborted) throw error;
      const failed = this.#failed(journey, error);
      const mayRepeat = failed.code === 'GATEWAY_UNAVAILABLE';
      throw new FailedTry(call, { error: failed, mayRepeat, outcome: 'failure' });
    }
    const { code, transient, outcome } = judgeReply(reply, {
      kind: call.kind,
      notFoundCodes: this.#options.notFoundCodes,
    });
    if (journey.begun === begun) this.#reports.reply(reply, { ...begun, code });
    journey.begun = undefined;
    if (code === undefined) return reply as Exclude<Each, FailureReply>;
    const error = errorFromReply(code, reply, { ...call, secret: this.#options.serverKey });
    throw new FailedTry(call, { error, mayRepeat: transient && call.kind === 'read', outcome });
  }

  #begin(journey: Journey<AnyReply>): Begun {
    journey.attempts += 1;
    journey.begun = this.#reports.begin(journey.call, journey.attempts);
    return journey.begun;
  }

  /** A read may be asked again, so one try of it does not get all the time there is. */
  #sendInTime<Each extends AnyReply>(
    journey: Journey<Each>,
    signal: AbortSignal,
  ): Promise<Each | FailureReply> {
    if (journey.call.kind === 'write') return this.#send(journey, signal);
    const { clock, readTimeoutMs } = this.#options;
    const limits = { timeoutMs: readTimeoutMs, signal, clock };
    return withTimeout((context) => this.#send(journey, context.signal), limits);
  }

  async #send<Each extends AnyReply>(
    { call, reader, progress }: Journey<Each>,
    signal: AbortSignal,
  ): Promise<Each | FailureReply> {
    const options = this.#options;
    const raw = await exchange({
      dispatcher: this.#dispatcher,
      origin: options.origin,
      method: call.method ?? 'POST',
      path: `${options.pathPrefix}${call.path}`,
      headers: { ...this.#headers, accept: call.accept ?? 'application/json' },
      body: call.body,
      headersTimeoutMs: options.headersTimeoutMs,
      bodyTimeoutMs: options.bodyTimeoutMs,
      maxReplyBytes: call.maxReplyBytes ?? options.maxReplyBytes,
      wallTime: () => options.clock.wallTime(),
      progress,
      maySend: call.maySend,
      signal,
    });
    // Something between here and the gateway may echo what it was sent.
    const text = hideLongSecrets(this.#withoutKey(raw.text), call.secrets);
    return reader({ ...raw, text });
  }

  /** What a call that ended without an answer means to the caller. Told of the try that ended, or was refused before it began. */
  #failed(journey: Journey<AnyReply>, reason: unknown): PayTabsError {
    const { call, progress } = journey;
    const refusal = this.#refusalOf(call, reason);
    const error = refusal ?? this.#lost(call, { error: reason, progress });
    const isBetweenTries = journey.begun === undefined && journey.attempts > 0;
    if (!isBetweenTries || refusal !== undefined) {
      const begun = journey.begun ?? this.#begin(journey);
      this.#reports.failure(error, { ...begun, sent: progress.sent });
    }
    journey.begun = undefined;
    return error;
  }

  /** The error for a try that was not let through. */
  #refusalOf(call: GatewayCall, reason: unknown): PayTabsError | undefined {
    if (isCircuitBreakerError(reason, 'BREAKER_OPEN')) return this.#closedOff(call);
    return isCircuitBreakerError(reason, 'BULKHEAD_FULL') ? this.#full(call) : undefined;
  }

  /** No reply: the end of a write that may have left is unknown, whatever the reason. */
  #lost(call: GatewayCall, { error, progress }: { error: unknown; progress: Progress }) {
    const aborted = isCircuitBreakerError(error, 'ABORTED');
    const unknown = call.kind === 'write' && progress.sent;
    const code = unknown ? 'OUTCOME_UNKNOWN' : aborted ? 'ABORTED' : 'GATEWAY_UNAVAILABLE';
    const about = { cartId: call.cartId, tranRef: call.tranRef };
    if (aborted) return new PayTabsError(code, `${adviceFor(code)} (aborted by the caller)`, about);
    const cause = new TransportError(error);
    cause.message = redact(cause.message, this.#options.serverKey);
    const reason = cause.code ?? cause.message;
    return new PayTabsError(code, `${adviceFor(code)} (${reason})`, { ...about, cause });
  }

  #closedOff(call: GatewayCall): PayTabsError {
    const retryAfterMs = this.#lanes[call.kind].breaker.retryAfterMs();
    return new PayTabsError(
      'GATEWAY_UNAVAILABLE',
      'The gateway failed too often lately: nothing was sent',
      {
        retryAfterMs: Number.isFinite(retryAfterMs) ? retryAfterMs : undefined,
        cartId: call.cartId,
        tranRef: call.tranRef,
      },
    );
  }

  #full({ kind, cartId, tranRef }: GatewayCall): PayTabsError {
    const message = `Too many ${kind}s are under way from here: nothing was sent`;
    return new PayTabsError('GATEWAY_UNAVAILABLE', message, { cartId, tranRef });
  }
}
