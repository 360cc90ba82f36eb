import { WebhookSecurityError } from '../errors.js';
import { readCertificate } from '../platform/index.js';
import type { Certificate } from '../platform/platform.js';
import { isPinnedUrl } from '../request/pinned-url.js';
import type { KeySource } from '../signature/key-ring.js';
import type { WebhookKey } from '../signature/keys.js';
import { integer, invalid, refuseUnknown } from '../validation.js';
import { fetchText } from './fetch-text.js';
import { type RemoteOptions, readRemoteOptions, remoteOptionNames } from './remote-options.js';

export interface CertificateKeysOptions extends RemoteOptions {
  /**
   * The hosts a certificate may be fetched from, in which `*` stands for one label; for SNS `SNS_HOSTS`.
   * https on the usual port alone. Whoever can publish a file there can sign: name no host below which
   * anybody may have one.
   */
  readonly hosts: readonly string[];
  /** A path that the certificate's must match. Default: one that ends in `.pem`. */
  readonly path?: RegExp;
  /** How long a certificate is taken from memory, in ms. Default 86,400,000; 1,000 to 604,800,000. */
  readonly keepMs?: number;
  /** The time in which no more than four new addresses are asked, in ms. Default 30,000; 1,000 to 3,600,000. */
  readonly cooldownMs?: number;
}

/** More than a sender has in force at a time; a bound for what requests can make us keep. */
const mostKept = 16;
/** Anybody can name an address; so many are asked in a while, and the rest is refused. */
const mostAsked = 4;

interface Kept {
  readonly keys: readonly WebhookKey[];
  readonly at: number;
}

/**
 * The public key of the certificate that a request names, as SNS does: fetched from pinned hosts alone,
 * within its time of validity, and kept.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function createCertificateKeys(options: CertificateKeysOptions): KeySource {
  refuseUnknown('', options, ['hosts', 'path', 'keepMs', 'cooldownMs', ...remoteOptionNames]);
  const remote = readRemoteOptions(options);
  const { clock } = remote;
  const { hosts, path = /\.pem$/ } = options;
  if (!Array.isArray(hosts) || hosts.length === 0 || !hosts.every(isHost)) {
    throw invalid('hosts', hosts, 'a list of at least one host name such as sns.*.amazonaws.com');
  }
  if (!(path instanceof RegExp)) throw invalid('path', path, 'a regular expression');
  const keepMs = integer('keepMs', options.keepMs ?? 86_400_000, 1_000, 604_800_000);
  const cooldownMs = integer('cooldownMs', options.cooldownMs ?? 30_000, 1_000, 3_600_000);
  const kept = new Map<string, Kept>();
  const asking = new Map<string, Promise<readonly WebhookKey[]>>();
  let askedAt: readonly number[] = [];

  const ask = async (url: string): Promise<readonly WebhookKey[]> => {
    const { text = '' } = await fetchText({ ...remote, url });
    const keys = [publicKeyOf(text, clock.wallTime())];
    // Only what came to something takes a place.
    kept.delete(url);
    kept.set(url, { keys, at: clock.now() });
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    return keys;
  };
  const askOnce = (url: string): Promise<readonly WebhookKey[]> => {
    const running = asking.get(url);
    if (running !== undefined) return running;
    askedAt = askedAt.filter((at) => clock.now() - at < cooldownMs);
    if (askedAt.length >= mostAsked) return Promise.reject(refused('is one of too many new ones'));
    askedAt = [...askedAt, clock.now()];
    const keys = ask(url).finally(() => asking.delete(url));
    asking.set(url, keys);
    return keys;
  };
  return ({ hint }) => {
    if (hint === undefined || !isPinned(hint, hosts, path)) {
      return Promise.reject(refused('is at no pinned address'));
    }
    const found = kept.get(hint);
    return found !== undefined && clock.now() - found.at < keepMs ? found.keys : askOnce(hint);
  };
}

/** Three labels at least, the last two of them written out. */
function isHost(host: unknown): boolean {
  return (
    typeof host === 'string' && /^(?:(?:[a-z0-9-]+|\*)\.)+[a-z0-9-]+\.[a-z][a-z0-9-]+$/.test(host)
  );
}

/** One address has one spelling: with a query behind it there would be any number. */
function isPinned(text: string, hosts: readonly string[], path: RegExp): boolean {
  if (!isPinnedUrl(text, hosts)) return false;
  const url = new URL(text);
  return url.href === text && url.search === '' && url.hash === '' && path.test(url.pathname);
}

function publicKeyOf(pem: string, wallTime: number): WebhookKey {
  let certificate: Certificate;
  try {
    certificate = readCertificate(pem);
  } catch {
    throw refused('cannot be read');
  }
  const { validFrom, validTo } = certificate;
  if (!(validFrom <= wallTime && wallTime <= validTo)) throw refused('is not valid now');
  return certificate.publicKey;
}

function refused(why: string): WebhookSecurityError {
  return new WebhookSecurityError('REMOTE_REFUSED', `the certificate ${why}`);
}
