import { AbortedError } from '../errors.js';
import { reportFailure } from '../events/guard.js';

type OnAbort = (error: AbortedError) => void;

/**
 * All who wait for one signal, behind one listener of it: a signal shared by many calls would otherwise
 * have as many, and Node warns of more than ten.
 */
class Watch {
  readonly #signal: AbortSignal;
  readonly #waiting = new Set<OnAbort>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** @throws what a signal throws that cannot be listened to */
  add(onAbort: OnAbort): void {
    if (this.#waiting.size === 0) {
      this.#signal.addEventListener('abort', this.#abort, { once: true });
    }
    this.#waiting.add(onAbort);
  }

  remove(onAbort: OnAbort): void {
    if (!this.#waiting.delete(onAbort) || this.#waiting.size > 0) return;
    try {
      this.#signal.removeEventListener('abort', this.#abort);
    } catch (error) {
      // A signal of the user's own making. The caller must not be lost for it.
      reportFailure(undefined, { kind: 'callback', name: 'signal', error });
    }
  }

  readonly #abort = (): void => {
    const told = [...this.#waiting];
    this.#waiting.clear();
    for (const onAbort of told) onAbort(abortedBy(this.#signal));
  };
}

const watches = new WeakMap<AbortSignal, Watch>();

/** What a call is rejected with whose caller's signal is aborted. */
export const abortedBy = (signal: AbortSignal): AbortedError =>
  new AbortedError({ reason: signal.reason });

/**
 * Calls `onAbort`, which must not throw, once `signal` is aborted. The signal keeps no listener longer than
 * someone waits.
 * @returns what ends the wait; it never throws
 * @throws what a signal throws that cannot be listened to
 */
export const watchSignal = (signal: AbortSignal, onAbort: OnAbort): (() => void) => {
  const watch = watches.get(signal) ?? new Watch(signal);
  watches.set(signal, watch);
  watch.add(onAbort);
  return () => watch.remove(onAbort);
};
