import { isIP } from 'node:net';
import { whyUnreachable } from '../../operations/callback-address.js';
import { type Finding, failed, ok } from './check.js';
import { describeLoss } from './describe-loss.js';

/** All addresses of a name. Rejects as DNS does. */
export type Lookup = (host: string) => Promise<readonly string[]>;

const longest = 255;

/** Whether the gateway would deliver there, as far as the address tells: its form, and what DNS has for its host. */
export async function checkCallbackAddress(
  url: string,
  { lookup, isLocal }: { readonly lookup: Lookup; readonly isLocal: boolean },
): Promise<Finding> {
  if (isLocal) return ok('The gateway is on this machine and reaches what is on it.');
  const why =
    url.length > longest ? `must have at most ${longest} characters` : whyUnreachable(url);
  if (why !== undefined) return failed(`It ${why}.`, 'Give the gateway a public https address.');
  const host = new URL(url).hostname;
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return ok('It is of a form the gateway takes.');
  return checkName(host, lookup);
}

async function checkName(host: string, lookup: Lookup): Promise<Finding> {
  let addresses: readonly string[];
  try {
    addresses = await lookup(host);
  } catch (error) {
    const { says, todo } = describeLoss(error, { host });
    return failed(says, todo);
  }
  const inside = addresses.filter((address) => whyUnreachable(urlOf(address)) !== undefined);
  if (inside.length === 0) return ok(`${host} has public addresses only.`);
  return failed(
    `${host} leads to ${inside.join(', ')}, which the gateway does not reach.`,
    'Give it a public address in DNS; if this machine sees an inner one, run this command from outside.',
  );
}

const urlOf = (address: string): string =>
  isIP(address) === 6 ? `https://[${address}]` : `https://${address}`;
