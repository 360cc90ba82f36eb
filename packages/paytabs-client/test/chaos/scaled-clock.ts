import type { Clock } from '@nestcms/circuit-breaker';

/**
 * Time that runs `factor` times as fast, the same in every process that is given the same start: all waits of client and
 * simulator are shortened by one number.
 */
export const scaledClock = ({
  startedAt,
  factor,
}: {
  startedAt: number;
  factor: number;
}): Clock => {
  const since = () => performance.timeOrigin + performance.now() - startedAt;
  return {
    now: () => since() * factor,
    wallTime: () => Math.floor(startedAt + since() * factor),
    setTimer: (callback, delayMs) => {
      const timer = setTimeout(callback, delayMs / factor);
      return () => clearTimeout(timer);
    },
  };
};
