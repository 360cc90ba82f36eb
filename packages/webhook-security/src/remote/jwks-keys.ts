import { WebhookSecurityError } from '../errors.js';
import type { PublicJsonWebKey } from '../signature/json-web-key.js';
import type { KeySource } from '../signature/key-ring.js';
import { integer, refuseUnknown } from '../validation.js';
import { fetchText } from './fetch-text.js';
import {
  type RemoteOptions,
  readRemoteOptions,
  remoteOptionNames,
  requireHttps,
} from './remote-options.js';

export interface JwksKeysOptions extends RemoteOptions {
  /** Where the key set is; https. */
  readonly url: string;
  /** How long a key set is taken from memory, in ms. Default 600,000; 1,000 to 86,400,000. */
  readonly refreshMs?: number;
  /**
   * How soon the set may be asked for again where a request names a key that it lacks, or where it could
   * not be had, in ms. Default 30,000; 1,000 to 86,400,000.
   */
  readonly cooldownMs?: number;
}

type NamedKey = PublicJsonWebKey & { readonly kid?: string };

/**
 * The keys of a JSON Web Key Set. One address, given by you: no request names another. A set that cannot
 * be had leaves the last one in force.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function createJwksKeys(options: JwksKeysOptions): KeySource {
  refuseUnknown('', options, ['url', 'refreshMs', 'cooldownMs', ...remoteOptionNames]);
  const remote = readRemoteOptions(options);
  const { clock } = remote;
  const url = requireHttps('url', options.url);
  const refreshMs = integer('refreshMs', options.refreshMs ?? 600_000, 1_000, 86_400_000);
  const cooldownMs = integer('cooldownMs', options.cooldownMs ?? 30_000, 1_000, 86_400_000);

  let all: readonly NamedKey[] | undefined;
  let byId = new Map<string, readonly NamedKey[]>();
  let etag: string | undefined;
  let loadedAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | undefined;

  const load = async () => {
    askedAt = clock.now();
    const fetched = await fetchText({ ...remote, url, etag });
    loadedAt = clock.now();
    if (fetched.text === undefined) return;
    all = readSet(fetched.text, url);
    byId = new Map(all.flatMap((key) => (key.kid === undefined ? [] : [[key.kid, [key]]])));
    etag = fetched.etag;
  };
  const loadOnce = () => {
    loading ??= load().finally(() => {
      loading = undefined;
    });
    return loading;
  };
  const find = (hint: string | undefined) => (hint === undefined ? all : byId.get(hint));
  const none = () =>
    new WebhookSecurityError('REMOTE_REFUSED', `${new URL(url).host} has no such key`);

  return ({ hint }) => {
    const now = clock.now();
    const known = find(hint);
    const mayAsk = now - askedAt >= cooldownMs;
    if (known !== undefined) {
      // The set in force answers, and the next one is there for the requests to come.
      if (now - loadedAt >= refreshMs && mayAsk) loadOnce().catch(() => {});
      return known;
    }
    if (!mayAsk && loading === undefined) return Promise.reject(none());
    return loadOnce().then(() => {
      const found = find(hint);
      if (found === undefined) throw none();
      return found;
    });
  };
}

function readSet(text: string, url: string): readonly NamedKey[] {
  try {
    const { keys } = JSON.parse(text) as { readonly keys: readonly NamedKey[] };
    const usable = keys.filter(
      ({ kty, use }) => typeof kty === 'string' && (use ?? 'sig') === 'sig',
    );
    if (usable.length > 0) return usable;
  } catch {
    // Told below.
  }
  throw new WebhookSecurityError('REMOTE_REFUSED', `${new URL(url).host} gave no key set`);
}
