import { parseDecimal } from '../text/digits.js';
import type { AddressSet } from './address-set.js';
import { formatAddress } from './format-address.js';
import { lastRead, readAddress } from './read-address.js';

/** Who connected and what the request claims about whom it came for. */
export interface ForwardedRequest {
  /** The address of the socket's other end. */
  readonly peerAddress: unknown;
  /** The lines of X-Forwarded-For in their order; undefined stands for a line that is no text. */
  readonly forwardedFor: readonly (string | undefined)[];
  readonly trustedProxies: AddressSet;
}

/**
 * The client's address as canonical text. X-Forwarded-For is read only when the peer is a trusted
 * proxy, and then from its right end: trusted proxies are passed, the first other address is the
 * client (the furthest one where all are trusted). What stands left of that was written by the
 * client and is not looked at. An entry met on the way that is no address makes the whole undefined.
 */
export function resolveClientAddress(request: ForwardedRequest): string | undefined {
  const { peerAddress, forwardedFor, trustedProxies } = request;
  let current = canonical(peerAddress);
  for (let index = forwardedFor.length - 1; index >= 0; index -= 1) {
    const line = forwardedFor[index];
    let end = line?.length ?? 0;
    // A very long forged list costs nothing beyond the entries that are looked at.
    while (end >= 0) {
      if (current === undefined || trustedProxies.has(current) !== true) return current;
      if (line === undefined) return undefined;
      const unread = line.slice(0, end);
      const comma = unread.lastIndexOf(',');
      const entry = trimBlanks(unread.slice(comma + 1));
      if (entry !== '') current = canonicalEntry(entry);
      end = comma;
    }
  }
  return current;
}

function canonical(text: unknown): string | undefined {
  const version = readAddress(text);
  if (version === undefined) return undefined;
  // Without a colon it is IPv4, which is strictly written in one way only.
  return (text as string).includes(':') ? formatAddress(version, lastRead) : (text as string);
}

/** Spaces and tabs alone: other white space does not belong in a header. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  // Beyond either end there is no blank.
  const isBlank = (code: number) => code === 32 || code === 9;
  while (isBlank(text.charCodeAt(start))) start += 1;
  while (isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** An entry may carry a port behind an IPv4 address, and brackets around an IPv6 one. */
function canonicalEntry(entry: string): string | undefined {
  if (entry.startsWith('[')) {
    // Without the closing bracket the rest is the whole entry, and that is no port.
    const close = entry.indexOf(']');
    const inner = entry.slice(1, close);
    const rest = entry.slice(close + 1);
    if (rest !== '' && !(rest.startsWith(':') && isPort(rest.slice(1)))) return undefined;
    return inner.includes(':') ? canonical(inner) : undefined;
  }
  const colon = entry.indexOf(':');
  if (colon !== -1 && colon === entry.lastIndexOf(':')) {
    return isPort(entry.slice(colon + 1)) ? canonical(entry.slice(0, colon)) : undefined;
  }
  return canonical(entry);
}

function isPort(text: string): boolean {
  return (parseDecimal(text, 5) ?? Number.POSITIVE_INFINITY) <= 65_535;
}
