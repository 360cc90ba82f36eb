import { InvalidOptionError } from '../errors.js';
import type { Random } from './random.js';

/**
 * The same numbers for the same seed, to repeat what a test or a trial run has met. Good enough to spread
 * things; not for secrets.
 * @throws InvalidOptionError for a seed that is no whole number from 0 to 4,294,967,295
 */
export const seededRandom = (seed: number): Random => {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
    const allowed = 'a whole number from 0 to 4294967295';
    throw new InvalidOptionError({ option: 'seed', value: seed, allowed });
  }
  let state = seed;
  return () => {
    // An odd step visits every state once. The mixing, with multipliers that Chris Wellons found by search and
    // gave to the public domain, hides the step.
    state = (state + 0x9e37_79b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb_352d);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846c_a68b);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
};
