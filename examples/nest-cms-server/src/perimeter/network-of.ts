import { isIP } from 'node:net';

/** An IPv4 address in IPv6 clothes, as the URL parser writes it: in hexadecimal. */
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * Whom a limit counts for one address: an IPv4 address alone, of IPv6 its /64, as one customer has at least that many to
 * choose from. One address has one spelling here, whatever way it came in.
 */
export function networkOf(address: string): string {
  const version = isIP(address);
  if (version === 0) return 'unknown';
  if (version === 4) return address;
  const [withoutZone = ''] = address.split('%');
  const canonical = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1);
  const mapped = MAPPED.exec(canonical);
  if (mapped !== null) return mapped.slice(1).flatMap(octets).join('.');
  const [before = [], after = []] = canonical
    .split('::')
    .map((groups) => (groups === '' ? [] : groups.split(':')));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}

function octets(group: string): number[] {
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 0xff];
}
