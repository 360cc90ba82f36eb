import type { Clock } from '@nestcms/circuit-breaker';

export interface RaceParts<T> {
  /**
   * Begins the next attempt, which resolves with undefined if another may be begun instead. Undefined: there
   * is none left, or, for a hedge, none that is worth it.
   */
  readonly start: (about: AttemptAbout) => Promise<T | undefined> | undefined;
  /** Milliseconds after which an attempt gets another one beside it; undefined: never. */
  readonly hedgeDelayMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

export interface AttemptAbout {
  readonly isHedge: boolean;
  /** Whether the race has ended: nobody waits for the attempt any more. */
  readonly isOver: () => boolean;
}

/**
 * One attempt after another, and at most one beside another that takes long. The first answer wins, and
 * the others are not ended but ignored. An error counts only when nothing runs any more.
 * @returns undefined if no attempt had an answer
 */
export const race = <T>({
  start,
  hedgeDelayMs,
  signal,
  clock,
}: RaceParts<T>): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    let running = 0;
    let isOver = false;
    let hasHedged = false;
    let failure: { readonly error: unknown } | undefined;
    let cancelHedge = () => {};

    const end = (settle: () => void) => {
      if (isOver) return;
      isOver = true;
      cancelHedge();
      signal?.removeEventListener('abort', aborted);
      settle();
    };
    const aborted = () => end(() => reject(signal?.reason));

    const begin = (isHedge: boolean): boolean => {
      const attempt = start({ isHedge, isOver: () => isOver });
      if (attempt === undefined) return false;
      running += 1;
      attempt.then(
        (value) => {
          running -= 1;
          if (value === undefined) goOn();
          else end(() => resolve(value));
        },
        (error: unknown) => {
          running -= 1;
          failure = { error };
          goOn();
        },
      );
      return true;
    };
    /** An attempt had no answer: wait for the other one, or go on. */
    const goOn = () => {
      if (isOver || running > 0) return;
      const last = failure;
      if (last !== undefined) end(() => reject(last.error));
      else if (begin(false)) hedgeLater();
      else end(() => resolve(undefined));
    };
    const hedgeLater = () => {
      cancelHedge();
      if (isOver || hasHedged || hedgeDelayMs === undefined) return;
      // It does not go off when nothing runs: whatever begins or ends the race sets it anew.
      cancelHedge = clock.setTimer(() => {
        hasHedged = begin(true);
      }, hedgeDelayMs);
    };

    if (signal?.aborted) {
      aborted();
      return;
    }
    signal?.addEventListener('abort', aborted);
    try {
      goOn();
    } catch (error) {
      end(() => reject(error));
    }
  });
