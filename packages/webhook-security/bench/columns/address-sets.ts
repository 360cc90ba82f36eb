import { createRequire } from 'node:module';
import { BlockList, SocketAddress } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Ours } from '../support/build.ts';
import type { Lookup } from '../support/networks.ts';

/** proxy-addr, which brings no types of its own. */
const { compile } = createRequire(import.meta.url)('proxy-addr') as {
  readonly compile: (rules: readonly string[]) => (address: string, place: number) => boolean;
};

/** Says whether the address at a place of the list lies inside. */
export type Asks = (place: number) => boolean;

/** A way to keep networks: how it is built of rules, and then asked. */
export interface AddressColumn {
  readonly name: string;
  readonly build: (rules: readonly string[]) => object;
  readonly ask: (built: object, lookups: readonly Lookup[]) => Asks;
}

const at = <T>(list: readonly T[], place: number): T => list[place] as T;

const blockList = (rules: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const rule of rules) {
    const [network, length] = rule.split('/') as [string, string];
    list.addSubnet(network, Number(length), network.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
};

export const BLOCK_LIST: AddressColumn = {
  name: 'net.BlockList, text',
  build: blockList,
  ask: (built, lookups) => {
    const list = built as BlockList;
    return (place) => {
      const { address, family } = at(lookups, place);
      return list.check(address, family);
    };
  },
};

export const OUR_SET = 'ours: createAddressSet';
export const IPADDR = 'ipaddr.js';

export const addressColumns = (ours: Ours): readonly AddressColumn[] => [
  {
    name: OUR_SET,
    build: (rules) => ours.createAddressSet(rules),
    ask: (built, lookups) => {
      const set = built as ReturnType<Ours['createAddressSet']>;
      return (place) => set.has(at(lookups, place).address);
    },
  },
  {
    name: 'net.BlockList, SocketAddress made before',
    build: blockList,
    ask: (built, lookups) => {
      const list = built as BlockList;
      const addresses = lookups.map(
        ({ address, family }) => new SocketAddress({ address, family }),
      );
      return (place) => list.check(at(addresses, place));
    },
  },
  {
    name: IPADDR,
    build: (rules) => rules.map((rule) => ipaddr.parseCIDR(rule)),
    ask: (built, lookups) => {
      const ranges = { inside: built as ReturnType<typeof ipaddr.parseCIDR>[] };
      return (place) =>
        ipaddr.subnetMatch(ipaddr.process(at(lookups, place).address), ranges, '') === 'inside';
    },
  },
  {
    name: 'proxy-addr, compiled',
    build: (rules) => compile(rules),
    ask: (built, lookups) => {
      const trusts = built as ReturnType<typeof compile>;
      return (place) => trusts(at(lookups, place).address, 0);
    },
  },
];
