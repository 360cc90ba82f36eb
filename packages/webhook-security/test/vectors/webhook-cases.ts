import {
  createMemoryReplayStore,
  createWebhookVerifier,
  isWebhookSecurityError,
  type ReplayStore,
  type Verdict,
  type WebhookScheme,
  type WebhookVerifier,
} from '../../src/index.js';
import { isSynchronous } from '../../src/platform/index.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { base64Bytes, utf8Bytes } from './bytes.js';
import { vectorSchemes, withShortSecrets } from './schemes.js';

export interface VectorBody {
  readonly text?: string;
  readonly base64?: string;
  readonly repeat?: { readonly text: string; readonly count: number };
}

interface VectorRequest {
  readonly secrets: readonly string[];
  readonly body: VectorBody;
  readonly headers: readonly (readonly [string, string])[];
  readonly now: number;
  /** The address that the sender was given, where the scheme signs it. */
  readonly url?: string;
  /** The query of the request. */
  readonly query?: string;
  /** The secret is shorter than the scheme takes. */
  readonly shortSecret?: boolean;
  readonly expect: 'accept' | 'refuse';
  readonly reason?: string;
}

export interface WebhookCase extends VectorRequest {
  readonly id: string;
  readonly scheme: string;
  readonly tolerance: number;
}

export interface WebhookSequence {
  readonly id: string;
  readonly scheme: string;
  readonly tolerance: number;
  readonly steps: readonly (VectorRequest & { readonly tenant?: string })[];
}

export interface Outcome {
  readonly expect: 'accept' | 'refuse';
  readonly reason: string | undefined;
}

export function bodyOf(body: VectorBody): Uint8Array {
  if (body.base64 !== undefined) return base64Bytes(body.base64);
  if (body.text !== undefined) return utf8Bytes(body.text);
  if (body.repeat !== undefined) return utf8Bytes(body.repeat.text.repeat(body.repeat.count));
  throw new Error(`unknown body ${JSON.stringify(body)}`);
}

function schemeOf(name: string): WebhookScheme {
  const scheme = vectorSchemes[name];
  if (scheme === undefined) throw new Error(`unknown scheme ${name}`);
  return scheme;
}

interface RunOptions {
  readonly scheme: string;
  readonly tolerance: number;
  readonly clock: ManualClock;
  readonly store?: ReplayStore;
  readonly tenant?: string | undefined;
}

async function decide(request: VectorRequest, options: RunOptions): Promise<Verdict | undefined> {
  const { url, query = '', shortSecret = false } = request;
  const named = schemeOf(options.scheme);
  const scheme = shortSecret ? withShortSecrets(named) : named;
  let verifier: WebhookVerifier;
  try {
    verifier = createWebhookVerifier({
      scheme,
      keys: request.secrets,
      clock: options.clock,
      ...(scheme.headerTime && { toleranceMs: options.tolerance * 1_000 }),
      ...(options.store && { replay: { store: options.store } }),
      ...(options.tenant && { tenant: options.tenant }),
      ...(url !== undefined && { url }),
    });
  } catch (error) {
    if (isWebhookSecurityError(error, 'INVALID_KEY')) return undefined;
    throw error;
  }
  const { headers, body } = request;
  const asked = { method: 'POST', headers, body: bodyOf(body), url: `/hook${query}` };
  const verdict = await verifier.verify(asked);
  // Without a store both ways must come to the same verdict.
  if (isSynchronous && options.store === undefined) {
    const atOnce = verifier.verifySync(asked);
    if (shown(atOnce) !== shown(verdict)) throw new Error('verify and verifySync differ');
  }
  return verdict;
}

/** An unusable secret shows when the verifier is made: no verdict. */
function outcomeOf(verdict: Verdict | undefined): Outcome {
  if (verdict?.verdict === 'accepted') return { expect: 'accept', reason: undefined };
  const reason = verdict?.verdict === 'refused' ? verdict.reason : verdict?.verdict;
  return { expect: 'refuse', reason: reason ?? 'secret-invalid' };
}

export async function runWebhookCase(one: WebhookCase): Promise<Outcome> {
  const { scheme, tolerance, now } = one;
  return outcomeOf(
    await decide(one, { scheme, tolerance, clock: new ManualClock({ wallTime: now * 1_000 }) }),
  );
}

/** The steps meet one store in turn; an accepted one counts as handled. */
export async function runWebhookSequence(sequence: WebhookSequence): Promise<readonly Outcome[]> {
  const { scheme, tolerance, steps } = sequence;
  const start = (steps[0]?.now ?? 0) * 1_000;
  const clock = new ManualClock({ wallTime: start });
  const store = createMemoryReplayStore({ clock });
  const outcomes: Outcome[] = [];
  for (const step of steps) {
    clock.advance(step.now * 1_000 - clock.wallTime());
    const verdict = await decide(step, { scheme, tolerance, clock, store, tenant: step.tenant });
    if (verdict?.verdict === 'accepted') await verdict.claim.confirm();
    outcomes.push(outcomeOf(verdict));
  }
  return outcomes;
}

function shown(verdict: Verdict): string {
  return verdict.verdict === 'refused' ? `${verdict.stage} ${verdict.reason}` : verdict.verdict;
}
