import type { EvictionPolicy } from '../../src/memory/eviction/eviction-policy.js';
import type { MakePolicy } from './rivals.ts';

/** The policy of the memory tier as a cache of keys, each of one byte. */
export const oursWith =
  (Policy: typeof EvictionPolicy, costOf: (key: number) => number = () => 0): MakePolicy =>
  (capacity) => {
    const policy = new Policy();
    policy.grow(capacity + 1);
    const slots = new Map<number, number>();
    const keys = new Int32Array(capacity + 1);
    let free = 0;
    return (key) => {
      const slot = slots.get(key);
      if (slot !== undefined) {
        policy.touch(slot, mix(key));
        return true;
      }
      const taken = free;
      keys[taken] = key;
      slots.set(key, taken);
      policy.add(taken, mix(key), 1, costOf(key));
      free = slots.size;
      if (free <= capacity) return false;
      free = policy.evict();
      slots.delete(keys[free] ?? -1);
      return false;
    };
  };

/** The bits of a key in an order without any; keys of the cache are hashes already. */
const mix = (key: number): number => {
  let mixed = Math.imul(key + 1, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca77);
  return (mixed ^ (mixed >>> 13)) >>> 0;
};
