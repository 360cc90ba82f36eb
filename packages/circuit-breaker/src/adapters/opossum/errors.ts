import { withoutStack } from '../../errors.js';

/** Marks the errors of every copy of this entry, so that ESM and CommonJS copies know each other's. */
const brand: unique symbol = Symbol.for('@nestcms/circuit-breaker.opossum.error');

/** Why a circuit rejected a call by itself. */
export type OpossumErrorCode = 'EOPENBREAKER' | 'ETIMEDOUT' | 'ESEMLOCKED' | 'ESHUTDOWN';

/** What a circuit rejects with when the rejection is its own and not the action's. */
export interface OpossumError extends Error {
  readonly code: OpossumErrorCode;
}

class CircuitError extends Error implements OpossumError {
  readonly code: OpossumErrorCode;

  constructor(code: OpossumErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  get [brand](): true {
    return true;
  }
}

/** Built where no caller is on the stack, or for many callers a second: a stack would cost much and say nothing. */
const make = (code: OpossumErrorCode, message: string): OpossumError =>
  withoutStack(() => new CircuitError(code, message));

export const breakerOpen = (): OpossumError => make('EOPENBREAKER', 'Breaker is open');

export const semaphoreLocked = (): OpossumError => make('ESEMLOCKED', 'Semaphore locked');

export const shutDown = (): OpossumError => make('ESHUTDOWN', 'The circuit has been shutdown.');

export const timedOut = (ms: number): OpossumError => make('ETIMEDOUT', `Timed out after ${ms}ms`);

/** Whether a circuit made this error; false for what an action threw, and for what is no error at all. */
export const isOurError = (error: unknown): error is OpossumError => {
  if (typeof error !== 'object' || error === null) return false;
  try {
    return (error as { readonly [brand]?: unknown })[brand] === true;
  } catch {
    return false;
  }
};
