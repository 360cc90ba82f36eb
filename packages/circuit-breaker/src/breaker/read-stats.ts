import type { LatencyHistogram } from '../window/latency-histogram.js';
import type { Engine } from './engine.js';
import { shareOf } from './ramp-up.js';
import { retryAfterMs } from './retry-after.js';
import { publicState, type State } from './state.js';
import type { CircuitBreakerStats, LatencyStats } from './stats.js';

const HELD: Partial<Record<State['kind'], 'open' | 'closed'>> = {
  heldOpen: 'open',
  heldClosed: 'closed',
};

const rate = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** A breaker's numbers now. Call `advance` before. */
export const readStats = (engine: Engine): CircuitBreakerStats => {
  const { machine, inFlight, waiting, latency } = engine;
  // What has been kept of durations is forgotten by that time.
  if (latency !== undefined) machine.now();
  const { state, window, settings } = machine;
  const {
    calls = 0,
    failures = 0,
    slow = 0,
    weight = 0,
    failedWeight = 0,
    slowWeight = 0,
  } = window ?? {};
  return {
    state: publicState(state),
    mode: settings.mode,
    held: HELD[state.kind],
    retryAfterMs: retryAfterMs(machine),
    inFlight,
    waiting,
    window: {
      calls,
      failures,
      slow,
      failureRate: rate(failedWeight, weight),
      slowRate: rate(slowWeight, weight),
    },
    failuresInARow: machine.failuresInARow,
    trials:
      state.kind === 'halfOpen'
        ? { running: state.running, succeeded: state.succeeded, failed: state.failed }
        : undefined,
    share:
      state.kind === 'rampUp'
        ? Math.min(1, shareOf(state, settings.rampUp, machine.now()))
        : undefined,
    latency: latency === undefined || !settings.latency ? undefined : latencyStats(latency),
    totals: {
      succeeded: engine.succeeded,
      failed: engine.failed,
      ignored: engine.ignored,
      rejected: engine.rejected,
      late: engine.late,
      opened: engine.opened,
    },
  };
};

const latencyStats = (latency: LatencyHistogram): LatencyStats | undefined => {
  const calls = latency.count;
  if (calls === 0) return undefined;
  const [p50, p90, p95, p99, max] = latency.percentiles([0.5, 0.9, 0.95, 0.99, 1]) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { calls, p50, p90, p95, p99, max };
};
