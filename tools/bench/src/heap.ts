import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';

/** Bytes of objects and of array buffers. */
export const heapBytes = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

/** Collects all garbage there is, also what is only freed after a turn of the event loop. */
export const collect = async (): Promise<void> => {
  for (let round = 0; round < 4; round += 1) {
    await turn();
    globalThis.gc?.();
  }
};

/** How often garbage was collected since the last time it was asked. */
export const collections = (): (() => number) => {
  const observer = new PerformanceObserver(() => {});
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.takeRecords().length;
};

/** Flags with which tens of megabytes can be allocated before anything is collected. */
export const ROOMY: readonly string[] = ['--min-semi-space-size=256', '--max-semi-space-size=256'];
