import { z } from 'zod';
import { faultSchema } from './fault-schema.js';

/** Which API route a fault waits for. */
export type FaultRoute =
  | 'request'
  | 'query'
  | 'token'
  | 'tokenise'
  | 'invoice'
  | 'link'
  | 'agreement'
  | 'sadad'
  | 'valu';

/** A fault, applied once unless `times` says more. `when: 'after'` (the default) means: carried out, then the reply is lost. */
export type Fault = {
  /** Default: any route. */
  readonly route?: FaultRoute;
  /** How many requests it hits; default 1. */
  readonly times?: number | 'always';
} & (
  | {
      /** `hang` never answers, `reset` cuts the connection, `resetMidReply` cuts it in the middle of the reply. */
      readonly kind: 'hang' | 'reset' | 'resetMidReply';
      readonly when?: 'before' | 'after';
    }
  /** An HTML page, as a proxy or firewall gives; `status` defaults to 502. */
  | { readonly kind: 'html'; readonly status?: number; readonly when?: 'before' | 'after' }
  /** 200 with a body that is no JSON, or the true reply cut in half. */
  | { readonly kind: 'invalidJson' | 'truncatedJson'; readonly when?: 'before' | 'after' }
  /** 429 with `Retry-After`; nothing is carried out. */
  | { readonly kind: 'tooMany'; readonly retryAfterSeconds?: number }
  /** The true reply, `delayMs` late. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** The true reply, in `pieces` (default 20), one every `everyMs` (default 100): no single wait is long. */
  | { readonly kind: 'drip'; readonly everyMs?: number; readonly pieces?: number }
  /** Any JSON body in place of the true one; `status` defaults to 200. */
  | {
      readonly kind: 'reply';
      readonly status?: number;
      readonly body: unknown;
      readonly when?: 'before' | 'after';
    }
  /**
   * The true reply with fields set (`null` too), added or removed. Names are paths such as
   * `payment_result.response_status`; in a list of rows they are about every row.
   */
  | {
      readonly kind: 'alter';
      readonly set?: Readonly<Record<string, unknown>>;
      readonly remove?: readonly string[];
    }
);

/** What a rule sees of a request. */
export interface FaultQuestion {
  readonly route: FaultRoute;
  /** The request as it was sent; undefined when it is no JSON object. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** A rule for every request for which no fault is armed; undefined: none. */
export type FaultRule = (question: FaultQuestion) => Fault | undefined;

interface Armed {
  readonly fault: Fault;
  left: number;
}

/** The switchboard of faults. */
export class Faults {
  #armed: Armed[] = [];
  #rule: FaultRule | undefined;

  /**
   * Arms a fault; returns a function that disarms it. Faults apply in the order they were added.
   * @throws RangeError for what is no fault: a test that arms one would show nothing
   */
  add(fault: Fault): () => void {
    const checked = faultSchema.safeParse(fault);
    if (!checked.success) throw new RangeError(z.prettifyError(checked.error));
    const left = fault.times === 'always' ? Number.POSITIVE_INFINITY : (fault.times ?? 1);
    const armed = { fault, left };
    this.#armed.push(armed);
    return () => {
      this.#armed = this.#armed.filter((each) => each !== armed);
    };
  }

  /** Decides for each request by itself, as a run with a seed needs it; undefined drops the rule. */
  setRule(rule: FaultRule | undefined): void {
    this.#rule = rule;
  }

  clear(): void {
    this.#armed = [];
    this.#rule = undefined;
  }

  list(): readonly Fault[] {
    return this.#armed.map((each) => each.fault);
  }

  /** The fault for this request, if one waits for it. */
  take(route: FaultRoute, bytes: Buffer): Fault | undefined {
    const armed = this.#armed.find(({ fault }) => (fault.route ?? route) === route);
    if (armed === undefined) return this.#rule?.({ route, body: objectIn(bytes) });
    armed.left -= 1;
    if (armed.left <= 0) this.#armed = this.#armed.filter((each) => each !== armed);
    return armed.fault;
  }
}

function objectIn(bytes: Buffer): FaultQuestion['body'] {
  try {
    const body: unknown = JSON.parse(bytes.toString('utf8'));
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
    return isObject ? (body as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the request is carried out before the fault shows. */
export const isCarriedOut = (fault: Fault): boolean =>
  fault.kind === 'slow' ||
  fault.kind === 'drip' ||
  fault.kind === 'alter' ||
  (fault.kind !== 'tooMany' && (fault.when ?? 'after') === 'after');
