import type { Random } from './random.js';

/** `Math.random`, good enough to spread waits; not for secrets. */
export const systemRandom: Random = () => Math.random();
