import { CircuitBreaker, GuardedEmitter } from '@nestcms/circuit-breaker';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { Timestamp } from 'mongodb';
import type { AggregationCacheEvents } from '../../src/cache/events.js';
import type { RemoteListener, RemoteStore } from '../../src/ports/remote-store.js';
import { RemoteTier } from '../../src/remote/remote-tier.js';
import { InMemoryRemote } from '../../src/testing/in-memory-remote.js';
import { GenerationTable } from '../../src/validity/generation-table.js';
import { PendingInvalidations } from '../../src/validity/pending-invalidations.js';
import { RemoteWatch } from '../../src/validity/remote-watch.js';

export const HEARTBEAT_MS = 1_000;
export const at = (t: number) => ({ operationTime: new Timestamp({ t, i: 0 }) });
export const settled = () => new Promise(setImmediate);

interface Setting {
  readonly remote?: InMemoryRemote;
  readonly isAway?: boolean;
}

/** A watch over a remote store whose questions are counted and can be held up, beside another process. */
export const openWatch = async ({
  remote = new InMemoryRemote(),
  isAway = false,
}: Setting = {}) => {
  const clock = new ManualClock();
  if (isAway) remote.setState('away');
  const store = remote.connect();
  const asked: string[] = [];
  let before = async (_operation: string): Promise<void> => {};
  let listener: RemoteListener | undefined;
  const counted: RemoteStore = {
    ...store,
    get state() {
      return store.state;
    },
    position: async () => {
      asked.push('position');
      const position = await store.position();
      await before('position');
      return position;
    },
    generations: async (dependencies) => {
      asked.push(`generations ${dependencies.length}`);
      const generations = await store.generations(dependencies);
      await before('generations');
      return generations;
    },
    subscribe: (heard) => {
      listener = heard;
      return store.subscribe(heard);
    },
  };
  const events = new GuardedEmitter<AggregationCacheEvents>();
  const told: unknown[] = [];
  events.on('invalidated', ({ dependencies, by }) => told.push([by, ...dependencies]));
  for (const name of ['messagesMissed', 'remoteLost', 'remoteRegained'] as const)
    events.on(name, () => told.push(name));
  const breaker = new CircuitBreaker({ name: 'remote', minimumCalls: 100, clock });
  const tier = new RemoteTier({ store: counted, breaker, events });
  const table = new GenerationTable(clock);
  const pending = new PendingInvalidations(
    async (changes) => (await tier.invalidate(changes)) !== undefined,
  );
  const parts = { store: counted, tier, table, pending, events, clock, heartbeatMs: HEARTBEAT_MS };
  const heard: unknown[] = [];
  const watch = new RemoteWatch({
    ...parts,
    onWoken: (key) => heard.push(['woken', key]),
    onMoved: (dependencies) => heard.push(['moved', ...dependencies]),
  });
  await settled();
  return {
    remote,
    clock,
    asked,
    told,
    table,
    pending,
    parts,
    heard,
    watch,
    other: remote.connect(),
    /** What a question waits for, after it has its answer and before it gives it. */
    holdUp: (next: typeof before) => {
      before = next;
    },
    say: () => listener as RemoteListener,
  };
};
