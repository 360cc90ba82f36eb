import { WebhookSecurityError } from '../errors.js';
import { errorKind } from '../observer.js';
import { readOptions, type VerifierSettings, type WebhookVerifierOptions } from '../options.js';
import { type RefusalReason, refusalStatus, type Stage } from '../reasons.js';
import { queryOf } from '../request/request-url.js';
import { readRequest, type WebhookRequest } from '../request/webhook-request.js';
import type { WebhookScheme } from '../scheme/scheme.js';
import type { ChallengedVerdict, RefusedVerdict, Verdict } from '../verdict.js';
import { Accepted, type NamingParts } from './accepted.js';
import { type Challenge, Check, type Outcome, type Refusal } from './check.js';
import { planSteps, type StagedStep } from './steps.js';

/** Refusals that an adapter may come to before the verifier sees the request. */
export type RequestRefusal = Extract<
  RefusalReason,
  | 'request-malformed'
  | 'method'
  | 'content-type'
  | 'body-not-raw'
  | 'body-too-large'
  | 'body-timeout'
  | 'server-busy'
>;

/** Decides whether a request may be acted on. */
export interface WebhookVerifier<Payload = unknown> {
  readonly scheme: WebhookScheme;
  /** The longest body it takes, in bytes: what an adapter limits received bytes to. */
  readonly maxBytes: number;
  /** Never throws and never rejects, whatever the request holds. */
  verify(request: WebhookRequest): Promise<Verdict<Payload>>;
  /**
   * The same at once, with the build for Node alone. For verifiers whose keys, store and schema answer
   * at once: a list of keys, no store or the one in memory, no schema or one without promises. It throws
   * for no request either.
   * @throws WebhookSecurityError NOT_SYNC if one of them answers with a promise
   */
  verifySync(request: WebhookRequest): Verdict<Payload>;
  /**
   * For adapters: a refusal that was decided before the verifier saw the request, e.g. a body
   * that the server stopped reading. The observer is told as of any other.
   */
  refuse(reason: RequestRefusal): RefusedVerdict;
}

/**
 * Makes a verifier: raw bytes in, verdict out. Options are read once.
 * @throws WebhookSecurityError INVALID_OPTION, INVALID_KEY
 */
export function createWebhookVerifier<Payload = unknown>(
  options: WebhookVerifierOptions<Payload>,
): WebhookVerifier<Payload> {
  return new Verifier<Payload>(readOptions(options));
}

class Verifier<Payload> implements WebhookVerifier<Payload> {
  readonly scheme: WebhookScheme;
  readonly maxBytes: number;
  readonly #settings: VerifierSettings;
  readonly #steps: readonly StagedStep[];
  readonly #naming: NamingParts;

  constructor(settings: VerifierSettings) {
    this.#settings = settings;
    this.scheme = settings.scheme;
    // No tenant is the empty text in the settings.
    this.maxBytes = settings.maxBytes;
    const { steps, contentOf } = planSteps(settings);
    this.#steps = steps;
    const { scheme, tenant } = settings;
    this.#naming = { scheme, tenant: tenant === '' ? undefined : tenant, contentOf };
    Object.freeze(this);
  }

  verify(request: WebhookRequest): Promise<Verdict<Payload>> {
    const verdict = this.#run(this.#newCheck(request), 0);
    return verdict instanceof Promise ? verdict : Promise.resolve(verdict);
  }

  verifySync(request: WebhookRequest): Verdict<Payload> {
    const verdict = this.#run(this.#newCheck(request), 0);
    if (!(verdict instanceof Promise)) return verdict;
    // It goes on by itself, and what it claims is freed again.
    void verdict.then((late) => late.verdict === 'accepted' && late.claim.release());
    throw new WebhookSecurityError(
      'NOT_SYNC',
      'the platform, the keys, the replay store or the schema answer with a promise: use verify',
    );
  }

  refuse(reason: RequestRefusal): RefusedVerdict {
    return this.#refuse('request', { reason }, undefined);
  }

  #newCheck(request: unknown): Check {
    const check = new Check(readRequest(request));
    const { url } = this.#settings;
    if (url !== undefined) {
      check.url = url.includes('?') ? url : `${url}${queryOf(check.request?.url)}`;
    }
    return check;
  }

  /** The stages from one on; those that need no promise get none. */
  #run(check: Check, from: number): Verdict<Payload> | Promise<Verdict<Payload>> {
    const steps = this.#steps;
    for (let index = from; index < steps.length; index += 1) {
      const { stage, step } = steps[index] as StagedStep;
      let outcome: ReturnType<StagedStep['step']>;
      try {
        outcome = step(check);
      } catch (error) {
        outcome = failure(error);
      }
      if (outcome === undefined) continue;
      if (!(outcome instanceof Promise)) return this.#end(check, stage, outcome);
      return outcome
        .catch(failure)
        .then((later) =>
          later === undefined ? this.#run(check, index + 1) : this.#end(check, stage, later),
        );
    }
    return this.#accept(check);
  }

  #end(check: Check, stage: Stage, outcome: Outcome): Verdict<Payload> | Promise<Verdict<Payload>> {
    if ('reply' in outcome) return this.#challenge(check, outcome);
    const verdict = this.#refuse(stage, outcome, check);
    return check.isClaimed ? check.claim.release().then(() => verdict) : verdict;
  }

  #accept(check: Check): Verdict<Payload> {
    const { emit, scheme } = this.#settings;
    const verdict = new Accepted<Payload>(check, this.#naming);
    if (emit !== undefined) {
      const { keyIndex, staleness, reading, clientAddress, deliveryId } = verdict;
      if (keyIndex > 0) emit({ event: 'oldKeyUsed', scheme: scheme.name, keyIndex });
      emit({
        event: 'accepted',
        scheme: scheme.name,
        deliveryId,
        keyIndex,
        staleness,
        reading,
        clientAddress,
      });
    }
    return verdict;
  }

  #challenge({ clientAddress }: Check, { reply, visit }: Challenge): ChallengedVerdict {
    const { emit, scheme } = this.#settings;
    emit?.({ event: 'challenged', scheme: scheme.name, clientAddress });
    return { verdict: 'challenged', reply, visit, clientAddress };
  }

  #refuse(stage: Stage, refusal: Refusal, check: Check | undefined): RefusedVerdict {
    const { emit, scheme } = this.#settings;
    const { reason, repeat, answer, paths, error } = refusal;
    const status = refusal.status ?? refusalStatus[reason];
    const clientAddress = check?.clientAddress;
    if (emit !== undefined) {
      const common = { scheme: scheme.name, status, clientAddress };
      if (repeat !== undefined) {
        emit({ event: 'replayed', deliveryId: check?.deliveryId ?? '', repeat, ...common });
      } else {
        const more = { ...(paths && { paths }), ...(error && { error }) };
        emit({ event: 'refused', reason, stage, ...common, ...more });
      }
    }
    const verdict = { verdict: 'refused', reason, stage, status, clientAddress } as const;
    // Most refusals have no more to say, and are to cost as little as can be.
    if (repeat === undefined && paths === undefined) return verdict;
    return {
      ...verdict,
      ...(repeat && { repeat }),
      ...(answer && { answer }),
      ...(paths && { paths }),
    };
  }
}

/** A fault of ours, or of a clock or schema given to us: refused, never let through. */
function failure(error: unknown): Refusal {
  return { reason: 'verifier-failed', error: errorKind(error) };
}
