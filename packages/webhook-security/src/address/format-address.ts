import type { AddressVersion, AddressWords } from './read-address.js';

/** The one spelling of an address: dotted decimal, or RFC 5952. */
export function formatAddress(version: AddressVersion, words: AddressWords): string {
  if (version === 4) {
    const value = words[3] as number;
    return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
  }
  const groups = Array.from(words)
    .flatMap((word) => [word >>> 16, word & 0xffff])
    .map(inHex);
  const gap = longestZeroRun(groups);
  if (gap === undefined) return groups.join(':');
  return `${groups.slice(0, gap.start).join(':')}::${groups.slice(gap.end).join(':')}`;
}

function inHex(group: number): string {
  return group.toString(16);
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
