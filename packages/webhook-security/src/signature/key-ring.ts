import type { SignatureAlgorithm } from '../crypto/algorithms.js';
import { WebhookSecurityError } from '../errors.js';
import { type ErrorKind, errorKind } from '../observer.js';
import { isSynchronous } from '../platform/index.js';
import type { Clock } from '../ports/clock.js';
import { isThenable } from '../promise.js';
import type { SignatureVersion } from '../scheme/scheme.js';
import { withDeadline } from '../time/deadline.js';
import { type ReadyKey, readKeys, type WebhookKey } from './keys.js';

/** What a request says of the key it was signed with. Unsigned: it may choose among keys, never bring one. */
export interface KeyHint {
  /** The text at the scheme's `keyHint`; undefined where the scheme has none. */
  readonly hint: string | undefined;
}

/**
 * Where keys come from that change while the process runs. Asked for each request whose form and
 * time are right, so it should answer from memory; the same keys given again are not read again.
 */
export type KeySource = (
  request: KeyHint,
) => readonly WebhookKey[] | PromiseLike<readonly WebhookKey[]>;

/** The keys in force, or what kind of error kept them away. */
export type KeysFound = readonly ReadyKey[] | ErrorKind;

export interface KeyRing {
  /** Whether `get` answers at once, always with the same, and so do the keys' checks. */
  readonly isFixed: boolean;
  /** Whether a key of this version may be among them. */
  mayHave(version: number): boolean;
  get(hint: string | undefined): KeysFound | Promise<KeysFound>;
}

/** @throws WebhookSecurityError INVALID_KEY, INVALID_OPTION */
export function createKeyRing(options: {
  readonly keys: readonly WebhookKey[] | KeySource;
  readonly versions: readonly SignatureVersion[];
  readonly clock: Clock;
  readonly timeoutMs: number;
}): KeyRing {
  const { keys, versions } = options;
  if (typeof keys === 'function') return changingKeys(keys, options);
  const ready = readKeys(keys, versions);
  return {
    isFixed: isSynchronous,
    mayHave: (version) => ready.some((key) => key.version === version),
    get: () => ready,
  };
}

/** A key set may hold keys of other kinds, for other uses; one's own list holds none. */
function fitsKind(key: WebhookKey, versions: readonly SignatureVersion[]): boolean {
  const kty = (key as { readonly kty?: unknown } | null)?.kty;
  if (kty === undefined) return true;
  return versions.some(({ algorithm }) => JWK_KINDS[algorithm] === kty);
}

const JWK_KINDS: Partial<Record<SignatureAlgorithm, string>> = {
  ed25519: 'OKP',
  'ecdsa-p256-sha256': 'EC',
  'rsa-sha256': 'RSA',
  'rsa-sha1': 'RSA',
};

interface Given {
  readonly keys: readonly WebhookKey[];
  readonly ready: readonly ReadyKey[];
}

function isSameList(keys: readonly WebhookKey[], last: readonly WebhookKey[]): boolean {
  return keys.length === last.length && keys.every((key, index) => key === last[index]);
}

function changingKeys(
  source: KeySource,
  options: {
    readonly versions: readonly SignatureVersion[];
    readonly clock: Clock;
    readonly timeoutMs: number;
  },
): KeyRing {
  const { versions, clock, timeoutMs } = options;
  let last: Given | undefined;
  const read = (keys: readonly WebhookKey[]): KeysFound => {
    try {
      if (last === undefined || !isSameList(keys, last.keys)) {
        const fitting = keys.filter((key) => fitsKind(key, versions));
        // A copy: a list that is changed in place must not keep a revoked key in force.
        last = { keys: [...keys], ready: readKeys(fitting, versions) };
      }
      return last.ready;
    } catch (error) {
      return errorKind(error);
    }
  };
  const expired = () =>
    new WebhookSecurityError('KEYS_TIMEOUT', `the keys were not given within ${timeoutMs} ms`);
  return {
    isFixed: false,
    mayHave: () => true,
    get: (hint) => {
      try {
        const given = source({ hint });
        if (!isThenable(given)) return read(given);
        return withDeadline(() => given, { clock, timeoutMs, expired }).then(read, errorKind);
      } catch (error) {
        return errorKind(error);
      }
    },
  };
}
