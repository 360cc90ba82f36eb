/** Gives 32-bit numbers. */
export type Next = () => number;

/** A generator of 32-bit numbers from a seed (mulberry32). */
export const randomFrom = (seed: number): Next => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
};
