import type { Clock } from './clock.js';

/** The longest delay `setTimeout` takes; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The timers there were at the start. Fake ones, put in their place later, cost nothing and lose what waits. */
const originalTimers = setTimeout;

/** Whether they are there now. A function of its own, for it is asked at each call of a breaker. */
export const hasOriginalTimers = (): boolean => setTimeout === originalTimers;

/** In Cloudflare Workers a timer is of the request that set it, and ends with it. */
const hasCallerTimers =
  (globalThis as { readonly navigator?: { readonly userAgent?: unknown } }).navigator?.userAgent ===
  'Cloudflare-Workers';

/** The machine's own clock. Its globals are looked up at each call, so a test runner's fake timers work. */
export const systemClock: Clock = {
  // Some runtimes have no such thing. Elapsed time never counts the steps back of a calendar.
  now: () => (globalThis.performance ?? Date).now(),
  wallTime: () => Date.now(),
  setTimer(callback, delayMs, { background = false } = {}) {
    let handle: ReturnType<typeof setTimeout>;
    const arm = (leftMs: number) => {
      handle =
        leftMs > LONGEST_DELAY_MS
          ? setTimeout(() => arm(leftMs - LONGEST_DELAY_MS), LONGEST_DELAY_MS)
          : // Node cuts fractions off, and would call back before the time.
            setTimeout(callback, Math.ceil(leftMs));
      // Browsers have no such method, nor a process to keep alive.
      if (background) (handle as { unref?: () => void }).unref?.();
    };
    arm(delayMs);
    return () => clearTimeout(handle);
  },
  get slackMs() {
    // No timer could tick for all.
    return hasOriginalTimers() && !hasCallerTimers ? 50 : 0;
  },
  // By its bare name, which costs nothing to read, unlike a property of the global object.
  timerSource: () => setTimeout,
  hasCallerTimers,
};
