import { type Next, randomFrom } from '../../test/support/random-from.ts';

interface Version {
  readonly bits: number;
  readonly lengths: readonly number[];
  readonly write: (address: bigint) => string;
}

const groupsOf = (address: bigint, bits: number, group: number): bigint[] =>
  Array.from({ length: bits / group }, (_, place) =>
    BigInt.asUintN(group, address >> BigInt(bits - group * (place + 1))),
  );

const FOUR: Version = {
  bits: 32,
  lengths: [20, 22, 24, 24, 24, 26, 28, 32],
  write: (address) => groupsOf(address, 32, 8).join('.'),
};

const SIX: Version = {
  bits: 128,
  lengths: [32, 40, 48, 48, 56, 64],
  write: (address) =>
    groupsOf(address, 128, 16)
      .map((group) => group.toString(16))
      .join(':'),
};

const SHARE_OF_FOUR = 0.7;
const ADDRESSES = 2048;

interface Network {
  readonly version: Version;
  readonly first: bigint;
  readonly length: number;
}

export interface Lookup {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly isInside: boolean;
}

/** A list of networks, and addresses of which half lie inside; the same for the same seed. */
export interface Networks {
  readonly rules: readonly string[];
  readonly lookups: readonly Lookup[];
}

export const makeNetworks = (count: number, seed = 20_261_127): Networks => {
  const next = randomFrom(seed);
  const random = (below: number) => next() % below;
  const chosen = (): Version => (next() / 2 ** 32 < SHARE_OF_FOUR ? FOUR : SIX);
  const known = new Map<string, Network>();
  while (known.size < count) {
    const version = chosen();
    const length = version.lengths[random(version.lengths.length)] as number;
    const first = networkOf(anyAddress(version, next), version, length);
    known.set(`${version.write(first)}/${length}`, { version, first, length });
  }
  const networks = [...known.values()];
  const isInside = (address: bigint, version: Version): boolean =>
    version.lengths.some((length) =>
      known.has(`${version.write(networkOf(address, version, length))}/${length}`),
    );
  const insideOne = (): [bigint, Version] => {
    const { version, first, length } = networks[random(networks.length)] as Network;
    const host = (1n << BigInt(version.bits - length)) - 1n;
    return [first | (anyAddress(version, next) & host), version];
  };
  const outsideAll = (): [bigint, Version] => {
    const version = chosen();
    const address = anyAddress(version, next);
    return isInside(address, version) ? outsideAll() : [address, version];
  };
  const lookupOf = (place: number): Lookup => {
    const inside = place % 2 === 0;
    const [address, version] = inside ? insideOne() : outsideAll();
    const family = version === FOUR ? 'ipv4' : 'ipv6';
    return { address: version.write(address), family, isInside: inside };
  };
  return {
    // As if read from a file: texts that are still in pieces would shrink when they are first looked at.
    rules: JSON.parse(JSON.stringify([...known.keys()])),
    lookups: Array.from({ length: ADDRESSES }, (_, place) => lookupOf(place)),
  };
};

/** Public ones: 1.0.0.0 to 223.255.255.255, and 2000::/3. */
const anyAddress = (version: Version, next: Next): bigint => {
  if (version === FOUR) return BigInt((1 + (next() % 223)) * 2 ** 24 + (next() >>> 8));
  let address = BigInt(0x2000 + (next() % 0x2000));
  for (let group = 1; group < 8; group += 1) address = (address << 16n) | BigInt(next() >>> 16);
  return address;
};

const networkOf = (address: bigint, { bits }: Version, length: number): bigint => {
  const host = BigInt(bits - length);
  return (address >> host) << host;
};
