import { errorKind } from '../observer.js';
import { readOptions, type VerifierSettings, type WebhookVerifierOptions } from '../options.js';
import { type RefusalReason, refusalStatus, type Stage, stageOrder } from '../reasons.js';
import { noClaim } from '../replay/delivery-claim.js';
import { readRequest, type WebhookRequest } from '../request/webhook-request.js';
import type { WebhookScheme } from '../scheme/scheme.js';
import type { AcceptedVerdict, RefusedVerdict, Verdict } from '../verdict.js';
import { addressStep } from './address-step.js';
import type { Check, Refusal, Step } from './check.js';
import { bodyTimeStep, payloadStep, replayStep } from './content-steps.js';
import { formStep } from './form-step.js';
import { headerTimeStep } from './header-time-step.js';
import { requestStep } from './request-step.js';
import { signatureStep } from './signature-step.js';

/** Refusals that an adapter may come to before the verifier sees the request. */
export type RequestRefusal = Extract<
  RefusalReason,
  'request-malformed' | 'method' | 'content-type' | 'body-not-raw' | 'body-too-large'
>;

/** Decides whether a request may be acted on. */
export interface WebhookVerifier<Payload = unknown> {
  readonly scheme: WebhookScheme;
  /** The longest body it takes, in bytes: what an adapter limits received bytes to. */
  readonly maxBytes: number;
  /** Never throws and never rejects, whatever the request holds. */
  verify(request: WebhookRequest): Promise<Verdict<Payload>>;
  /**
   * For adapters: a refusal that was decided before the verifier saw the request, e.g. a body
   * that the server stopped reading. The observer is told as of any other.
   */
  refuse(reason: RequestRefusal): RefusedVerdict;
}

const makeStep: Readonly<Record<Stage, (settings: VerifierSettings) => Step>> = {
  request: requestStep,
  address: addressStep,
  form: formStep,
  headerTime: headerTimeStep,
  signature: signatureStep,
  bodyTime: bodyTimeStep,
  replay: replayStep,
  payload: payloadStep,
};

/**
 * Makes a verifier: raw bytes in, verdict out. Options are read once.
 * @throws WebhookSecurityError INVALID_OPTION, INVALID_KEY
 */
export function createWebhookVerifier<Payload = unknown>(
  options: WebhookVerifierOptions<Payload>,
): WebhookVerifier<Payload> {
  const settings = readOptions(options);
  const { scheme, maxBytes } = settings;
  const steps = (scheme.stages ?? stageOrder).map(
    (stage) => [stage, makeStep[stage](settings)] as const,
  );
  return Object.freeze({
    scheme,
    maxBytes,
    refuse: (reason) => refuse(settings, 'request', { reason }, undefined),
    verify: async (request: WebhookRequest) => {
      const check = newCheck(request);
      const refused = await run(steps, check);
      if (refused === undefined) return accept<Payload>(settings, check);
      const verdict = refuse(settings, refused.stage, refused, check);
      await check.claim.release();
      return verdict;
    },
  } satisfies WebhookVerifier<Payload>);
}

async function run(
  steps: readonly (readonly [Stage, Step])[],
  check: Check,
): Promise<(Refusal & { readonly stage: Stage }) | undefined> {
  for (const [stage, step] of steps) {
    try {
      const outcome = step(check);
      const refusal = outcome instanceof Promise ? await outcome : outcome;
      if (refusal !== undefined) return { ...refusal, stage };
    } catch (error) {
      // A fault of ours, or of a clock or schema given to us: refused, never let through.
      return { reason: 'verifier-failed', stage, error: errorKind(error) };
    }
  }
  return undefined;
}

function newCheck(request: unknown): Check {
  return {
    request: readRequest(request),
    headers: new Map(),
    body: Buffer.alloc(0),
    clientAddress: undefined,
    candidates: [],
    fields: [],
    timeText: '',
    id: '',
    sentAt: undefined,
    keyIndex: 0,
    reading: undefined,
    canonical: '',
    staleness: undefined,
    content: undefined,
    deliveryId: '',
    claim: noClaim,
    payload: undefined,
  };
}

function accept<Payload>(settings: VerifierSettings, check: Check): AcceptedVerdict<Payload> {
  const { emit, scheme } = settings;
  const { deliveryId, keyIndex, staleness, clientAddress } = check;
  const reading = check.reading?.name;
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
  return {
    verdict: 'accepted',
    stale: staleness !== undefined,
    staleness,
    sentAt: check.sentAt,
    payload: check.payload as Payload,
    deliveryId,
    keyIndex,
    reading,
    clientAddress,
    claim: check.claim,
  };
}

function refuse(
  { emit, scheme }: VerifierSettings,
  stage: Stage,
  refusal: Refusal,
  check: Check | undefined,
): RefusedVerdict {
  const { reason, repeat, paths, error } = refusal;
  const status = refusal.status ?? refusalStatus[reason satisfies RefusalReason];
  const clientAddress = check?.clientAddress;
  const deliveryId = check?.deliveryId ?? '';
  if (repeat !== undefined) {
    emit({ event: 'replayed', scheme: scheme.name, deliveryId, repeat, status, clientAddress });
  } else {
    emit({
      event: 'refused',
      scheme: scheme.name,
      reason,
      stage,
      status,
      clientAddress,
      ...(paths && { paths }),
      ...(error && { error }),
    });
  }
  return {
    verdict: 'refused',
    reason,
    stage,
    status,
    clientAddress,
    ...(repeat && { repeat }),
    ...(paths && { paths }),
  };
}
