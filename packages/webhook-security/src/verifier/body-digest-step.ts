import { sha256Hex } from '../platform/index.js';
import { queryParameter } from '../request/request-url.js';
import type { WebhookScheme } from '../scheme/scheme.js';
import type { Refusal, Step } from './check.js';

const WRONG: Refusal = { reason: 'signature' };

/** Where the address is signed and holds a digest of the body: whether it is this body's. */
export function bodyDigestStep({ bodyDigest }: WebhookScheme): Step | undefined {
  if (bodyDigest === undefined) return undefined;
  return (check) => {
    const judge = (digest: string) =>
      queryParameter(check.url, bodyDigest.query) === digest ? undefined : WRONG;
    const digest = sha256Hex(check.body);
    return typeof digest === 'string' ? judge(digest) : digest.then(judge);
  };
}
