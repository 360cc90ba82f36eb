import { hexDigit } from '../text/digits.js';

export type AddressVersion = 4 | 6;

/** Four unsigned words of 32 bits, the highest first. An IPv4 address is the last of them. */
export type AddressWords = Uint32Array;

/**
 * The address that `readAddress` has read last. Kept in one place, because each request has several
 * read, one at a time, and making an object for each costs as much as reading it.
 */
export const lastRead: AddressWords = new Uint32Array(4);

const longestAddress = 45;

const DOT = 46;
const COLON = 58;

/**
 * Reads an address in its strict spelling and nothing else into `lastRead`: four decimal octets
 * without leading zeros, or RFC 4291 text. No zone, port, bracket or white space. An IPv4-mapped
 * IPv6 address is the IPv4 address; no other form that holds one is.
 */
export function readAddress(text: unknown): AddressVersion | undefined {
  if (typeof text !== 'string' || text.length > longestAddress) return undefined;
  const value = readIPv4(text, 0);
  if (value !== -1) return keepIPv4(value);
  return readIPv6(text) ? keepGroups() : undefined;
}

function keepIPv4(value: number): AddressVersion {
  lastRead[0] = 0;
  lastRead[1] = 0;
  lastRead[2] = 0;
  lastRead[3] = value;
  return 4;
}

/** The dotted address that begins at `start` and ends the text, as a number; -1 if there is none. */
function readIPv4(text: string, start: number): number {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let index = start; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === DOT) {
      if (octet === -1 || dots === 3) return -1;
      value = value * 256 + octet;
      octet = -1;
      dots += 1;
      continue;
    }
    const digit = code - 48;
    // Behind a 0 no digit may follow: some readers take such an octet for octal.
    if (digit < 0 || digit > 9 || octet === 0) return -1;
    octet = octet === -1 ? digit : octet * 10 + digit;
    if (octet > 255) return -1;
  }
  return dots === 3 && octet !== -1 ? value * 256 + octet : -1;
}

/** What `readIPv6` has read. */
const groups = new Uint16Array(8);

function readIPv6(text: string): boolean {
  let count = 0;
  let gap = -1;
  let index = 0;
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return false;
    gap = 0;
    index = 2;
  }
  while (index < text.length) {
    const start = index;
    let group = 0;
    for (; index < text.length; index += 1) {
      const digit = hexDigit(text.charCodeAt(index));
      if (digit === -1) break;
      if (index - start === 4) return false;
      group = group * 16 + digit;
    }
    if (index < text.length && text.charCodeAt(index) === DOT) {
      const tail = readIPv4(text, start);
      if (tail === -1 || count > 6) return false;
      groups[count] = tail >>> 16;
      groups[count + 1] = tail;
      count += 2;
      break;
    }
    if (index === start || count === 8) return false;
    groups[count] = group;
    count += 1;
    if (index === text.length) break;
    if (text.charCodeAt(index) !== COLON) return false;
    index += 1;
    if (index === text.length) return false;
    if (text.charCodeAt(index) === COLON) {
      if (gap !== -1) return false;
      gap = count;
      index += 1;
    }
  }
  if (gap === -1) return count === 8;
  if (count === 8) return false;
  spread(gap, count);
  return true;
}

/** Puts zeros in the place of a gap. */
function spread(gap: number, count: number): void {
  const missing = 8 - count;
  for (let index = 7; index >= gap + missing; index -= 1) {
    groups[index] = groups[index - missing] as number;
  }
  for (let index = gap; index < gap + missing; index += 1) groups[index] = 0;
}

function keepGroups(): AddressVersion {
  for (let index = 0; index < 4; index += 1) {
    lastRead[index] = ((groups[index * 2] as number) << 16) | (groups[index * 2 + 1] as number);
  }
  if (lastRead[0] !== 0 || lastRead[1] !== 0 || lastRead[2] !== 0xffff) return 6;
  return keepIPv4(lastRead[3] as number);
}
