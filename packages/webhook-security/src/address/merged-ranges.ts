import type { AddressRange } from './address-rule.js';
import type { AddressVersion, AddressWords } from './read-address.js';

/**
 * Ranges sorted and joined, so that one binary search answers however many there were: the words of
 * the first and of the last address of each in turn. A list may hold a hundred thousand.
 */
type Bounds = Uint32Array;

/** The last word alone tells IPv4 addresses apart. */
export function mergeIPv4(ranges: readonly AddressRange[]): Bounds {
  return flatten(merge(ranges, 4), 3);
}

export function mergeIPv6(ranges: readonly AddressRange[]): Bounds {
  return flatten(merge(ranges, 6), 0);
}

interface Range {
  readonly first: AddressWords;
  last: AddressWords;
}

function merge(ranges: readonly AddressRange[], version: AddressVersion): readonly Range[] {
  const sorted = ranges
    .filter((range) => range.version === version)
    .sort((left, right) => compare(left.first, 0, right.first));
  const merged: Range[] = [];
  for (const { first, last } of sorted) {
    const previous = merged.at(-1);
    if (previous === undefined || !reaches(previous.last, first)) merged.push({ first, last });
    else if (compare(last, 0, previous.last) > 0) previous.last = last;
  }
  return merged;
}

function flatten(ranges: readonly Range[], from: 0 | 3): Bounds {
  const size = 4 - from;
  const bounds = new Uint32Array(ranges.length * 2 * size);
  ranges.forEach(({ first, last }, index) => {
    bounds.set(first.subarray(from), index * 2 * size);
    bounds.set(last.subarray(from), (index * 2 + 1) * size);
  });
  return bounds;
}

/** Whether a range that ends at `last` holds `first`, or lies right before it. */
function reaches(last: AddressWords, first: AddressWords): boolean {
  const behind = last.slice();
  for (let index = 3; index >= 0; index -= 1) {
    behind[index] = (behind[index] as number) + 1;
    if (behind[index] !== 0) break;
  }
  return compare(behind, 0, first) === 0 || compare(last, 0, first) >= 0;
}

/** The words from `at` against an address: below 0 where they are less, above where they are more. */
function compare(words: Uint32Array, at: number, address: AddressWords): number {
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
