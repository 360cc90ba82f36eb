import { lookup } from 'node:dns/promises';
import type { ParseArgsConfig } from 'node:util';
import { createAddressSet } from '@nestcms/webhook-security';
import { isWebUrl } from '../../operations/is-web-url.js';
import { UsageError } from '../usage-error.js';

export const forwardFlags = {
  'forward-to': { type: 'string' },
  'allow-public': { type: 'boolean' },
  'client-key': { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

export const forwardUsage = `  --forward-to URL    your shop's address for it, on this machine or in a private network
  --allow-public      send to any other address too. What is sent is truly signed: a shop in production
                      takes it for the gateway's
  --client-key KEY    sent as the header Client-Key; default a made-up one
`;

interface ForwardFlags {
  readonly 'forward-to'?: string | undefined;
  readonly 'allow-public'?: boolean | undefined;
}

const near = createAddressSet([
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1',
  'fc00::/7',
  'fe80::/10',
]);

/**
 * Where signed requests may go: by default to no machine that others can reach.
 * @throws UsageError
 */
export async function readForwardTo(flags: ForwardFlags): Promise<string> {
  const text = flags['forward-to'];
  if (text === undefined) throw new UsageError('Say where your shop takes it: --forward-to URL');
  if (!isWebUrl(text)) throw new UsageError('--forward-to must be an http(s) URL');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new UsageError('--forward-to must be without user, password and fragment');
  }
  if (!flags['allow-public'] && !(await isNear(url.hostname))) {
    throw new UsageError(
      `${url.hostname} is neither this machine nor in a private network; --allow-public sends there all the same`,
    );
  }
  return url.href;
}

/** A name is near when all it stands for is. */
async function isNear(hostname: string): Promise<boolean> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const found = await lookup(host, { all: true }).catch(() => {
    throw new UsageError(`There is no host ${host}`);
  });
  return found.length > 0 && found.every(({ address }) => near.has(address));
}
