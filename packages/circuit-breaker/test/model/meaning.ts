import type { CircuitState, Outcome } from '../../src/index.js';
import type { ResolvedWindow } from '../../src/options.js';
import type { WindowSums } from '../../src/window/outcome-window.js';
import type { Breaker, Finished, Kind, Meaning, PlainOptions, PlainWait } from './model-types.js';

const SUMS = ['calls', 'failures', 'slow', 'weight', 'failedWeight', 'slowWeight'] as const;

/** What stands in for a wait that a function does not give. */
const DEFAULT_WAIT_MS = 30_000;

const bucketOf = (window: ResolvedWindow & { kind: 'time' }, at: number): number =>
  Math.floor(at / (window.durationMs / window.buckets));

/** The calls that count now, each as much as it counts. */
export const countedNow = (
  window: ResolvedWindow,
  finished: readonly Finished[],
  now: number,
): readonly Finished[] => {
  switch (window.kind) {
    case 'count':
      return finished.slice(-window.size);
    case 'consecutive':
      return finished.slice(-1);
    case 'time': {
      const oldest = bucketOf(window, now) - window.buckets + 1;
      return finished.filter(({ at }) => bucketOf(window, at) >= oldest);
    }
    case 'ewma':
      return finished.map((call) => {
        const left = 0.5 ** ((now - call.at) / window.halfLifeMs);
        return mapSums(call.at, (sum) => call[sum] * left);
      });
  }
};

const mapSums = (at: number, value: (sum: keyof WindowSums) => number): Finished => ({
  at,
  calls: value('calls'),
  failures: value('failures'),
  slow: value('slow'),
  weight: value('weight'),
  failedWeight: value('failedWeight'),
  slowWeight: value('slowWeight'),
});

const addUp = (calls: readonly Finished[]): WindowSums => {
  const sums = { calls: 0, failures: 0, slow: 0, weight: 0, failedWeight: 0, slowWeight: 0 };
  for (const call of calls) for (const sum of SUMS) sums[sum] += call[sum];
  return sums;
};

/** A recount of the window. */
export const sumsOf = (window: ResolvedWindow, b: Breaker): WindowSums =>
  addUp(countedNow(window, b.finished, b.now));

const one = (at: number, failed: boolean, slow: boolean, weight: number): Finished => ({
  at,
  calls: 1,
  failures: failed ? 1 : 0,
  slow: slow ? 1 : 0,
  weight,
  failedWeight: failed ? weight : 0,
  slowWeight: slow ? weight : 0,
});

/** What remains of the finished calls once the window is another. */
export const moved = (from: ResolvedWindow, to: ResolvedWindow, b: Breaker): Finished[] => {
  if (JSON.stringify(from) === JSON.stringify(to)) return b.finished;
  const calls = countedNow(from, b.finished, b.now);
  if (from.kind === 'count' && to.kind === 'count') return [...calls];
  if (from.kind === 'time' && to.kind === 'time') {
    const middle = ({ at }: Finished) =>
      (bucketOf(from, at) + 0.5) * (from.durationMs / from.buckets);
    return calls.map((call) => ({ ...call, at: Math.min(b.now, middle(call)) }));
  }
  return takenIn(to, addUp(calls), b.now);
};

/** Calls known only by their sums, as if they ended now. */
export const takenIn = (to: ResolvedWindow, sums: WindowSums, now: number): Finished[] => {
  if (sums.calls === 0) return [];
  switch (to.kind) {
    case 'time':
      if (Math.round(sums.calls) === 0) return [];
      return [mapSums(now, (sum) => Math.round(sums[sum]))];
    case 'ewma':
      return [{ at: now, ...sums }];
    case 'consecutive':
      return [one(now, sums.failures > 0, sums.slow > 0, sums.weight / sums.calls)];
    case 'count': {
      const room = to.size / Math.max(to.size, sums.calls);
      const calls = Math.round(sums.calls * room);
      const failures = Math.round(sums.failures * room);
      const slow = Math.round(sums.slow * room);
      const failedWeight = middle(sums.failedWeight, sums.failures);
      const otherWeight = middle(sums.weight - sums.failedWeight, sums.calls - sums.failures);
      return Array.from({ length: calls }, (_, call) => {
        const failed = call >= calls - failures;
        return one(now, failed, call < slow, failed ? failedWeight : otherWeight);
      });
    }
  }
};

/** What each of `calls` weighs that weigh so much together. */
const middle = (weight: number, calls: number): number =>
  calls > 0 ? Math.min(10_000, Math.max(1, Math.round(weight / calls))) : 100;

/** Rates are compared as whole millionths. */
const reaches = (part: number, whole: number, rate: number): boolean =>
  part > 0 && part * 1_000_000 >= Math.round(rate * 1_000_000) * whole;

