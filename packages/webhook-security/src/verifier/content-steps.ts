import { createHash } from 'node:crypto';
import { WebhookSecurityError } from '../errors.js';
import { errorKind } from '../observer.js';
import type { VerifierSettings } from '../options.js';
import { type Content, readFields, readJson, valueAt } from '../payload/content.js';
import { issuePaths, type SchemaResult, type StandardSchema } from '../payload/standard-schema.js';
import { claimDelivery } from '../replay/delivery-claim.js';
import type { WebhookScheme } from '../scheme/scheme.js';
import { withDeadline } from '../time/deadline.js';
import { readClock } from '../time/read-clock.js';
import { readUtcTime } from '../time/read-time.js';
import type { Check, Step } from './check.js';

/** The signed content, read on first use. Called only by stages behind the signature. */
function contentOf(check: Check, scheme: WebhookScheme): Content {
  check.content ??= scheme.content === 'json' ? readJson(check.body) : readFields(check.fields);
  return check.content;
}

/** A time in the body never refuses: senders retry late, so an old notice is accepted as stale. */
export function bodyTimeStep(settings: VerifierSettings): Step {
  const { scheme, clock, maxAgeMs, maxAheadMs } = settings;
  const { bodyTime } = scheme;
  if (bodyTime === undefined) return () => undefined;
  return (check) => {
    const sentAt = readUtcTime(valueAt(contentOf(check, scheme), bodyTime.path));
    check.sentAt = sentAt;
    if (sentAt === undefined) {
      check.staleness = 'unknown';
      return undefined;
    }
    const ageMs = readClock(clock, 'wallTime') - sentAt;
    if (ageMs > maxAgeMs) check.staleness = 'old';
    else if (-ageMs > maxAheadMs) check.staleness = 'ahead';
    return undefined;
  };
}

/** Names the delivery and, where a store is set, claims it. */
export function replayStep(settings: VerifierSettings): Step {
  const { scheme, replay, clock, emit, tenant } = settings;
  return async (check) => {
    check.deliveryId = findDeliveryId(check, scheme);
    if (replay === undefined) return undefined;
    const outcome = await claimDelivery({
      key: replayKey(scheme.name, tenant, check.deliveryId),
      deliveryId: check.deliveryId,
      scheme: scheme.name,
      settings: replay,
      clock,
      emit,
    });
    if (outcome.result === 'failed') return { reason: 'replay-store-failed' };
    if (outcome.result === 'claimed') {
      check.claim = outcome.claim;
      return undefined;
    }
    // A delivery in other hands may still fail there: only a handled one may be acknowledged.
    const status = outcome.result === 'confirmed' ? replay.repeatStatus : 409;
    return { reason: 'replay', status, repeat: outcome.result };
  };
}

const longestKey = 500;

/** One spelling for each triple, short enough for every store. */
function replayKey(...parts: readonly string[]): string {
  const key = parts.map(encodeURIComponent).join(':');
  if (key.length <= longestKey) return key;
  return `sha256:${createHash('sha256').update(key).digest('hex')}`;
}

const longestIdPart = 100;

/** From signed content alone; a part that is missing or odd falls back to the message's digest. */
function findDeliveryId(check: Check, scheme: WebhookScheme): string {
  const { deliveryId } = scheme;
  if (deliveryId.kind === 'header') return check.id;
  if (deliveryId.kind === 'content') {
    const content = contentOf(check, scheme);
    const parts = deliveryId.paths.map((path) => idPart(valueAt(content, path)));
    if (parts.every((part) => part !== undefined)) return parts.join(':');
  }
  const hash = createHash('sha256');
  hash.update(scheme.message.kind === 'form' ? check.canonical : check.body);
  return `sha256:${hash.digest('hex')}`;
}

function idPart(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text === '' || text.length > longestIdPart) return undefined;
  return /\p{Surrogate}/u.test(text) ? undefined : encodeURIComponent(text);
}

/** Gives the signed content to the schema, and nothing but the places of its faults away. */
export function payloadStep(settings: VerifierSettings): Step {
  const { scheme, payload: schema } = settings;
  return async (check) => {
    const content = contentOf(check, scheme);
    if (schema === undefined) {
      check.payload = content.ok ? content.value : undefined;
      return undefined;
    }
    if (!content.ok) return { reason: 'payload-malformed' };
    try {
      const result = await validate(schema, content.value, settings);
      if (result.issues !== undefined) {
        return { reason: 'payload-invalid', paths: issuePaths(result.issues) };
      }
      check.payload = result.value;
      return undefined;
    } catch (error) {
      return { reason: 'payload-check-failed', error: errorKind(error) };
    }
  };
}

/** A schema that asks elsewhere may never hear back; one that answers at once needs no timer. */
function validate(
  schema: StandardSchema,
  value: unknown,
  { clock, payloadTimeoutMs: timeoutMs }: VerifierSettings,
): SchemaResult<unknown> | Promise<SchemaResult<unknown>> {
  const result = schema['~standard'].validate(value);
  if (!('then' in result)) return result;
  const expired = () =>
    new WebhookSecurityError('PAYLOAD_TIMEOUT', `the schema gave no answer within ${timeoutMs} ms`);
  return withDeadline(() => result, { clock, timeoutMs, expired });
}
