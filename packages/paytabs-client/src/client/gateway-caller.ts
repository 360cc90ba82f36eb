import type { GuardedEmitter } from '@nestcms/circuit-breaker';
import {
  idempotent,
  isCircuitBreakerError,
  type RetryBudget,
  retry,
  retryBudget,
  withTimeout,
} from '@nestcms/circuit-breaker';
import { PayTabsError } from '../errors.js';
import type { Operation, OperationKind, PayTabsEvents } from '../events.js';
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
import { redact, removeKey } from '../redact.js';
import {
  type AnyDispatcher,
  exchange,
  type Progress,
  TransportError,
} from '../transport/exchange.js';
import { CallReports } from './call-reports.js';
import { judgeReply } from './judge-reply.js';
import { type Lane, tuned } from './lane.js';
import { adviceFor, errorFromReply } from './reply-error.js';

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

/** A failed try: what the caller will get, and whether another may follow. */
class FailedTry extends Error {
  readonly error: PayTabsError;
  readonly mayRepeat: boolean;

  constructor(error: PayTabsError, mayRepeat: boolean) {
    super(error.message);
    this.error = error;
    this.mayRepeat = mayRepeat;
  }
}

/** Carries calls through retry, bulkhead, breaker, time limit and transport, in this order from the outside. */
export class GatewayCaller {
  readonly #options: ResolvedOptions;
  readonly #dispatcher: AnyDispatcher;
  readonly #lanes: Readonly<Record<OperationKind, Lane>>;
  readonly #reports: CallReports;
  readonly #budget: RetryBudget;

  /** @throws PayTabsError INVALID_OPTION */
  constructor(parts: {
    options: ResolvedOptions;
    dispatcher: AnyDispatcher;
    lanes: Readonly<Record<OperationKind, Lane>>;
    events: GuardedEmitter<PayTabsEvents>;
  }) {
    const { options, events } = parts;
    const { clock, serverKey } = options;
    this.#options = options;
    this.#dispatcher = parts.dispatcher;
    this.#lanes = parts.lanes;
    this.#reports = new CallReports({ clock, serverKey, events });
    this.#budget = tuned('retryBudget', () => retryBudget(options.retryBudget));
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
    return this.#run(call, readReply);
  }

  /** The same for an endpoint whose answers have a form of their own. */
  async ask<Value>(call: GatewayCall, reader: Reader<OtherReply<Value>>): Promise<Value> {
    return (await this.#run(call, reader)).value;
  }

  async #run<Each extends AnyReply>(
    call: GatewayCall,
    reader: Reader<Each>,
  ): Promise<Exclude<Each, FailureReply>> {
    const { clock, random, maxAttempts, retryDelayMs, timeoutMs, onListenerError } = this.#options;
    const { endsAt = clock.now() + timeoutMs } = call;
    const progress: Progress = { sent: false };
    try {
      const policy = retry({
        maxAttempts,
        maxDelayMs: timeoutMs,
        backoff: { kind: 'exponential', initialMs: retryDelayMs, maxMs: 60_000 },
        shouldRetry: ({ error }) => error instanceof FailedTry && error.mayRepeat,
        delayFor: ({ error, delayMs }) => {
          const asked = error instanceof FailedTry ? (error.error.retryAfterMs ?? 0) : 0;
          const wait = Math.max(asked, delayMs);
          // Beyond the deadline: give the error out now instead of waiting for nothing.
          return clock.now() + wait < endsAt ? wait : Number.POSITIVE_INFINITY;
        },
        onRetry: ({ error, attempt, delayMs }) => {
          if (!(error instanceof FailedTry)) return;
          this.#reports.retry(call, { attempt, delayMs, error: error.error });
        },
        clock,
        random,
        // A write is tried again only if no byte of it has left, which loads nobody.
        ...(call.kind === 'read' ? { budget: this.#budget } : {}),
        ...(onListenerError === undefined ? {} : { onListenerError }),
      });
      // May be repeated: a write only follows on one that was proven not to have been sent.
      const attempts = idempotent(({ attempt }: { readonly attempt: number }) =>
        this.#try(call, { attempt, progress, endsAt, reader }),
      );
      return await policy.execute(attempts, { signal: call.signal });
    } catch (error) {
      throw error instanceof FailedTry ? error.error : this.#lost(call, { error, progress });
    }
  }

  async #try<Each extends AnyReply>(
    call: GatewayCall,
    about: { attempt: number; progress: Progress; endsAt: number; reader: Reader<Each> },
  ): Promise<Exclude<Each, FailureReply>> {
    const { attempt, progress, endsAt, reader } = about;
    const { clock, serverKey } = this.#options;
    const limitMs = call.kind === 'read' ? this.#options.readTimeoutMs : this.#options.timeoutMs;
    call.onAttempt?.(attempt);
    const begun = this.#reports.begin(call, attempt);
    let reply: Each | FailureReply;
    try {
      reply = await this.#lanes[call.kind].run(
        (signal) =>
          withTimeout((context) => this.#send(call, { progress, reader, signal: context.signal }), {
            // Waiting for a place counts too.
            timeoutMs: Math.max(1, Math.min(limitMs, endsAt - clock.now())),
            signal,
            clock,
          }),
        call.signal,
      );
    } catch (error) {
      const failed = this.#failedTry(call, { error, progress });
      this.#reports.failure(failed.error, { ...begun, sent: progress.sent });
      throw failed;
    }
    const { code, transient } = judgeReply(reply, call.kind);
    this.#reports.reply(reply, { ...begun, code });
    if (code === undefined) return reply as Exclude<Each, FailureReply>;
    const error = errorFromReply(code, reply, { ...call, secret: serverKey });
    throw new FailedTry(error, transient && call.kind === 'read');
  }

  async #send<Each extends AnyReply>(
    call: GatewayCall,
    about: { progress: Progress; reader: Reader<Each>; signal: AbortSignal },
  ): Promise<Each | FailureReply> {
    const { progress, reader, signal } = about;
    const options = this.#options;
    const raw = await exchange({
      dispatcher: this.#dispatcher,
      origin: options.origin,
      method: call.method ?? 'POST',
      path: `${options.pathPrefix}${call.path}`,
      headers: {
        authorization: options.serverKey,
        'content-type': 'application/json',
        accept: call.accept ?? 'application/json',
      },
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
    const text = hideLongSecrets(removeKey(raw.text, options.serverKey), call.secrets);
    return reader({ ...raw, text });
  }

  /** The try ended without a reply: refused by the breaker, aborted, timed out or cut off. */
  #failedTry(call: GatewayCall, how: { error: unknown; progress: Progress }): FailedTry {
    if (isCircuitBreakerError(how.error, 'BREAKER_OPEN')) {
      return new FailedTry(this.#closedOff(call), false);
    }
    if (isCircuitBreakerError(how.error, 'BULKHEAD_FULL')) {
      return new FailedTry(this.#full(call), false);
    }
    const error = this.#lost(call, how);
    return new FailedTry(error, error.code === 'GATEWAY_UNAVAILABLE');
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
