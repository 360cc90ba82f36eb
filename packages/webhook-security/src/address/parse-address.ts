/** An address as a number: 32 bits for version 4, 128 for version 6. */
export interface ParsedAddress {
  readonly version: 4 | 6;
  readonly value: bigint;
}

const longestAddress = 45;
const mappedPrefix = 0xffffn;

/**
 * Reads an address in its strict spelling and nothing else: four decimal octets without leading
 * zeros, or RFC 4291 text. No zone, port, bracket or white space. An IPv4-mapped IPv6 address is
 * the IPv4 address; no other form that holds one is.
 */
export function parseAddress(text: unknown): ParsedAddress | undefined {
  if (typeof text !== 'string' || text.length === 0 || text.length > longestAddress) {
    return undefined;
  }
  if (!text.includes(':')) {
    const value = parseIPv4(text);
    return value === undefined ? undefined : { version: 4, value };
  }
  const value = parseIPv6(text);
  if (value === undefined) return undefined;
  if (value >> 32n === mappedPrefix) return { version: 4, value: value & 0xffffffffn };
  return { version: 6, value };
}

function parseIPv4(text: string): bigint | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  let value = 0;
  for (const octet of octets) {
    const number = parseDecimal(octet, 3);
    if (number === undefined || number > 255) return undefined;
    value = value * 256 + number;
  }
  return BigInt(value);
}

/** Decimal ASCII digits without sign or leading zero; undefined for anything else. */
export function parseDecimal(text: string, maxDigits: number): number | undefined {
  if (text.length === 0 || text.length > maxDigits) return undefined;
  if (text.length > 1 && text.startsWith('0')) return undefined;
  let value = 0;
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

function parseIPv6(text: string): bigint | undefined {
  const gap = text.indexOf('::');
  if (gap === -1) {
    const groups = parseGroups(text, true);
    return groups?.length === 8 ? join(groups) : undefined;
  }
  const head = parseGroups(text.slice(0, gap), false);
  const tail = parseGroups(text.slice(gap + 2), true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (missing < 1) return undefined;
  return join([...head, ...Array.from({ length: missing }, () => 0), ...tail]);
}

function join(groups: readonly number[]): bigint {
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** Groups between single colons; the last may be a dotted IPv4 part where it ends the address. */
function parseGroups(text: string, endsAddress: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (endsAddress && index === parts.length - 1 && part.includes('.')) {
      const value = parseIPv4(part);
      if (value === undefined) return undefined;
      groups.push(Number(value >> 16n), Number(value & 0xffffn));
      continue;
    }
    const group = parseHexGroup(part);
    if (group === undefined) return undefined;
    groups.push(group);
  }
  return groups;
}

function parseHexGroup(text: string): number | undefined {
  if (text.length === 0 || text.length > 4) return undefined;
  let value = 0;
  for (let index = 0; index < text.length; index += 1) {
    const digit = hexDigit(text.charCodeAt(index));
    if (digit === -1) return undefined;
    value = value * 16 + digit;
  }
  return value;
}

/** The value of an ASCII hexadecimal digit of either case, -1 for any other code. */
export function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  if (code >= 65 && code <= 70) return code - 55;
  return -1;
}

/** The one spelling of an address: dotted decimal, or RFC 5952. */
export function formatAddress(address: ParsedAddress): string {
  if (address.version === 4) {
    const value = Number(address.value);
    return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
  }
  const groups: string[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) {
    groups.push(((address.value >> shift) & 0xffffn).toString(16));
  }
  const gap = longestZeroRun(groups);
  if (gap === undefined) return groups.join(':');
  return `${groups.slice(0, gap.start).join(':')}::${groups.slice(gap.end).join(':')}`;
}

/** The first of the longest runs of two or more zero groups. */
function longestZeroRun(groups: readonly string[]): { start: number; end: number } | undefined {
  let best: { start: number; end: number } | undefined;
  for (let start = 0; start < groups.length; start += 1) {
    let end = start;
    while (groups[end] === '0') end += 1;
    if (end - start >= 2 && (best === undefined || end - start > best.end - best.start)) {
      best = { start, end };
    }
    if (end > start) start = end;
  }
  return best;
}
