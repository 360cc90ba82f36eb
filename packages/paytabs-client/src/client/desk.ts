import type { z } from 'zod';
import { isPayTabsError, PayTabsError } from '../errors.js';
import type { Operation } from '../events.js';
import type { OtherReply, Reader } from '../gateway/reply.js';
import { type Raw, withRaw } from '../gateway/with-raw.js';
import { tellsSecret } from '../hide-secrets.js';
import type { UnknownReason, WriteOperation } from '../intents/intent.js';
import type { Money } from '../money/money.js';
import { whyUnreachable } from '../operations/callback-address.js';
import { refuseTooLarge } from '../operations/request-fields.js';
import type { KeyedRequest, WriteSpec } from '../operations/write-spec.js';
import type { ResolvedOptions } from '../options.js';
import { redactText } from '../redact.js';
import { type CallOptions, signalOf } from './call-options.js';
import type { GatewayCall, GatewayCaller } from './gateway-caller.js';
import type { ModeGuard } from './mode-guard.js';
import type { ChargeOutcome, Done, OutcomeUnknown, WriteUnknown } from './outcomes.js';
import { adviceFor } from './reply-error.js';
import type { Reading, Writes } from './writes.js';

/** A call of an endpoint that has answers of its own. */
export interface Errand {
  readonly operation: Operation;
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly path: `/payment/${string}`;
  /** The body without `profile_id`. Absent: there is no body. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly tranRef?: string;
  readonly cartId?: string;
  readonly secrets?: readonly string[];
  readonly accept?: string;
  readonly maxReplyBytes?: number;
}

/** A write that is remembered and answered in a form of its own. */
export interface RememberedErrand<Value, Opened> extends Errand {
  readonly operation: WriteOperation;
  /** The gateway's word for what comes of it. */
  readonly type: string;
  readonly cartId: string;
  readonly amount: Money;
  /** How long somebody may pay. */
  readonly pageLifeMs: number;
  readonly reader: Reader<OtherReply<Value>>;
  readonly read: (value: Value) => Reading<Opened>;
}

/** Checks requests and sends them on their way. What all calls of the client have in common. */
export class Desk {
  readonly #options: ResolvedOptions;
  readonly #caller: GatewayCaller;
  readonly #writes: Writes;
  readonly #guard: ModeGuard;
  #closed = false;

  constructor(parts: {
    options: ResolvedOptions;
    caller: GatewayCaller;
    writes: Writes;
    guard: ModeGuard;
  }) {
    this.#options = parts.options;
    this.#caller = parts.caller;
    this.#writes = parts.writes;
    this.#guard = parts.guard;
  }

  get options(): ResolvedOptions {
    return this.#options;
  }

  /** @returns whether it was open */
  close(): boolean {
    const wasOpen = !this.#closed;
    this.#closed = true;
    return wasOpen;
  }

