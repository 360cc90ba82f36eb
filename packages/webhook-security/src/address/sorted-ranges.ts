import { type AddressRule, hostMask } from './address-rule.js';
import type { AddressWords } from './read-address.js';

/**
 * Ranges in the order of their first addresses, so that one binary search answers however many there
 * are: the words of the first address of each, and of the last one of all up to it. Networks are apart
 * or one lies in the other, so all between the two is in the list. It may hold a hundred thousand.
 */
type Bounds = Uint32Array;

/** More than the longest prefix, so that an address and a length fit into one number. */
const LENGTHS = 64;

/** The last word alone tells IPv4 addresses apart. */
export function sortIPv4(rules: readonly AddressRule[]): Bounds {
  // Numbers are sorted far faster than objects.
  const networks = Float64Array.from(
    rules.filter(({ version }) => version === 4),
    ({ first, prefixLength }) => (first[3] as number) * LENGTHS + prefixLength,
  ).sort();
  const bounds = new Uint32Array(networks.length * 2);
  let furthest = 0;
  for (const [index, network] of networks.entries()) {
    const first = Math.floor(network / LENGTHS);
    furthest = Math.max(furthest, first + 2 ** (32 - (network % LENGTHS)) - 1);
    bounds[index * 2] = first;
    bounds[index * 2 + 1] = furthest;
  }
  return bounds;
}

export function sortIPv6(rules: readonly AddressRule[]): Bounds {
  const networks = rules
    .filter(({ version }) => version === 6)
    .sort((left, right) => compare(left.first, 0, right.first));
  const bounds = new Uint32Array(networks.length * 8);
  const last = new Uint32Array(4);
  const furthest = new Uint32Array(4);
  for (const [at, { first, prefixLength }] of networks.entries()) {
    for (let index = 3; index >= 0; index -= 1) {
      last[index] = (first[index] as number) | hostMask(index, prefixLength);
    }
    if (compare(last, 0, furthest) > 0) furthest.set(last);
    bounds.set(first, at * 8);
    bounds.set(furthest, at * 8 + 4);
  }
  return bounds;
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
  let begun = 0;
  return counts.map((count) => {
    begun = Math.max(begun, count);
    return begun;
  });
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
  // Where no range begins so early there is nothing before it, and no comparison with that holds.
  return value <= (bounds[low * 2 - 1] as number);
}

export function isInIPv6(bounds: Bounds, words: AddressWords): boolean {
  let low = 0;
  let high = bounds.length >>> 3;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(bounds, middle * 8, words) <= 0) low = middle + 1;
    else high = middle;
  }
  return compare(bounds, low * 8 - 4, words) >= 0;
}
