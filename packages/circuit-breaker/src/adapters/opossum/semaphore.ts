import { systemClock } from '../../ports/system-clock.js';
import { timedOut } from './errors.js';

/** Counts locks. */
export interface Semaphore {
  /** Locks that can be had now. */
  readonly count: number;
  /**
   * Takes a lock as soon as there is one, in the order of asking.
   * @param timeout milliseconds after which it rejects with `ETIMEDOUT`; default: it waits for ever
   */
  take(timeout?: number): Promise<void>;
  /** Takes a lock if there is one. @returns whether it did */
  test(): boolean;
  /** Gives a lock back. */
  release(): void;
}

/** @param count locks there are */
export const Semaphore = (count: number): Semaphore => {
  let free = count;
  const waiting = new Set<() => void>();

  const test = (): boolean => {
    if (free < 1) return false;
    free -= 1;
    return true;
  };

  const wait = (timeout: number | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const cancel =
        timeout === undefined
          ? () => {}
          : systemClock.setTimer(() => {
              waiting.delete(enter);
              reject(timedOut(timeout));
            }, timeout);
      const enter = () => {
        cancel();
        resolve();
      };
      waiting.add(enter);
    });

  return {
    get count() {
      return free;
    },
    test,
    take: (timeout) => (test() ? Promise.resolve() : wait(timeout)),
    release: () => {
      for (const enter of waiting) {
        // The lock goes from hand to hand.
        waiting.delete(enter);
        enter();
        return;
      }
      // One released once too often is no new lock.
      free = Math.min(count, free + 1);
    },
  };
};
