import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import type { CircuitState } from '../breaker/state.js';
import type { CircuitBreakerStats } from '../breaker/stats.js';
import { InvalidOptionError } from '../errors.js';

/** Where exporters find the breakers at each collection: a registry, a group, or anything with such a list. */
export interface BreakerSource {
  list(): readonly CircuitBreaker[];
}

/** One exported number of a breaker. */
export interface Reading {
  readonly value: number;
  /** What tells it from other readings of the same metric, besides the breaker's name. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A metric, told of each breaker. */
export interface BreakerMetric {
  /** In the words of OpenTelemetry; exporters turn it into theirs. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  readonly help: string;
  /** In the notation of UCUM. */
  readonly unit: string;
  readonly labels: readonly string[];
  read(stats: CircuitBreakerStats): readonly Reading[];
}

const STATES: readonly CircuitState[] = ['closed', 'open', 'halfOpen'];

const plain = (value: number): readonly Reading[] => [{ value, labels: {} }];

/**
 * What exporters tell of breakers. All is read from `stats()` when it is collected, so breakers do nothing
 * for it meanwhile, and one that is gone from its source is gone from the metrics.
 */
export const BREAKER_METRICS: readonly BreakerMetric[] = Object.freeze([
  {
    name: 'circuit_breaker.state',
    kind: 'gauge',
    help: 'The state of the breaker: 1 for the one it is in, 0 for the others.',
    unit: '1',
    labels: ['state'],
    read: (stats) =>
      STATES.map((state) => ({ value: Number(stats.state === state), labels: { state } })),
  },
  {
    name: 'circuit_breaker.calls',
    kind: 'counter',
    help: 'Calls that ended, by what they counted as.',
    unit: '{call}',
    labels: ['outcome'],
    read: ({ totals: { succeeded, failed, ignored, late } }) =>
      Object.entries({ success: succeeded, failure: failed, ignored, late }).map(
        ([outcome, value]) => ({ value, labels: { outcome } }),
      ),
  },
  {
    name: 'circuit_breaker.rejected',
    kind: 'counter',
    help: 'Calls that were refused.',
    unit: '{call}',
    labels: [],
    read: ({ totals }) => plain(totals.rejected),
  },
  {
    name: 'circuit_breaker.opened',
    kind: 'counter',
    help: 'How often the breaker opened.',
    unit: '{time}',
    labels: [],
    read: ({ totals }) => plain(totals.opened),
  },
  {
    name: 'circuit_breaker.in_flight',
    kind: 'gauge',
    help: 'Calls that are running.',
    unit: '{call}',
    labels: [],
    read: ({ inFlight }) => plain(inFlight),
  },
  {
    name: 'circuit_breaker.failure_rate',
    kind: 'gauge',
    help: 'Share of failures among the calls in the window, 0 to 1.',
    unit: '1',
    labels: [],
    read: ({ window }) => plain(window.failureRate),
  },
  {
    name: 'circuit_breaker.slow_rate',
    kind: 'gauge',
    help: 'Share of slow calls among the calls in the window, 0 to 1.',
    unit: '1',
    labels: [],
    read: ({ window }) => plain(window.slowRate),
  },
  {
    name: 'circuit_breaker.latency',
    kind: 'gauge',
    help: 'How long calls took lately, by quantile; only of breakers that keep it (latency: true).',
    unit: 's',
    labels: ['quantile'],
    read: ({ latency }) =>
      latency === undefined
        ? []
        : [
            { value: latency.p50 / 1000, labels: { quantile: '0.5' } },
            { value: latency.p90 / 1000, labels: { quantile: '0.9' } },
            { value: latency.p95 / 1000, labels: { quantile: '0.95' } },
            { value: latency.p99 / 1000, labels: { quantile: '0.99' } },
          ],
  },
] satisfies BreakerMetric[]);

/** @throws InvalidOptionError if `source` has no list of breakers */
export const checkSource = (source: BreakerSource): void => {
  if (typeof (source as Partial<BreakerSource> | null | undefined)?.list === 'function') return;
  const allowed = 'a registry, a group, or an object with list()';
  throw new InvalidOptionError({ option: 'source', value: source, allowed });
};

/** What every breaker of `source` says of `metric` now, with its name. */
export const readAll = (source: BreakerSource, metric: BreakerMetric): readonly Reading[] =>
  source
    .list()
    .flatMap((breaker) =>
      metric
        .read(breaker.stats())
        .map(({ value, labels }) => ({ value, labels: { breaker: breaker.name, ...labels } })),
    );
