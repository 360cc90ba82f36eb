import { WebhookSecurityError } from '../errors.js';
import { formatAddress, type ParsedAddress, parseAddress, parseDecimal } from './parse-address.js';

/** A fixed set of addresses and networks. */
export interface AddressSet {
  /** Whether the text is an address of the set. Text that is no address is in no set. */
  has(address: unknown): boolean;
  /** The same for an address already read. */
  hasParsed(address: ParsedAddress): boolean;
}

/** A network: its first and last address. */
export interface AddressRange {
  readonly version: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  readonly prefixLength: number;
}

/**
 * Reads `address` or `address/length`. The length is decimal without sign or leading zero, bits
 * behind it must be zero. A mapped rule of /96 or longer is the IPv4 rule; a shorter one is refused.
 */
export function parseAddressRule(text: unknown): AddressRange | undefined {
  if (typeof text !== 'string') return undefined;
  const slash = text.indexOf('/');
  const base = slash === -1 ? text : text.slice(0, slash);
  const address = parseAddress(base);
  if (address === undefined) return undefined;
  const bits = address.version === 4 ? 32 : 128;
  let prefixLength = bits;
  if (slash !== -1) {
    const written = parseDecimal(text.slice(slash + 1), 3);
    if (written === undefined) return undefined;
    prefixLength = address.version === 4 && base.includes(':') ? written - 96 : written;
    if (prefixLength < 0 || prefixLength > bits) return undefined;
  }
  const hostMask = (1n << BigInt(bits - prefixLength)) - 1n;
  if ((address.value & hostMask) !== 0n) return undefined;
  return {
    version: address.version,
    first: address.value,
    last: address.value | hostMask,
    prefixLength,
  };
}

/** The one spelling of a network: `address/length`. */
export function formatAddressRule(range: AddressRange): string {
  const address = formatAddress({ version: range.version, value: range.first });
  return `${address}/${range.prefixLength}`;
}

/**
 * Makes a set from addresses and networks in CIDR form. An empty list has no members.
 * @throws WebhookSecurityError INVALID_OPTION naming the first rule that is not strictly written.
 */
export function createAddressSet(rules: readonly string[], optionName = 'rules'): AddressSet {
  if (!Array.isArray(rules)) {
    throw new WebhookSecurityError('INVALID_OPTION', `${optionName} must be a list of texts`);
  }
  const ranges = rules.map((rule, index) => {
    const range = parseAddressRule(rule);
    if (range !== undefined) return range;
    throw new WebhookSecurityError(
      'INVALID_OPTION',
      `${optionName}[${index}] is ${typeof rule === 'string' ? JSON.stringify(rule) : typeof rule}; ` +
        'allowed: an IPv4 or IPv6 address, or address/length with no bits set behind the length',
    );
  });
  const byVersion = { 4: mergedRanges(ranges, 4), 6: mergedRanges(ranges, 6) };
  const hasParsed = (address: ParsedAddress) => isInside(byVersion[address.version], address.value);
  return Object.freeze({
    hasParsed,
    has: (text: unknown) => {
      const address = parseAddress(text);
      return address !== undefined && hasParsed(address);
    },
  });
}

interface SortedRanges {
  readonly firsts: readonly bigint[];
  readonly lasts: readonly bigint[];
}

/** Sorted and joined, so that one binary search answers however many rules there were. */
function mergedRanges(ranges: readonly AddressRange[], version: 4 | 6): SortedRanges {
  const sorted = ranges
    .filter((range) => range.version === version)
    .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const firsts: bigint[] = [];
  const lasts: bigint[] = [];
  for (const range of sorted) {
    const previous = lasts.at(-1);
    if (previous !== undefined && range.first <= previous + 1n) {
      if (range.last > previous) lasts[lasts.length - 1] = range.last;
    } else {
      firsts.push(range.first);
      lasts.push(range.last);
    }
  }
  return { firsts, lasts };
}

function isInside({ firsts, lasts }: SortedRanges, value: bigint): boolean {
  let low = 0;
  let high = firsts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((firsts[middle] as bigint) <= value) low = middle + 1;
    else high = middle;
  }
  return low > 0 && value <= (lasts[low - 1] as bigint);
}
