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
  if (gap.end - gap.start < 2) return groups.join(':');
  return `${groups.slice(0, gap.start).join(':')}::${groups.slice(gap.end).join(':')}`;
}

function inHex(group: number): string {
  return group.toString(16);
}

/** The first of the longest runs of zero groups; an empty one where no group is zero. */
function longestZeroRun(groups: readonly string[]): { start: number; end: number } {
  let best = { start: 0, end: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    const end = index + 1;
    if (group !== '0') start = end;
    else if (end - start > best.end - best.start) best = { start, end };
  }
  return best;
}
