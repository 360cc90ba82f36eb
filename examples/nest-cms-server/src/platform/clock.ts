export { type Clock, type Random, systemClock, systemRandom } from '@nestcms/circuit-breaker';

/** Nest token of the `Clock`. Nothing in the server asks the machine for the time in another way. */
export const CLOCK = Symbol('Clock');
/** Nest token of the `Random` source. */
export const RANDOM = Symbol('Random');