  refuseClosed(): void {
    if (!this.#closed) return;
    throw new PayTabsError('GATEWAY_UNAVAILABLE', 'The client is closed: nothing was sent');
  }

  /** @throws PayTabsError INVALID_REQUEST, or GATEWAY_UNAVAILABLE once closed */
  checked<Schema extends z.ZodType>(schema: Schema, request: unknown): z.output<Schema> {
    this.refuseClosed();
    const checked = schema.safeParse(request);
    if (!checked.success) throw refusal('INVALID_REQUEST', 'request', checked.error);
    this.#refuseUnreachable(checked.data);
    return checked.data;
  }

  /** A payment whose callback never comes looks unpaid for long. A gateway on this machine reaches what is on it. */
  #refuseUnreachable(request: unknown): void {
    const { callbackUrl } = (request ?? {}) as { readonly callbackUrl?: string };
    if (callbackUrl === undefined || this.#options.origin.startsWith('http:')) return;
    const why = whyUnreachable(callbackUrl);
    if (why !== undefined) throw new PayTabsError('INVALID_REQUEST', `callbackUrl: ${why}`);
  }

  /** Remembers and sends a request that may move money. */
  async perform<Schema extends z.ZodType<KeyedRequest>>(
    spec: WriteSpec<Schema>,
    request: unknown,
    call: CallOptions,
  ): Promise<ChargeOutcome> {
    const checked = this.checked(spec.request, request);
    const { cartId, amount } = checked;
    refuseTooLarge(amount);
    const { operation } = spec;
    const { profileId } = this.#options;
    const secrets = spec.secrets?.(checked) ?? [];
    if (tellsSecret(cartId, secrets)) {
      // It is remembered, told in events and shown to people.
      throw new PayTabsError('INVALID_REQUEST', 'cartId: must not have the card or token in it');
    }
    const type = spec.type(checked);
    const targetTranRef = spec.target?.(checked);
    const pageMinutes = spec.pageMinutes?.(checked);
    const amountRange = spec.range?.(checked);
    const asked = { profileId, cartId, amount, amountRange, type, targetTranRef };
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
        secrets,
        signal: signalOf(call),
      },
      send: async (sent) =>
        this.#guard.read(spec.read(await this.#caller.call(sent), asked), { operation, cartId }),
    });
  }

  /** Remembers and sends a request by which somebody may pay, and which is no transaction yet. */
  async open<Value, Opened>(
    errand: RememberedErrand<Value, Opened>,
    call: CallOptions,
  ): Promise<Opened | OutcomeUnknown> {
    const { operation, type, cartId, amount, pageLifeMs, reader, read } = errand;
    refuseTooLarge(amount);
    const outcome = await this.#writes.perform<Opened>({
      intent: { cartId, operation, type, amount, pageLifeMs },
      call: { ...this.#callOf(errand, call), operation },
      send: async (sent) =>
        this.#guard.read(read(await this.#caller.ask(sent, reader)), { operation, cartId }),
    });
    return outcome as Opened | OutcomeUnknown;
  }

  /** Asks; asked again after passing trouble. */
  async read<Value>(
    errand: Errand,
    reader: Reader<OtherReply<Value>>,
    call: CallOptions,
  ): Promise<Value> {
    const value = await this.#caller.ask({ ...this.#callOf(errand, call), kind: 'read' }, reader);
    const tranRef = tranRefIn(value);
    if (tranRef !== undefined) this.#guard.check({ operation: errand.operation, tranRef });
    return value;
  }

  /** Sends once what moves no money, and is not remembered. */
  async write<Value extends { readonly raw: Raw }>(
    errand: Errand,
    reader: Reader<OtherReply<Value>>,
    call: CallOptions,
  ): Promise<Done<Value> | WriteUnknown> {
    const { clock, timeoutMs } = this.#options;
    const endsAt = clock.now() + timeoutMs;
    const maySend = () => clock.now() < endsAt;
    const sent = { ...this.#callOf(errand, call), kind: 'write' as const, endsAt, maySend };
    try {
      const value = await this.#caller.ask(sent, reader);
      const tranRef = tranRefIn(value);
      const why = tranRef && this.#guard.refuse({ operation: errand.operation, tranRef });
      if (!why) return withRaw({ kind: 'done' as const, ...value }, value.raw);
      const message = `${adviceFor('OUTCOME_UNKNOWN')} (${why})`;
      const error = new PayTabsError('OUTCOME_UNKNOWN', message, { tranRef });
      return Object.freeze({ kind: 'unknown', reason: 'unclearAnswer', error });
    } catch (error) {
      const reason = unknownReasonOf(error);
      if (reason === undefined) throw error;
      return Object.freeze({ kind: 'unknown', reason, error: error as PayTabsError });
    }
  }

  #callOf(errand: Errand, call: CallOptions): Omit<GatewayCall, 'kind'> {
    const { fields, ...rest } = errand;
    return {
      operation: rest.operation,
      path: rest.path,
      ...(rest.method === undefined ? {} : { method: rest.method }),
      ...(rest.tranRef === undefined ? {} : { tranRef: rest.tranRef }),
      ...(rest.cartId === undefined ? {} : { cartId: rest.cartId }),
      ...(rest.secrets === undefined ? {} : { secrets: rest.secrets }),
      ...(rest.accept === undefined ? {} : { accept: rest.accept }),
      ...(rest.maxReplyBytes === undefined ? {} : { maxReplyBytes: rest.maxReplyBytes }),
      ...(fields === undefined
        ? {}
        : { body: JSON.stringify({ profile_id: this.#options.profileId, ...fields }) }),
      signal: signalOf(call),
    };
  }
}

const tranRefIn = (value: unknown): string | undefined =>
  (value as { readonly tranRef?: string } | null)?.tranRef;

function unknownReasonOf(error: unknown): UnknownReason | undefined {
  if (isPayTabsError(error, 'DUPLICATE_REQUEST')) return 'duplicate';
  if (!isPayTabsError(error, 'OUTCOME_UNKNOWN')) return undefined;
  return error.httpStatus === undefined ? 'noAnswer' : 'unclearAnswer';
}

/** The error for what a schema refuses: where, and what is allowed; never what was given. */
export function refusal(
  code: 'INVALID_REQUEST' | 'INVALID_OPTION',
  what: string,
  error: z.ZodError,
): PayTabsError {
  const { path, message } = firstIssue(error.issues);
  const where = path.map(String).join('.') || what;
  // A name that is unknown is shown, and might be a value in the wrong place.
  return new PayTabsError(code, redactText(`${where}: ${message}`, 400));
}

type Issue = Pick<z.core.$ZodIssue, 'path' | 'message'>;

/** Where a field may have one of several forms, what keeps it from the form that comes nearest. */
function firstIssue([issue]: readonly z.core.$ZodIssue[]): Issue {
  if (issue === undefined) return { path: [], message: 'is not valid' };
  if (issue.code !== 'invalid_union') return issue;
  const [nearest] = issue.errors.toSorted((left, right) => left.length - right.length);
  if (nearest === undefined || nearest.length === 0) return issue;
  const inner = firstIssue(nearest);
  return { ...inner, path: [...issue.path, ...inner.path] };
}
