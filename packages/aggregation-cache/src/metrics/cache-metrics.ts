import type { AggregationCacheEvents } from '../cache/events.js';
import type { AggregationCacheStats } from '../cache/stats.js';
import type { MemberState } from '../ports/source.js';

/** What tells apart the readings of one metric. Each has few values; no key, no tenant, no text is among them. */
export type Labels = Readonly<Record<string, string>>;

/** One number, when metrics are collected. */
export interface Reading {
  readonly value: number;
  readonly labels: Labels;
}

interface Metric {
  /** In the words of OpenTelemetry; exporters turn it into theirs. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  readonly help: string;
  /** In the notation of UCUM. */
  readonly unit: string;
  /** Besides `cache`, the name it was handed over by. */
  readonly labels: readonly string[];
}

/** Counted as events come. */
export interface CountedMetric extends Metric {
  readonly kind: 'counter';
  /** The values of `labels` for each event that counts. */
  readonly counts: {
    readonly [E in keyof AggregationCacheEvents]?: (
      event: AggregationCacheEvents[E],
    ) => readonly string[];
  };
}

/** Read from the stats, which are kept anyway. */
export interface ReadMetric extends Metric {
  read(stats: AggregationCacheStats): readonly Reading[];
}

const plain = (value: number): readonly Reading[] => [{ value, labels: {} }];

const oneOf = (label: string, all: readonly string[], now: string): readonly Reading[] =>
  all.map((each) => ({ value: Number(each === now), labels: { [label]: each } }));

const ofMembers =
  (numberOf: (member: MemberState) => number | undefined) =>
  ({ members }: AggregationCacheStats): readonly Reading[] =>
    members.flatMap((member) => {
      const value = numberOf(member);
      return value === undefined ? [] : [{ value, labels: { member: member.address } }];
    });

export const COUNTED_METRICS: readonly CountedMetric[] = Object.freeze([
  {
    name: 'aggregation_cache.reads',
    kind: 'counter',
    help: 'Reads that were answered, by class and where the rows came from.',
    unit: '{read}',
    labels: ['class', 'source', 'stale'],
    counts: {
      hit: ({ pipelineClass, source, stale }) => [pipelineClass, source, stale ? 'true' : 'false'],
      missed: ({ pipelineClass }) => [pipelineClass, 'member', 'false'],
    },
  },
  {
    name: 'aggregation_cache.fills',
    kind: 'counter',
    help: 'Answers of members, by class and member.',
    unit: '{fill}',
    labels: ['class', 'member'],
    counts: { filled: ({ pipelineClass, member }) => [pipelineClass, member.address] },
  },
  {
    name: 'aggregation_cache.slow_queries',
    kind: 'counter',
    help: 'Slow loads that were explained, by whether a collection is looked through for want of an index.',
    unit: '{load}',
    labels: ['class', 'scan'],
    counts: {
      slowQuery: ({ pipelineClass, plan }) => [
        pipelineClass,
        plan === undefined ? 'unknown' : String(plan.scans.length > 0),
      ],
    },
  },
  {
    name: 'aggregation_cache.not_stored',
    kind: 'counter',
    help: 'Results that were answered but not kept, by reason.',
    unit: '{result}',
    labels: ['class', 'reason'],
    counts: { notStored: ({ pipelineClass, reason }) => [pipelineClass, reason] },
  },
  {
    name: 'aggregation_cache.served_stale',
    kind: 'counter',
    help: 'Answers past their time to live, by why they were given.',
    unit: '{read}',
    labels: ['class', 'reason'],
    counts: { servedStale: ({ pipelineClass, reason }) => [pipelineClass, reason] },
  },
  {
    name: 'aggregation_cache.refreshes',
    kind: 'counter',
    help: 'Loads in the background that began, by reason.',
    unit: '{load}',
    labels: ['class', 'reason'],
    counts: { refreshing: ({ pipelineClass, reason }) => [pipelineClass, reason] },
  },
  {
    name: 'aggregation_cache.refreshes.failed',
    kind: 'counter',
    help: 'Loads in the background that failed.',
    unit: '{load}',
    labels: ['class'],
    counts: { refreshFailed: ({ pipelineClass }) => [pipelineClass] },
  },
  {
    name: 'aggregation_cache.failed_fast',
    kind: 'counter',
    help: 'Reads that failed because the same question had failed a moment before, here or elsewhere.',
    unit: '{read}',
    labels: ['class', 'by'],
    counts: { failedFast: ({ pipelineClass, by }) => [pipelineClass, by] },
  },
  {
    name: 'aggregation_cache.invalidations',
    kind: 'counter',
    help: 'Invalidations, by how this process came to know of them.',
    unit: '{invalidation}',
    labels: ['by'],
    counts: { invalidated: ({ by }) => [by] },
  },
  {
    name: 'aggregation_cache.members.passed_over',
    kind: 'counter',
    help: 'Wanted members that did not answer a read, by reason.',
    unit: '{member}',
    labels: ['class', 'reason'],
    counts: { memberPassedOver: ({ pipelineClass, reason }) => [pipelineClass, reason] },
  },
  {
    name: 'aggregation_cache.remote.failures',
    kind: 'counter',
    help: 'Operations of the remote store that failed.',
    unit: '{operation}',
    labels: ['operation', 'reason'],
    counts: { remoteFailed: ({ operation, reason }) => [operation, reason] },
  },
  {
    name: 'aggregation_cache.remote.messages_missed',
    kind: 'counter',
    help: 'How often messages of the remote store were found to be lost.',
    unit: '{time}',
    labels: [],
    counts: { messagesMissed: () => [] },
  },
  {
    name: 'aggregation_cache.remote.epochs',
    kind: 'counter',
    help: 'How often the remote store had lost what it knew, which makes everything kept void.',
    unit: '{time}',
    labels: [],
    counts: { epochBegun: () => [] },
  },
  {
    name: 'aggregation_cache.remote.poisoned',
    kind: 'counter',
    help: 'Stored values that could not be used, by reason.',
    unit: '{value}',
    labels: ['class', 'reason'],
    counts: { poisoned: ({ pipelineClass, reason }) => [pipelineClass, reason] },
  },
  {
    name: 'aggregation_cache.changes.ended',
    kind: 'counter',
    help: 'Ends of the change stream that this process led, by reason.',
    unit: '{time}',
    labels: ['reason'],
    counts: { changesEnded: ({ reason }) => [reason] },
  },
] satisfies CountedMetric[]);

