import type { PipelineClass } from '../classes/pipeline-class.js';
import type { StandardSchema } from '../ports/standard-schema.js';
import { type HotRead, paramsOf } from './hot-reads.js';
import type { ReadOptions } from './requests.js';

/** A class whatever its parameters and rows are. */
export interface AnyClass extends Omit<PipelineClass<never, never, unknown>, 'params'> {
  readonly params: StandardSchema<unknown, unknown> | undefined;
}

export interface WarmUpResult {
  /** Reads that were answered, and so are kept wherever their class allows it. */
  readonly warmed: number;
  /** Reads that failed, or whose parameters do not fit any more. */
  readonly failed: number;
  /** Reads of classes that were not given. */
  readonly unknown: number;
}

/** Asks recorded reads again, a few at a time, the most wanted first. Never rejects. */
export const warmUp = async (
  reads: readonly HotRead[],
  classes: readonly AnyClass[],
  concurrency: number,
  read: (
    pipelineClass: PipelineClass<never, never, unknown>,
    params: never,
    options: ReadOptions,
  ) => Promise<unknown>,
): Promise<WarmUpResult> => {
  const byName = new Map(
    classes.map((one) => [one.name, one as PipelineClass<never, never, unknown>]),
  );
  const counts = { warmed: 0, failed: 0, unknown: 0 };
  const waiting = reads.values();
  const work = async (): Promise<void> => {
    for (const hot of waiting) {
      try {
        // Read from a file, say: any of them may be no read at all.
        const pipelineClass = byName.get(hot.pipelineClass);
        if (pipelineClass === undefined) {
          counts.unknown += 1;
          continue;
        }
        await read(pipelineClass, paramsOf(hot) as never, { tenant: hot.tenant });
        counts.warmed += 1;
      } catch {
        counts.failed += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return counts;
};
