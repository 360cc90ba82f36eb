import type { AggregationCacheEvents } from '../../src/cache/events.js';
import type { startProcess } from './process.js';

type Process = ReturnType<typeof startProcess>;

/** A process as metrics see a cache. */
export const observed = ({ events, engine }: Process) => ({ events, stats: () => engine.stats() });

const names = ['hit', 'missed', 'filled', 'invalidated', 'epochBegun'] as const;

/** How many listen to the events of a process. */
export const listenersOf = ({ events }: Process): number =>
  names.reduce((sum, name: keyof AggregationCacheEvents) => sum + events.listenerCount(name), 0);

const labels = { pipelineClass: 'contracts', key: 'k' };

/** Each event once, as the cache tells it; those that a test brings about itself are left out. */
export const EXAMPLES: Partial<AggregationCacheEvents> = {
  servedStale: { ...labels, reason: 'failed', ageMs: 5 },
  refreshing: { ...labels, reason: 'early' },
  refreshFailed: { ...labels, error: new Error('no') },
  failedFast: { ...labels, by: 'elsewhere' },
  slowQuery: { ...labels, member: 'a:1', tookMs: 5, plan: undefined, hints: [] },
  notStored: { ...labels, reason: 'moved' },
  memberPassedOver: { pipelineClass: 'contracts', member: 'a:1', reason: 'breakerOpen' },
  remoteFailed: { operation: 'look', reason: 'timeout', error: new Error('no') },
  messagesMissed: {},
  epochBegun: {},
  poisoned: { ...labels, reason: 'corrupt' },
  changesEnded: { reason: 'historyLost', error: new Error('no') },
};

export const tellExamples = ({ events }: Process): void => {
  for (const [name, payload] of Object.entries(EXAMPLES)) {
    events.emit(name as 'epochBegun', payload as AggregationCacheEvents['epochBegun']);
  }
};
