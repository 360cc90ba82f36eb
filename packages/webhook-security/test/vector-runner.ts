import {
  createWebhookVerifier,
  isWebhookSecurityError,
  type WebhookScheme,
  type WebhookVerifier,
} from '../src/index.js';
import { ManualClock } from '../src/testing/manual-clock.js';
import { vectorSchemes } from './vector-schemes.js';

export interface VectorBody {
  readonly text?: string;
  readonly base64?: string;
  readonly repeat?: { readonly text: string; readonly count: number };
}

export interface WebhookCase {
  readonly id: string;
  readonly scheme: string;
  readonly secrets: readonly string[];
  readonly body: VectorBody;
  readonly headers: readonly (readonly [string, string])[];
  readonly now: number;
  readonly tolerance: number;
  readonly expect: 'accept' | 'refuse';
  readonly reason?: string;
}

export interface Outcome {
  readonly expect: 'accept' | 'refuse';
  readonly reason: string | undefined;
}

export function bodyOf(body: VectorBody): Buffer {
  if (body.base64 !== undefined) return Buffer.from(body.base64, 'base64');
  if (body.text !== undefined) return Buffer.from(body.text, 'utf8');
  if (body.repeat !== undefined) return Buffer.from(body.repeat.text.repeat(body.repeat.count));
  throw new Error(`unknown body ${JSON.stringify(body)}`);
}

export async function runWebhookCase(c: WebhookCase): Promise<Outcome> {
  const scheme = vectorSchemes[c.scheme] as WebhookScheme;
  let verifier: WebhookVerifier;
  try {
    verifier = createWebhookVerifier({
      scheme,
      keys: c.secrets,
      clock: new ManualClock(c.now * 1_000),
      ...(scheme.headerTime && { toleranceMs: c.tolerance * 1_000 }),
    });
  } catch (error) {
    if (isWebhookSecurityError(error, 'INVALID_KEY')) {
      return { expect: 'refuse', reason: 'secret-invalid' };
    }
    throw error;
  }
  const verdict = await verifier.verify({
    method: 'POST',
    headers: c.headers,
    body: bodyOf(c.body),
  });
  return verdict.verdict === 'accepted'
    ? { expect: 'accept', reason: undefined }
    : { expect: 'refuse', reason: verdict.reason };
}
