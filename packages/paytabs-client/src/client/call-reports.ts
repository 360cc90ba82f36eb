import type { Clock, GuardedEmitter } from '@nestcms/circuit-breaker';
import type { PayTabsError } from '../errors.js';
import type { PayTabsEvents, RequestFacts } from '../events.js';
import type { AnyReply } from '../gateway/reply.js';
import { cleanTrace, redact } from '../redact.js';
import type { GatewayCall } from './gateway-caller.js';

/** When a try began, and what events say of it. */
export interface Begun {
  readonly facts: RequestFacts;
  readonly startedAt: number;
}

/** Tells what becomes of calls, without anything of their contents. */
export class CallReports {
  readonly #clock: Clock;
  readonly #serverKey: string;
  readonly #events: GuardedEmitter<PayTabsEvents>;

  constructor(parts: {
    clock: Clock;
    serverKey: string;
    events: GuardedEmitter<PayTabsEvents>;
  }) {
    this.#clock = parts.clock;
    this.#serverKey = parts.serverKey;
    this.#events = parts.events;
  }

  begin(call: GatewayCall, attempt: number): Begun {
    const facts = factsOf(call, attempt);
    this.#events.emit('requested', facts);
    return { facts, startedAt: this.#clock.now() };
  }

  retry(call: GatewayCall, how: { attempt: number; delayMs: number; error: PayTabsError }): void {
    const { attempt, delayMs, error } = how;
    this.#events.emit('retried', { ...factsOf(call, attempt), delayMs, code: error.code });
  }

  failure({ code }: PayTabsError, { facts, startedAt, sent }: Begun & { sent: boolean }): void {
    const tookMs = this.#clock.now() - startedAt;
    this.#events.emit('failed', { ...facts, code, sent, tookMs });
  }

  reply(reply: AnyReply, about: Begun & { code: PayTabsError['code'] | undefined }): void {
    const { facts, startedAt, code } = about;
    const { httpStatus, shape } = reply;
    const common = { ...facts, httpStatus, tookMs: this.#clock.now() - startedAt };
    if (shape === 'unreadable') {
      this.#events.emit('failed', { ...common, code: code ?? 'UNEXPECTED_REPLY', sent: true });
      return;
    }
    if (!this.#events.hears('answered')) return;
    this.#events.emit('answered', { ...common, shape, ...answerFacts(reply, this.#serverKey) });
  }
}

function factsOf({ operation, kind, cartId, tranRef }: GatewayCall, attempt: number): RequestFacts {
  return {
    operation,
    kind,
    attempt,
    ...(cartId === undefined ? {} : { cartId }),
    ...(tranRef === undefined ? {} : { tranRef }),
  };
}

const answerFacts = (reply: AnyReply, serverKey: string) => {
  const traceOf = (trace: string | undefined) =>
    trace === undefined ? {} : { trace: cleanTrace(trace, serverKey) };
  switch (reply.shape) {
    case 'error':
      return { gatewayCode: reply.code, ...traceOf(reply.trace) };
    case 'redirect':
      return traceOf(reply.page.trace);
    case 'completed': {
      const { status, trace } = reply.transaction;
      return { status: redact(status, serverKey, 64), ...traceOf(trace) };
    }
    default:
      return {};
  }
};
