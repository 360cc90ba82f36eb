import { monitorEventLoopDelay } from 'node:perf_hooks';

/** @returns ends the watch, and says how many milliseconds this process stood still at most meanwhile */
export const watchPauses = (): (() => number) => {
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  return () => {
    delays.disable();
    return delays.max / 1e6;
  };
};
