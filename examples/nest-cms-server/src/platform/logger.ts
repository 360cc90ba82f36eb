import type { Logger } from 'pino';

/** Nest token of the structured logger. */
export const LOGGER = Symbol('Logger');
export type { Logger };
