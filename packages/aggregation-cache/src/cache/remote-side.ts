import type { CircuitBreaker, Clock } from '@nestcms/circuit-breaker';
import type { RemoteChange, RemoteStore } from '../ports/remote-store.js';
import { RemoteTier } from '../remote/remote-tier.js';
import type { Envelopes } from '../rows/envelope.js';
import type { GenerationTable } from '../validity/generation-table.js';
import { PendingInvalidations } from '../validity/pending-invalidations.js';
import { RemoteWatch } from '../validity/remote-watch.js';
import type { Closing } from './closing.js';
import type { EventSink } from './events.js';
import { FleetTurns } from './fleet-turns.js';
import type { RemoteParts } from './verifier.js';

/** All that has to do with the other processes. */
export type RemoteSide = RemoteParts & { readonly turns: FleetTurns };

/** @param onMoved told of everything that another process made void */
export const openRemoteSide = (
  { store, breaker }: { readonly store: RemoteStore; readonly breaker: CircuitBreaker },
  parts: {
    readonly table: GenerationTable;
    readonly envelopes?: Envelopes | undefined;
    readonly events: EventSink;
    readonly clock: Clock;
    readonly heartbeatMs: number;
    readonly leaseMs: number;
    readonly closing: Closing;
    readonly onMoved: (dependencies: readonly string[]) => void;
  },
): RemoteSide => {
  const { table, envelopes, events, clock, closing, heartbeatMs, leaseMs, onMoved } = parts;
  const tier = new RemoteTier({ store, breaker, events, envelopes });
  const turns = new FleetTurns({ tier, table, clock, leaseMs, closing });
  const pending = new PendingInvalidations(async (changes: readonly RemoteChange[]) => {
    const asked = table.ticket(changes.map(({ dependency }) => dependency));
    const generations = await tier.invalidate(changes);
    if (generations === undefined) return false;
    table.adoptAnswer(asked, generations);
    return true;
  });
  const heard = { onWoken: (key: string) => turns.woken(key), onMoved };
  const watch = new RemoteWatch({
    store,
    tier,
    table,
    pending,
    events,
    clock,
    heartbeatMs,
    ...heard,
  });
  return { tier, watch, pending, turns };
};