export const READ_METRICS: readonly ReadMetric[] = Object.freeze([
  {
    name: 'aggregation_cache.reads.joined',
    kind: 'counter',
    help: 'Reads that shared a load that was under way.',
    unit: '{read}',
    labels: [],
    read: ({ reads }) => plain(reads.joined),
  },
  {
    name: 'aggregation_cache.reads.failed',
    kind: 'counter',
    help: 'Reads that ended with an error.',
    unit: '{read}',
    labels: [],
    read: ({ reads }) => plain(reads.failed),
  },
  {
    name: 'aggregation_cache.memory.entries',
    kind: 'gauge',
    help: 'Results that are kept in memory.',
    unit: '{result}',
    labels: [],
    read: ({ memory }) => plain(memory.entries),
  },
  {
    name: 'aggregation_cache.memory.usage',
    kind: 'gauge',
    help: 'Bytes that the results in memory take.',
    unit: 'By',
    labels: [],
    read: ({ memory }) => plain(memory.bytes),
  },
  {
    name: 'aggregation_cache.memory.limit',
    kind: 'gauge',
    help: 'Bytes that the results in memory may take.',
    unit: 'By',
    labels: [],
    read: ({ memory }) => plain(memory.maxBytes),
  },
  {
    name: 'aggregation_cache.memory.evictions',
    kind: 'counter',
    help: 'Results that gave way to others in memory.',
    unit: '{result}',
    labels: [],
    read: ({ memory }) => plain(memory.evictions),
  },
  {
    name: 'aggregation_cache.remote.state',
    kind: 'gauge',
    help: 'The state of the remote store: 1 for the one it is in, 0 for the others.',
    unit: '1',
    labels: ['state'],
    read: ({ remote }) => oneOf('state', ['none', 'ready', 'away', 'open'], remote.state),
  },
  {
    name: 'aggregation_cache.remote.pending_invalidations',
    kind: 'gauge',
    help: 'Invalidations that the other processes have not been told of yet.',
    unit: '{invalidation}',
    labels: [],
    read: ({ remote }) => plain(remote.pendingInvalidations),
  },
  {
    name: 'aggregation_cache.changes.role',
    kind: 'gauge',
    help: 'What this process does about the change stream: 1 for its role, 0 for the others.',
    unit: '1',
    labels: ['role'],
    read: ({ changes }) => oneOf('role', ['leader', 'follower', 'alone', 'off'], changes.role),
  },
  {
    name: 'aggregation_cache.changes.stalled',
    kind: 'gauge',
    help: '1 while nobody has a sign of life of the change stream and nothing kept is answered.',
    unit: '1',
    labels: [],
    read: ({ changes }) => plain(Number(changes.stalled)),
  },
  {
    name: 'aggregation_cache.member.state',
    kind: 'gauge',
    help: "The state of the member's breaker: 1 for the one it is in, 0 for the others.",
    unit: '1',
    labels: ['member', 'state'],
    read: ({ members }) =>
      members.flatMap(({ address, breaker }) =>
        oneOf('state', ['closed', 'open', 'halfOpen'], breaker).map(({ value, labels }) => ({
          value,
          labels: { member: address, ...labels },
        })),
      ),
  },
  {
    name: 'aggregation_cache.member.lag',
    kind: 'gauge',
    help: 'How far the member is behind the primary, where that is known.',
    unit: 's',
    labels: ['member'],
    read: ofMembers(({ lagMs }) => lagMs && lagMs / 1000),
  },
  {
    name: 'aggregation_cache.member.asked',
    kind: 'counter',
    help: 'Questions sent to the member.',
    unit: '{question}',
    labels: ['member'],
    read: ofMembers(({ asked }) => asked),
  },
  {
    name: 'aggregation_cache.member.hedged',
    kind: 'counter',
    help: 'Questions sent to the member because another one took long.',
    unit: '{question}',
    labels: ['member'],
    read: ofMembers(({ hedged }) => hedged),
  },
] satisfies ReadMetric[]);

/** What every answer of a member took. The only one that is no plain number. */
export const FILL_DURATION = Object.freeze({
  name: 'aggregation_cache.fill.duration',
  help: 'How long members took to answer, until the rows were there.',
  unit: 's',
  labels: ['class'] as readonly string[],
  /** Upper bounds in seconds: a class has five by default. */
  bounds: Object.freeze([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]),
});
