import { type AddressRule, hostMask } from './address-rule.js';
import type { AddressWords } from './read-address.js';

/**
 * Ranges sorted and joined, so that one binary search answers however many there were: the words of
 * the first and of the last address of each in turn. A list may hold a hundred thousand.
 */
type Bounds = Uint32Array;

/** More than the longest prefix, so that an address and a length fit into one number. */
const LENGTHS = 64;

/** The last word alone tells IPv4 addresses apart. */
export function mergeIPv4(rules: readonly AddressRule[]): Bounds {
  const networks = rules.filter(({ version }) => version === 4);
  // Numbers are sorted far faster than objects; the widest network of one address comes first.
  const sorted = Float64Array.from(
    networks,
    ({ first, prefixLength }) => (first[3] as number) * LENGTHS + prefixLength,
  ).sort();
  const bounds = new Uint32Array(networks.length * 2);
  let end = 0;
  let previousLast = -2;
  for (const network of sorted) {
    const first = Math.floor(network / LENGTHS);
    const last = first + 2 ** (32 - (network % LENGTHS)) - 1;
    if (first > previousLast + 1) {
      bounds[end] = first;
      end += 2;
    }
    previousLast = Math.max(previousLast, last);
    bounds[end - 1] = previousLast;
  }
  return bounds.slice(0, end);
}

export function mergeIPv6(rules: readonly AddressRule[]): Bounds {
  const networks = rules
    .filter(({ version }) => version === 6)
    .sort(
      (left, right) =>
        compare(left.first, 0, right.first) || left.prefixLength - right.prefixLength,
    );
  const bounds = new Uint32Array(networks.length * 8);
  const last = new Uint32Array(4);
  let end = 0;
  for (const { first, prefixLength } of networks) {
    // Two networks are apart, or the narrower lies in the wider one, which came before it.
    if (end > 0 && compare(bounds, end - 4, first) >= 0) continue;
    for (let index = 0; index < 4; index += 1) {
      last[index] = (first[index] as number) | hostMask(index, prefixLength);
    }
    if (end === 0 || !isNext(bounds, end - 4, first)) {
      bounds.set(first, end);
      end += 8;
    }
    bounds.set(last, end - 4);
  }
  return bounds.slice(0, end);
}

/** Whether an address lies right behind the one whose words begin at `at`. */
function isNext(bounds: Bounds, at: number, address: AddressWords): boolean {
  let carry = 1;
  for (let index = 3; index >= 0; index -= 1) {
    const word = (bounds[at + index] as number) + carry;
    if (word >>> 0 !== address[index]) return false;
    carry = word > 0xffffffff ? 1 : 0;
  }
  return true;
}

/** The words from `at` against an address: below 0 where they are less, above where they are more. */
function compare(words: AddressWords, at: number, address: AddressWords): number {
  for (let index = 0; index < 4; index += 1) {
    const difference = (words[at + index] as number) - (address[index] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** How many ranges begin below each first octet: a search of one octet instead of all. */
export function countByOctet(bounds: Bounds): Uint32Array {
  const counts = new Uint32Array(257);
  for (let at = 0; at < bounds.length; at += 2) {
    const octet = (bounds[at] as number) >>> 24;
    counts[octet + 1] = at / 2 + 1;
  }
  for (let octet = 1; octet < 257; octet += 1) {
    counts[octet] = Math.max(counts[octet] as number, counts[octet - 1] as number);
  }
  return counts;
}

export function isInIPv4(bounds: Bounds, counts: Uint32Array, words: AddressWords): boolean {
  const value = words[3] as number;
  const octet = value >>> 24;
  let low = counts[octet] as number;
  let high = counts[octet + 1] as number;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle * 2] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low > 0 && value <= (bounds[low * 2 - 1] as number);
}

export function isInIPv6(bounds: Bounds, words: AddressWords): boolean {
  let low = 0;
  let high = bounds.length >>> 3;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(bounds, middle * 8, words) <= 0) low = middle + 1;
    else high = middle;
  }
  return low > 0 && compare(bounds, low * 8 - 4, words) >= 0;
}
