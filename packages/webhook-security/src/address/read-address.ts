export type AddressVersion = 4 | 6;

/** Four unsigned words of 32 bits, the highest first. An IPv4 address is the last of them. */
export type AddressWords = ArrayLike<number>;

/**
 * The address that `readAddress` has read last. Kept in one place, because each request has several
 * read, one at a time, and making an object for each costs as much as reading it.
 */
export const lastRead = new Uint32Array(4);

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
  if (text === lastText) return lastVersion;
  lastVersion = readText(text);
  lastText = text;
  return lastVersion;
}

/** What was read last is often asked for again: the client's address in one set after another. */
let lastText: string | undefined;
let lastVersion: AddressVersion | undefined;

function readText(text: string): AddressVersion | undefined {
  if (readIPv4(text, 0)) {
    lastRead[0] = 0;
    lastRead[1] = 0;
    lastRead[2] = 0;
    return 4;
  }
  return readIPv6(text) ? keepGroups() : undefined;
}

/** The dotted address that begins at `start` and ends the text, into the last word of `lastRead`. */
function readIPv4(text: string, start: number): boolean {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let index = start; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const digit = code - 48;
    if (digit >= 0 && digit <= 9) {
      // Behind a 0 no digit may follow: some readers take such an octet for octal.
      if (octet === 0) return false;
      octet = octet === -1 ? digit : octet * 10 + digit;
      if (octet > 255) return false;
    } else {
      if (code !== DOT || octet === -1) return false;
      value = (value << 8) | octet;
      octet = -1;
      dots += 1;
    }
  }
  if (dots !== 3 || octet === -1) return false;
  lastRead[3] = (value << 8) | octet;
  return true;
}

/** What `readIPv6` has read. */
const groups = new Uint16Array(8);

/** The value of a hexadecimal digit by its code; -1 for what is none. */
const digits = Int8Array.from({ length: 128 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? -1 : digit;
});

function readIPv6(text: string): boolean {
  const { length } = text;
  let count = 0;
  let gap = -1;
  let index = 0;
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return false;
    gap = 0;
    index = 2;
  }
  while (index < length) {
    const start = index;
    let group = 0;
    let code = 0;
    for (; index !== length; index += 1) {
      code = text.charCodeAt(index);
      const digit = code < 128 ? (digits[code] as number) : -1;
      if (digit === -1) break;
      group = (group << 4) | digit;
    }
    if (code === DOT) {
      if (count > 6 || !readIPv4(text, start)) return false;
      const tail = lastRead[3] as number;
      groups[count] = tail >>> 16;
      groups[count + 1] = tail;
      count += 2;
      break;
    }
    if (index === start || index - start > 4 || count === 8) return false;
    groups[count] = group;
    count += 1;
    if (index === length) break;
    if (code !== COLON) return false;
    index += 1;
    if (index === length) return false;
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
  for (let index = 3; index >= 0; index -= 1) {
    lastRead[index] = ((groups[index * 2] as number) << 16) | (groups[index * 2 + 1] as number);
  }
  if (lastRead[0] !== 0 || lastRead[1] !== 0 || lastRead[2] !== 0xffff) return 6;
  lastRead[2] = 0;
  return 4;
}
