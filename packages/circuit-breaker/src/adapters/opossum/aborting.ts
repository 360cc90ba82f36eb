import { callGuarded } from '../../events/guard.js';
import type { ResolvedOptions } from './options.js';

type Controller = Pick<AbortController, 'abort'> & Partial<Pick<AbortController, 'signal'>>;

/** The one controller of a circuit. */
export class Aborting {
  readonly #renews: boolean;
  #controller: Controller | undefined;

  /** @throws TypeError if what is given as a controller aborts nothing */
  constructor({ abortController, autoRenewAbortController }: ResolvedOptions) {
    this.#renews = autoRenewAbortController === true;
    if (abortController && typeof abortController.abort !== 'function') {
      throw new TypeError('AbortController does not contain `abort()` method');
    }
    this.#controller = abortController ?? (this.#renews ? new AbortController() : undefined);
  }

  get controller(): Controller | undefined {
    return this.#controller;
  }

  abort(): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    callGuarded(() => controller.abort(), { kind: 'callback', name: 'abortController' }, undefined);
  }

  /** Takes the place of a controller that was aborted, if that is asked for. */
  renew(): void {
    if (this.#renews && this.#controller?.signal?.aborted) {
      this.#controller = new AbortController();
    }
  }
}
