import { X509Certificate } from 'node:crypto';
import { WebhookSecurityError } from '../errors.js';
import { isPinnedUrl } from '../request/pinned-url.js';
import type { KeySource } from '../signature/key-ring.js';
import type { WebhookKey } from '../signature/keys.js';
import { integer, invalid, refuseUnknown } from '../validation.js';
import { fetchText } from './fetch-text.js';
import { type RemoteOptions, readRemoteOptions, remoteOptionNames } from './remote-options.js';

export interface CertificateKeysOptions extends RemoteOptions {
  /**
   * The hosts a certificate may be fetched from: these names and what lies below them. https on the usual
   * port alone. Whoever can publish a file there can sign, so name the narrowest you can.
   */
  readonly hosts: readonly string[];
  /** A path that the certificate's must match. Default: one that ends in `.pem`. */
  readonly path?: RegExp;
  /** How long a certificate is taken from memory, in ms. Default 86,400,000; 1,000 to 604,800,000. */
  readonly keepMs?: number;
}

/** More than a sender has in force at a time; a bound for what requests can make us keep. */
const mostKept = 16;

/**
 * The public key of the certificate that a request names, as SNS does: fetched from pinned hosts alone,
 * within its time of validity, and kept.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function createCertificateKeys(options: CertificateKeysOptions): KeySource {
  refuseUnknown('', options, ['hosts', 'path', 'keepMs', ...remoteOptionNames]);
  const remote = readRemoteOptions(options);
  const { clock } = remote;
  const { hosts, path = /\.pem$/ } = options;
  if (!Array.isArray(hosts) || hosts.length === 0 || !hosts.every(isHost)) {
    throw invalid('hosts', hosts, 'a list of at least one host name');
  }
  if (!(path instanceof RegExp)) throw invalid('path', path, 'a regular expression');
  const keepMs = integer('keepMs', options.keepMs ?? 86_400_000, 1_000, 604_800_000);
  const kept = new Map<
    string,
    { readonly keys: Promise<readonly WebhookKey[]>; readonly at: number }
  >();

  const fetchKeys = async (url: string): Promise<readonly WebhookKey[]> => {
    const { text = '' } = await fetchText({ ...remote, url });
    return [publicKeyOf(text, clock.wallTime())];
  };
  return ({ hint }) => {
    if (hint === undefined || !isPinnedUrl(hint, hosts) || !path.test(new URL(hint).pathname)) {
      return Promise.reject(refused('is at no pinned host'));
    }
    const found = kept.get(hint);
    if (found !== undefined && clock.now() - found.at < keepMs) return found.keys;
    const keys = fetchKeys(hint);
    kept.set(hint, { keys, at: clock.now() });
    keys.catch(() => kept.delete(hint));
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    return keys;
  };
}

function isHost(host: unknown): boolean {
  return typeof host === 'string' && /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host);
}

function publicKeyOf(pem: string, wallTime: number): WebhookKey {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    throw refused('cannot be read');
  }
  const isValid =
    Date.parse(certificate.validFrom) <= wallTime && wallTime <= Date.parse(certificate.validTo);
  if (!isValid) throw refused('is not valid now');
  return certificate.publicKey;
}

function refused(why: string): WebhookSecurityError {
  return new WebhookSecurityError('REMOTE_REFUSED', `the certificate ${why}`);
}
