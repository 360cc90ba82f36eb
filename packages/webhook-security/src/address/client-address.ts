import type { AddressSet } from './address-set.js';
import { formatAddress, type ParsedAddress, parseAddress, parseDecimal } from './parse-address.js';

/** Who connected and what the request claims about whom it came for. */
export interface ForwardedRequest {
  /** The address of the socket's other end. */
  readonly peerAddress: unknown;
  /** The lines of X-Forwarded-For in their order; undefined stands for a line that is no text. */
  readonly forwardedFor: readonly (string | undefined)[];
  readonly trustedProxies: AddressSet;
}

/**
 * The client's address. X-Forwarded-For is read only when the peer is a trusted proxy, and then
 * from its right end: trusted proxies are passed, the first other address is the client (the
 * furthest one where all are trusted). What stands left of that was written by the client and is
 * not looked at. An entry met on the way that is no address makes the whole undefined.
 */
export function findClientAddress(request: ForwardedRequest): ParsedAddress | undefined {
  let current = parseAddress(request.peerAddress);
  if (current === undefined) return undefined;
  for (const entry of entriesFromTheRight(request.forwardedFor)) {
    if (!request.trustedProxies.hasParsed(current)) return current;
    current = entry === undefined ? undefined : parseForwardedEntry(entry);
    if (current === undefined) return undefined;
  }
  return current;
}

/** The same as canonical text. */
export function resolveClientAddress(request: ForwardedRequest): string | undefined {
  const address = findClientAddress(request);
  return address === undefined ? undefined : formatAddress(address);
}

/** Lazily, so that a very long forged list costs nothing beyond its right end. */
function* entriesFromTheRight(
  lines: readonly (string | undefined)[],
): Generator<string | undefined> {
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const line = lines[index];
    if (line === undefined) {
      yield undefined;
      continue;
    }
    let end = line.length;
    while (end >= 0) {
      const comma = end === 0 ? -1 : line.lastIndexOf(',', end - 1);
      const entry = trimBlanks(line.slice(comma + 1, end));
      if (entry !== '') yield entry;
      end = comma;
    }
  }
}

/** Spaces and tabs alone: other white space does not belong in a header. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  const isBlank = (code: number) => code === 32 || code === 9;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** An entry may carry a port behind an IPv4 address, and brackets around an IPv6 one. */
function parseForwardedEntry(entry: string): ParsedAddress | undefined {
  if (entry.startsWith('[')) {
    const close = entry.indexOf(']');
    if (close === -1) return undefined;
    const inner = entry.slice(1, close);
    const rest = entry.slice(close + 1);
    if (rest !== '' && !(rest.startsWith(':') && isPort(rest.slice(1)))) return undefined;
    return inner.includes(':') ? parseAddress(inner) : undefined;
  }
  const colon = entry.indexOf(':');
  if (colon !== -1 && colon === entry.lastIndexOf(':')) {
    return isPort(entry.slice(colon + 1)) ? parseAddress(entry.slice(0, colon)) : undefined;
  }
  return parseAddress(entry);
}

function isPort(text: string): boolean {
  const port = parseDecimal(text, 5);
  return port !== undefined && port <= 65_535;
}
