import { WebhookSecurityError } from '../errors.js';
import { errorKind } from '../observer.js';
import type { VerifierSettings } from '../options.js';
import { type Content, readFields, readJson, readSigned, valueAt } from '../payload/content.js';
import { issuePaths, type SchemaResult, type StandardSchema } from '../payload/standard-schema.js';
import { isThenable } from '../promise.js';
import { type ClaimOutcome, claimDelivery } from '../replay/delivery-claim.js';
import { signedPaths } from '../scheme/signed-paths.js';
import { withDeadline } from '../time/deadline.js';
import { readClock } from '../time/read-clock.js';
import { readTime } from '../time/read-time.js';
import type { Check, Refusal, Step } from './check.js';
import { deliveryIdOf, replayKey, replayKeyPrefix } from './delivery-id.js';

const STORE_FAILED: Refusal = { reason: 'replay-store-failed' };
const PAYLOAD_MALFORMED: Refusal = { reason: 'payload-malformed' };

/** Reads the signed content, once. For stages behind the signature alone. */
export type ReadContent = (check: Check) => Content;

export function contentReader({ scheme }: VerifierSettings): ReadContent {
  const paths = signedPaths(scheme).map(({ path }) => path);
  const read = (check: Check): Content => {
    if (scheme.content === 'form') return readFields(check.fields);
    if (check.jsonFields !== undefined) return readSigned(check.jsonFields, paths);
    return readJson(check.text);
  };
  return (check) => {
    check.content ??= read(check);
    return check.content;
  };
}

/** A time in the body never refuses: senders retry late, so an old notice is accepted as stale. */
export function bodyTimeStep(settings: VerifierSettings, contentOf: ReadContent): Step | undefined {
  const { scheme, clock, maxAgeMs, maxAheadMs } = settings;
  const { bodyTime } = scheme;
  if (bodyTime === undefined) return undefined;
  const { path, unit = 'iso' } = bodyTime;
  return (check) => {
    const sentAt = readTime(valueAt(contentOf(check), path), unit);
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

/** Names the delivery and claims it, where a store is set. */
export function replayStep(settings: VerifierSettings, contentOf: ReadContent): Step | undefined {
  const { scheme, replay, clock, emit, tenant } = settings;
  if (replay === undefined) return undefined;
  const place = { scheme: scheme.name, settings: replay, clock, emit };
  const prefix = replayKeyPrefix(scheme.name, tenant);
  const judge = (check: Check, outcome: ClaimOutcome): Refusal | undefined => {
    switch (outcome.result) {
      case 'claimed':
        check.claim = outcome.claim;
        check.isClaimed = true;
        return undefined;
      case 'failed':
        return STORE_FAILED;
      case 'claimedElsewhere':
        // A delivery in other hands may still fail there: only a handled one may be acknowledged.
        return { reason: 'replay', status: 409, repeat: 'claimedElsewhere' };
      default: {
        const { answer } = outcome;
        const repeated = { status: replay.repeatStatus, repeat: 'confirmed' } as const;
        return { reason: 'replay', ...repeated, ...(answer && { answer }) };
      }
    }
  };
  const claim = (check: Check, key: string, id: string) => {
    const outcome = claimDelivery(place, key, id);
    return isThenable(outcome)
      ? Promise.resolve(outcome.then((one) => judge(check, one)))
      : judge(check, outcome);
  };
  return (check) => {
    const id = deliveryIdOf(check, scheme, contentOf);
    const key = replayKey(prefix, id);
    return typeof key === 'string'
      ? claim(check, key, id)
      : key.then((one) => claim(check, one, id));
  };
}

/** Gives the signed content to the schema, and nothing but the places of its faults away. */
export function payloadStep(settings: VerifierSettings, contentOf: ReadContent): Step | undefined {
  const { payload: schema } = settings;
  if (schema === false) return undefined;
  if (schema === undefined) {
    return (check) => {
      const content = contentOf(check);
      check.payload = content.ok ? content.value : undefined;
      return undefined;
    };
  }
  const judge = (check: Check, result: SchemaResult<unknown>): Refusal | undefined => {
    if (result.issues !== undefined) {
      return { reason: 'payload-invalid', paths: issuePaths(result.issues) };
    }
    check.payload = result.value;
    return undefined;
  };
  const failed = (error: unknown): Refusal => ({
    reason: 'payload-check-failed',
    error: errorKind(error),
  });
  return (check) => {
    const content = contentOf(check);
    if (!content.ok) return PAYLOAD_MALFORMED;
    try {
      const result = validate(schema, content.value, settings);
      if (!isThenable(result)) return judge(check, result);
      return Promise.resolve(result.then((one) => judge(check, one))).catch(failed);
    } catch (error) {
      return failed(error);
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
  if (!isThenable(result)) return result;
  const expired = () =>
    new WebhookSecurityError('PAYLOAD_TIMEOUT', `the schema gave no answer within ${timeoutMs} ms`);
  return withDeadline(() => result, { clock, timeoutMs, expired });
}
