import { InvalidOptionError } from '../errors.js';
import type { Generation } from './generation.js';
import type { Outcome, Settled } from './outcome.js';
import { RunningCall } from './running-calls.js';

/**
 * The right to make one call. Give it back by one of its methods; the first report counts, further ones
 * do nothing. With `using` it is ignored if nothing was reported.
 */
export interface Permit {
  /** Whether it was given back. */
  readonly isSettled: boolean;
  /** The call succeeded. */
  success(): void;
  /** The call failed. @param error told in the event `failed` */
  failure(error?: unknown): void;
  /** The call says nothing about the other side. */
  ignore(): void;
  /**
   * The call ended so; the breaker's `classify` says what that counts as.
   * @throws InvalidOptionError for anything but an end of a call; the permit is then not given back
   */
  report(settled: Settled): void;
  [Symbol.dispose](): void;
}

/** Takes permits back. */
export interface PermitOffice {
  settlePermit(permit: CallPermit, outcome: Outcome, error: unknown): void;
  classifyPermit(permit: CallPermit, settled: Settled): void;
}

/** A permit that remembers the generation it was given out in. */
export class CallPermit extends RunningCall implements Permit {
  readonly generation: Generation;
  /** Whether its caller had to wait for it. */
  hasWaited = false;
  #office: PermitOffice | undefined;

  constructor(generation: Generation, office: PermitOffice) {
    super();
    this.generation = generation;
    this.#office = office;
  }

  get isSettled(): boolean {
    return this.#office === undefined;
  }

  success(): void {
    this.#take()?.settlePermit(this, 'success', undefined);
  }

  failure(error?: unknown): void {
    this.#take()?.settlePermit(this, 'failure', error);
  }

  ignore(): void {
    this.#take()?.settlePermit(this, 'ignored', undefined);
  }

  report(settled: Settled): void {
    checkSettled(settled);
    this.#take()?.classifyPermit(this, settled);
  }

  [Symbol.dispose](): void {
    this.ignore();
  }

  /** The office, the first time. */
  #take(): PermitOffice | undefined {
    const office = this.#office;
    this.#office = undefined;
    return office;
  }
}

const checkSettled = (settled: Settled): void => {
  const status = (settled as Settled | null | undefined)?.status;
  if (status === 'fulfilled' || status === 'rejected') return;
  const allowed = "an object with status 'fulfilled' or 'rejected'";
  throw new InvalidOptionError({ option: 'settled', value: settled, allowed });
};
