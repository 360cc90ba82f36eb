import { type Clock, GuardedEmitter, type ListenerFailure } from '@nestcms/circuit-breaker';
import { z } from 'zod';
import { refusal } from './desk.js';
import type { EndHandler, ReconcileReport, RoundOptions } from './reconciler.js';

/** What failed in a round: an intent that stays due, or, without a `cartId`, the round as a whole. */
export interface RoundFailure {
  readonly cartId?: string;
  readonly error: unknown;
}

export interface ReconcileLoopOptions {
  /** Milliseconds between the end of a round and the next; 1 to 86,400,000. More is due than `limit`: none. */
  readonly everyMs: number;
  /** Told every end that nobody has acknowledged, until it has once resolved. */
  readonly onEnded: EndHandler;
  /**
   * Told what failed; the loop goes on. Default: what fails first is reported as a listener's error is, and then
   * nothing until a round went well.
   */
  readonly onFailed?: (failure: RoundFailure) => void;
  /** At most so many intents in a round; 1 to 10,000; default 100. */
  readonly limit?: number;
}

interface LoopParts {
  readonly clock: Clock;
  /** Once `isStopped` says so, nothing more is begun in it. */
  readonly round: (options: RoundOptions) => Promise<ReconcileReport>;
  readonly onListenerError: ((failure: ListenerFailure) => void) | undefined;
}

const schema = z.strictObject({
  everyMs: z.int().min(1).max(86_400_000),
  onEnded: z.custom<EndHandler>((value) => typeof value === 'function', 'must be a function'),
  onFailed: z
    .custom<ReconcileLoopOptions['onFailed']>(
      (value) => typeof value === 'function',
      'must be a function',
    )
    .optional(),
  limit: z.int().min(1).max(10_000).optional(),
});

/** The loops of one client. */
export class ReconcileLoops {
  readonly #parts: LoopParts;
  readonly #running = new Set<() => Promise<void>>();

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  /** @throws PayTabsError INVALID_OPTION */
  start(options: ReconcileLoopOptions): () => Promise<void> {
    const checked = schema.safeParse(options);
    if (!checked.success) throw refusal('INVALID_OPTION', 'startReconciling', checked.error);
    const end = startLoop(options, this.#parts);
    const stop = async () => {
      await end();
      this.#running.delete(stop);
    };
    this.#running.add(stop);
    return stop;
  }

  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running].map((stop) => stop()));
  }
}

/**
 * Runs a round now, and each next one `everyMs` after the one before has ended, so that none overlaps another.
 * @returns stops it, and waits for the running round
 */
function startLoop(options: ReconcileLoopOptions, parts: LoopParts): () => Promise<void> {
  const { everyMs, onFailed, ...each } = options;
  const { clock, round, onListenerError } = parts;
  const failures = new GuardedEmitter<{ reconciling: RoundFailure }>(
    onListenerError === undefined ? {} : { onListenerError },
  );
  let isStopped = false;
  let isFailing = false;
  let cancelTimer = () => {};
  failures.on('reconciling', (failure) => {
    if (onFailed !== undefined) return onFailed(failure);
    const isKnown = isFailing;
    isFailing = true;
    if (!isKnown) throw failure.error;
  });

  /** @returns how long to wait for the next round */
  const turn = async (): Promise<number> => {
    try {
      const { checked, told, failed, more } = await round({ ...each, isStopped: () => isStopped });
      for (const failure of failed) failures.emit('reconciling', failure);
      if (failed.length > 0) return everyMs;
      // A round that had nothing to do shows nothing.
      if (checked + told > 0) isFailing = false;
      return more ? 0 : everyMs;
    } catch (error) {
      failures.emit('reconciling', { error });
      return everyMs;
    }
  };
  const run = async (): Promise<void> => {
    const waitMs = await turn();
    if (isStopped) return;
    cancelTimer = clock.setTimer(() => {
      running = run();
    }, waitMs);
  };
  let running = run();

  return () => {
    isStopped = true;
    cancelTimer();
    return running;
  };
}