const openWait = (
  wait: PlainWait,
  random: number,
  attempt: number,
  previousMs: number | undefined,
): number => {
  if (typeof wait === 'number') return wait;
  if (wait.kind === 'table') {
    const answer = wait.waits[Math.min(attempt, wait.waits.length) - 1];
    return typeof answer === 'number' ? answer : DEFAULT_WAIT_MS;
  }
  const { initialMs = 100, maxMs = 10_000 } = wait as { initialMs?: number; maxMs?: number };
  if (wait.kind === 'decorrelated') {
    const previous = previousMs ?? initialMs;
    return Math.max(1, Math.min(maxMs, initialMs + Math.max(0, 3 * previous - initialMs) * random));
  }
  const plain = {
    constant: (wait as { delayMs?: number }).delayMs ?? 100,
    linear: initialMs + (attempt - 1) * ((wait as { stepMs?: number }).stepMs ?? initialMs),
    exponential: initialMs * ((wait as { factor?: number }).factor ?? 2) ** (attempt - 1),
  }[wait.kind];
  const capped = wait.kind === 'constant' ? plain : Math.min(maxMs, plain);
  const share = { none: 1, full: random, equal: (1 + random) / 2 }[wait.jitter ?? 'full'];
  return Math.max(1, capped * share);
};

/** @param random what the breaker's `random` gives, or counts as */
export const meaningOf = (options: PlainOptions, random: number): Meaning => {
  const { mode, window, slowCalls, latency, rampUp } = options;
  const { trials, successRate, maxConcurrent, maxDurationMs } = options.halfOpen;
  const isSlow = (durationMs: number): boolean =>
    slowCalls !== false && durationMs >= slowCalls.thresholdMs;
  const ended = (how: readonly Outcome[], outcome: Outcome): number =>
    how.filter((end) => end === outcome).length;
  const slowRunning = (b: Breaker): number =>
    b.mine.filter((call) => call.isTimed && isSlow(b.now - call.at)).length;
  const share = (b: Breaker): number =>
    rampUp === false ? 1 : b.share + (b.now - b.since) / rampUp.durationMs;
  return {
    mode,
    isTimed: latency || slowCalls !== false,
    maxTrialMs: maxDurationMs,
    initialShare: rampUp === false ? undefined : rampUp.initialShare,
    heldWaitMs:
      typeof options.openForMs === 'object' && options.openForMs.kind === 'table'
        ? DEFAULT_WAIT_MS
        : openWait(options.openForMs, 1, 1, undefined),
    openWait: (attempt, previousMs) => openWait(options.openForMs, random, attempt, previousMs),
    // A trial that was slow has failed.
    trial: (b, call, outcome) =>
      outcome === 'success' && call.isTimed && isSlow(b.now - call.at) ? 'failure' : outcome,
    counted: (b, call, outcome, weight = 1) => {
      const slow = call.isTimed && isSlow(b.now - call.at);
      return one(b.now, outcome === 'failure', slow, Math.round(100 * weight));
    },
    rule: (b) => {
      if (b.kind !== 'closed' && b.kind !== 'rampUp') return undefined;
      const { minimumCalls, failureRate, consecutiveFailures } = options;
      const { calls, weight, failedWeight, slowWeight } = sumsOf(window, b);
      const running = slowRunning(b);
      if (consecutiveFailures !== false && b.failuresInARow >= consecutiveFailures)
        return 'consecutiveFailures';
      if (failureRate !== false && calls >= minimumCalls)
        if (reaches(failedWeight, weight, failureRate)) return 'failureRate';
      if (slowCalls !== false && calls + running >= minimumCalls)
        if (reaches(slowWeight + 100 * running, weight + 100 * running, slowCalls.rate))
          return 'slowRate';
      return undefined;
    },
    hasPlace: (b) =>
      b.mine.length < maxConcurrent &&
      b.mine.length + ended(b.trials, 'success') + ended(b.trials, 'failure') < trials,
    verdict: (how) => {
      const needed = Math.ceil(trials * successRate);
      if (ended(how, 'failure') > trials - needed) return 'failed';
      return ended(how, 'success') >= needed ? 'succeeded' : undefined;
    },
    share,
    halved: (b) => (rampUp === false ? 1 : Math.max(rampUp.initialShare, share(b) / 2)),
    slowRunning,
  };
};

/** What a caller who is refused now, or asks, is told. */
export const retryAfterMs = (b: Breaker): number => {
  const left = (until: number) => Math.max(0, Math.ceil(until - b.now));
  switch (b.kind) {
    case 'open':
      return left(b.openUntil);
    case 'heldOpen':
      return b.options.heldWaitMs;
    case 'shutDown':
      return Number.POSITIVE_INFINITY;
    case 'halfOpen':
      return b.options.hasPlace(b) ? 0 : Math.min(1000, left(b.since + b.options.maxTrialMs));
    default:
      return 0;
  }
};

/** A breaker that was just made. */
export const newBreaker = (options: Meaning, tell: Breaker['tell']): Breaker => ({
  options,
  now: 0,
  phase: 'closed',
  holds: [],
  isShutDown: false,
  generation: 0,
  running: [],
  finished: [],
  trials: [],
  waits: [],
  failuresInARow: 0,
  openUntil: 0,
  quietUntil: 0,
  since: 0,
  share: 0,
  credit: 0,
  get kind(): Kind {
    if (this.isShutDown) return 'shutDown';
    if (this.holds.includes('open')) return 'heldOpen';
    if (this.options.mode === 'disabled') return 'disabled';
    return this.holds.length > 0 ? 'heldClosed' : this.phase;
  },
  get state(): CircuitState {
    const { kind } = this;
    if (kind === 'halfOpen' || kind === 'rampUp') return 'halfOpen';
    return kind === 'open' || kind === 'heldOpen' || kind === 'shutDown' ? 'open' : 'closed';
  },
  get mine() {
    return this.running.filter((call) => call.generation === this.generation);
  },
  tell,
});
