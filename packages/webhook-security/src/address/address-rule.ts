import { parseDecimal } from '../text/digits.js';
import { formatAddress } from './format-address.js';
import { type AddressVersion, type AddressWords, lastRead, readAddress } from './read-address.js';

/** A network: its first address and how many bits all its addresses share. */
export interface AddressRule {
  readonly version: AddressVersion;
  readonly first: AddressWords;
  readonly prefixLength: number;
}

/**
 * Reads `address` or `address/length`. The length is decimal without sign or leading zero, bits
 * behind it must be zero. A mapped rule of /96 or longer is the IPv4 rule; a shorter one is refused.
 */
export function parseAddressRule(text: unknown): AddressRule | undefined {
  if (typeof text !== 'string') return undefined;
  const slash = text.indexOf('/');
  const base = slash === -1 ? text : text.slice(0, slash);
  const version = readAddress(base);
  if (version === undefined) return undefined;
  const bits = version === 4 ? 32 : 128;
  const prefixLength = slash === -1 ? bits : readLength(text.slice(slash + 1), base, bits);
  if (prefixLength === undefined || !isAligned(128 - bits + prefixLength)) return undefined;
  const [a, b, c, d] = lastRead as unknown as [number, number, number, number];
  return { version, first: [a, b, c, d], prefixLength };
}

function readLength(text: string, base: string, bits: 32 | 128): number | undefined {
  const written = parseDecimal(text, 3) ?? Number.POSITIVE_INFINITY;
  const length = bits === 32 && base.includes(':') ? written - 96 : written;
  return length >= 0 && length <= bits ? length : undefined;
}

/** Whether no bit is set behind the first `prefixLength` of the address read last. */
function isAligned(prefixLength: number): boolean {
  return lastRead.every((word, index) => (word & hostMask(index, prefixLength)) === 0);
}

/** The bits of a word that lie behind the first `prefixLength` of all 128. */
export function hostMask(index: number, prefixLength: number): number {
  const kept = prefixLength - index * 32;
  return kept >= 32 ? 0 : 0xffffffff >>> Math.max(kept, 0);
}

/** The one spelling of a network: `address/length`. */
export function formatAddressRule({ version, first, prefixLength }: AddressRule): string {
  return `${formatAddress(version, first)}/${prefixLength}`;
}
