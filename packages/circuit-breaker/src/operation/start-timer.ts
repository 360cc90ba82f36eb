import { reportFailure } from '../events/guard.js';
import type { OnListenerError } from '../events/listener-failure.js';
import type { Clock } from '../ports/clock.js';

/**
 * Sets a timer and returns what cancels it. That never throws, and after it `callback` is not called
 * any more, whatever the clock does: the result at hand must not be lost over a timer.
 * @throws what the clock throws if it sets no timer
 */
export const startTimer = (
  clock: Clock,
  callback: () => void,
  delayMs: number,
  hook?: OnListenerError,
): (() => void) => {
  let isOver = false;
  const cancel: unknown = clock.setTimer(() => {
    if (!isOver) callback();
    isOver = true;
  }, delayMs);
  return () => {
    if (isOver) return;
    isOver = true;
    try {
      if (typeof cancel === 'function') cancel();
    } catch (error) {
      reportFailure(hook, { kind: 'callback', name: 'clock', error });
    }
  };
};
