import type { AggregationCache } from '../cache/aggregation-cache.js';
import type { AggregationCacheEvents } from '../cache/events.js';
import { invalidOption } from '../errors.js';
import { readText } from '../validation.js';
import {
  COUNTED_METRICS,
  type CountedMetric,
  FILL_DURATION,
  type Labels,
  READ_METRICS,
  type Reading,
  type ReadMetric,
} from './cache-metrics.js';
import { Counts } from './counts.js';

/** What metrics need of a cache. */
export type ObservedCache = Pick<AggregationCache, 'events' | 'stats'>;

/** One cache, told of as `default`, or several by the names that the label `cache` shall have. */
export type ObservedCaches = ObservedCache | Readonly<Record<string, ObservedCache>>;

/** What an exporter makes of the numbers. */
export interface Exporter {
  /** Offers a number that `read` gives at each collection. @returns a function that takes it out again */
  observe(
    metric: CountedMetric | ReadMetric,
    labels: readonly string[],
    read: () => readonly Reading[],
  ): () => void;
  /** Offers a histogram of seconds. */
  histogram(labels: readonly string[]): {
    readonly record: (seconds: number, labels: Labels) => void;
    readonly end: () => void;
  };
}

/**
 * Counts what these caches tell, and hands every metric to `exporter`.
 * @returns a function that ends it
 * @throws INVALID_OPTION for what is no cache
 */
export const observeAll = (caches: ObservedCaches, exporter: Exporter): (() => void) => {
  const observed = Object.entries(named(caches));
  const ends: (() => void)[] = [];
  // What a register refuses must not leave the rest of it behind.
  const attempt = (begin: () => () => void) => {
    try {
      ends.push(begin());
    } catch (error) {
      for (const end of ends) end();
      throw error;
    }
  };
  for (const metric of COUNTED_METRICS) {
    attempt(() => {
      const counted = observed.map(([name, { events }]) => ({
        name,
        events,
        counts: new Counts(),
      }));
      const take = exporter.observe(metric, ['cache', ...metric.labels], () =>
        counted.flatMap(({ name, counts }) => withCache(name, readingsOf(metric, counts))),
      );
      const stops = counted.flatMap(({ events, counts }) => count(metric, events, counts));
      return () => {
        for (const stop of stops) stop();
        take();
      };
    });
  }
  for (const metric of READ_METRICS) {
    attempt(() =>
      exporter.observe(metric, ['cache', ...metric.labels], () =>
        observed.flatMap(([name, cache]) => withCache(name, metric.read(cache.stats()))),
      ),
    );
  }
  attempt(() => {
    const { record, end } = exporter.histogram(['cache', ...FILL_DURATION.labels]);
    const stops = observed.map(([cache, { events }]) =>
      events.on('filled', ({ tookMs, pipelineClass }) =>
        record(tookMs / 1000, { cache, class: pipelineClass }),
      ),
    );
    return () => {
      for (const stop of stops) stop();
      end();
    };
  });
  return () => {
    for (const end of ends) end();
  };
};

const withCache = (cache: string, readings: readonly Reading[]): readonly Reading[] =>
  readings.map(({ value, labels }) => ({ value, labels: { cache, ...labels } }));

const readingsOf = ({ labels }: CountedMetric, counts: Counts): readonly Reading[] =>
  Array.from(counts.rows(labels.length), ([words, value]) => ({
    value,
    labels: Object.fromEntries(labels.map((label, place) => [label, words[place] as string])),
  }));

const count = (
  metric: CountedMetric,
  events: ObservedCache['events'],
  counts: Counts,
): readonly (() => void)[] =>
  Object.entries(metric.counts).map(([event, wordsOf]) =>
    events.on(event as keyof AggregationCacheEvents, (payload) =>
      counts.add((wordsOf as (payload: unknown) => readonly string[])(payload)),
    ),
  );

/** @throws INVALID_OPTION */
const named = (caches: ObservedCaches): Readonly<Record<string, ObservedCache>> => {
  if (isCache(caches)) return { default: caches };
  const entries = typeof caches === 'object' && caches !== null ? Object.entries(caches) : [];
  for (const [name, cache] of entries) {
    readText('caches', name);
    if (!isCache(cache)) throw invalidOption(`caches.${name}`, cache, ALLOWED);
  }
  if (entries.length > 0) return Object.fromEntries(entries);
  throw invalidOption('caches', caches, `${ALLOWED}, or an object of them by name`);
};

const ALLOWED = 'an AggregationCache';

const isCache = (value: unknown): value is ObservedCache => {
  const { events, stats } = Object(value) as { events?: { on?: unknown }; stats?: unknown };
  return typeof stats === 'function' && typeof events?.on === 'function';
};
