import { systemClock } from '../../ports/system-clock.js';
import { OPOSSUM_DEFAULTS } from './options.js';

type Check = (this: never) => unknown;

/** Asks at once and then again and again, whether or not the answer before has come. */
export class HealthCheck {
  readonly #check: Check;
  readonly #intervalMs: number;
  #cancel = (): void => {};
  #isStopped = false;

  constructor(check: Check, intervalMs: number) {
    this.#check = check;
    this.#intervalMs = Math.max(1, intervalMs);
  }

  /** @param failed told when the check throws or rejects, unless it was stopped meanwhile */
  start(owner: object, failed: (error: unknown) => void): void {
    const tell = (error: unknown) => {
      if (!this.#isStopped) failed(error);
    };
    try {
      Promise.resolve(Reflect.apply(this.#check, owner, [])).catch(tell);
    } catch (error) {
      tell(error);
    }
    // The check itself may have stopped it.
    if (this.#isStopped) return;
    const again = () => this.start(owner, failed);
    this.#cancel = systemClock.setTimer(again, this.#intervalMs, { background: true });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }
}

/** @throws TypeError */
export const readCheck = (
  check: Check,
  interval: number = OPOSSUM_DEFAULTS.healthCheckInterval,
): HealthCheck => {
  if (typeof check !== 'function') {
    throw new TypeError('Health check function must be a function');
  }
  const intervalMs = Number(interval);
  if (Number.isNaN(intervalMs)) {
    throw new TypeError('Health check interval must be a number');
  }
  return new HealthCheck(check, intervalMs);
};
