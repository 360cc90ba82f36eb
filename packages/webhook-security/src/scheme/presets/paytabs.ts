import type { FormReading } from '../../form/php-form.js';
import { invalid, refuseUnknown } from '../../validation.js';
import { definePreset } from '../define-preset.js';
import type { SignatureVersion, WebhookScheme } from '../scheme.js';

/** PayTabs server keys are 32 characters long; half of that is no server key any more. */
const version: SignatureVersion = {
  algorithm: 'hmac-sha256',
  encoding: 'hex',
  key: { encoding: 'utf8', minBytes: 16 },
};

/**
 * PayTabs callback and IPN: JSON, `Signature` holds the lower-case hex HMAC-SHA256 of the raw body
 * under the profile's server key. Nothing outside the body is signed and no header states a time,
 * so freshness comes from `payment_result.transaction_time`: an old notice is accepted as stale.
 * A delivery is named by profile, transaction and status: a retry repeats all three.
 */
export function payTabsCallback(): WebhookScheme {
  callback ??= defineCallback();
  return callback;
}

let callback: WebhookScheme | undefined;

const defineCallback = () =>
  definePreset({
    name: 'paytabs',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'signature' },
    versions: [version],
    message: { kind: 'parts', parts: ['body'] },
    bodyTime: {
      path: ['payment_result', 'transaction_time'],
      maxAgeMs: 3_600_000,
      maxAheadMs: 300_000,
    },
    deliveryId: {
      kind: 'content',
      paths: [['profile_id'], ['tran_ref'], ['payment_result', 'response_status']],
    },
    maxBytes: 262_144,
    repeatStatus: 200,
    unsigned: [
      'every header, the Client-Key header among them',
      'the URL, its query and the method',
      'the time of sending: the body states when the transaction was processed',
    ],
  });

export interface PayTabsReturnOptions {
  /**
   * How a `~` may be written in the signed string, in the order tried. Default both, PHP's way
   * first: the official code encodes it, the sender may be a program that does not.
   */
  readonly tilde?: readonly FormReading['tilde'][];
  /** Whether a value `0` is signed, in the order tried. Default both, kept first. */
  readonly zero?: readonly FormReading['zero'][];
  /** Query parameters of your own return URL that come back among the fields, unsigned. */
  readonly exclude?: readonly string[];
}

/**
 * PayTabs browser return: a form whose field `signature` is the HMAC-SHA256 of the other fields,
 * empty ones dropped, sorted and written as PHP's `http_build_query` does. It shows a page and
 * decides nothing: it carries no amount, no currency and no time.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function payTabsReturn(options: PayTabsReturnOptions = {}): WebhookScheme {
  refuseUnknown('', options, ['tilde', 'zero', 'exclude']);
  const tilde = readChoices('tilde', options.tilde, ['encoded', 'bare']);
  const zero = readChoices('zero', options.zero, ['kept', 'dropped']);
  const exclude = options.exclude ?? [];
  if (!Array.isArray(exclude) || exclude.some((name) => typeof name !== 'string')) {
    throw invalid('exclude', exclude, 'a list of field names');
  }
  return definePreset({
    name: 'paytabs-return',
    methods: ['POST'],
    contentTypes: ['application/x-www-form-urlencoded'],
    content: 'form',
    versions: [version],
    signature: {
      kind: 'field',
      name: 'signature',
      maxFields: 64,
      exclude,
      unsignedWhen: { field: 'respStatus', value: 'E' },
    },
    message: {
      kind: 'form',
      readings: tilde.flatMap((tilde) =>
        zero.map((zero) => ({ name: `tilde-${tilde},zero-${zero}`, tilde, zero })),
      ),
    },
    deliveryId: { kind: 'content', paths: [['tranRef'], ['respStatus']] },
    maxBytes: 65_536,
    repeatStatus: 200,
    unsigned: [
      'every header, the URL, its query and the method',
      'amount, currency and time, which a return does not carry at all',
      'fields with an empty value, and the fields named by exclude: the payload leaves them out',
    ],
  });
}

function readChoices<T extends string>(
  name: string,
  value: readonly T[] | undefined,
  allowed: readonly T[],
): readonly T[] {
  if (value === undefined) return allowed;
  if (Array.isArray(value) && value.length > 0 && value.every((one) => allowed.includes(one))) {
    return value;
  }
  throw invalid(name, value, `a list of at least one of: ${allowed.join(', ')}`);
}
