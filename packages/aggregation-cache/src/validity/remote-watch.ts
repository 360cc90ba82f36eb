import type { Clock } from '@nestcms/circuit-breaker';
import type { EventSink } from '../cache/events.js';
import type { Generation, RemoteState, RemoteStore } from '../ports/remote-store.js';
import type { RemoteTier } from '../remote/remote-tier.js';
import type { GenerationTable } from './generation-table.js';
import type { PendingInvalidations } from './pending-invalidations.js';

/**
 * Keeps the generations known here in step with the remote store: by its messages at once, and by
 * comparing twice per heartbeat, so that a message that was lost is made up for. Between two comparisons
 * nothing is trusted for longer than one heartbeat.
 */
export class RemoteWatch {
  readonly #tier: RemoteTier;
  readonly #table: GenerationTable;
  readonly #pending: PendingInvalidations;
  readonly #events: EventSink;
  readonly #clock: Clock;
  readonly #heartbeatMs: number;
  readonly #unsubscribe: () => void;
  #cancelTimer: () => void;
  #comparedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: {
    readonly store: RemoteStore;
    readonly tier: RemoteTier;
    readonly table: GenerationTable;
    readonly pending: PendingInvalidations;
    readonly events: EventSink;
    readonly clock: Clock;
    readonly heartbeatMs: number;
  }) {
    this.#tier = parts.tier;
    this.#table = parts.table;
    this.#pending = parts.pending;
    this.#events = parts.events;
    this.#clock = parts.clock;
    this.#heartbeatMs = parts.heartbeatMs;
    this.#unsubscribe = parts.store.subscribe({
      moved: (generations) => this.#announce(this.#table.adoptMessage(generations), 'message'),
      stateChanged: (state) => this.#stateChanged(state),
    });
    this.#cancelTimer = this.#schedule();
  }

  /** Whether what was known to be right at `verifiedAt` may still be answered without asking. */
  vouchesFor(verifiedAt: number): boolean {
    return this.#clock.now() - Math.max(verifiedAt, this.#comparedAt) <= this.#heartbeatMs;
  }

  /** Publishes what is pending, then compares every generation known here. */
  async compare(): Promise<void> {
    await this.#pending.flush();
    const asked = this.#table.wholeTicket();
    if (asked.slots.length === 0) return;
    const askedAt = this.#clock.now();
    const generations = await this.#tier.generations(asked.namespaces());
    if (generations === undefined) return;
    this.#announce(this.#table.adoptAnswer(asked, generations), 'comparison');
    this.#comparedAt = Math.max(this.#comparedAt, askedAt);
  }

  /** Takes over generations that came with an answer to another question. */
  adopt(
    asked: Parameters<GenerationTable['adoptAnswer']>[0],
    generations: readonly Generation[],
  ): void {
    this.#announce(this.#table.adoptAnswer(asked, generations), 'comparison');
  }

  close(): void {
    this.#unsubscribe();
    this.#cancelTimer();
  }

  #stateChanged(state: RemoteState): void {
    if (state === 'away') {
      this.#events.emit('remoteLost', {});
      return;
    }
    this.#events.emit('remoteRegained', {});
    void this.compare();
  }

  #announce(collections: readonly string[], by: 'message' | 'comparison'): void {
    if (collections.length > 0) this.#events.emit('invalidated', { collections, by });
  }

  #schedule(): () => void {
    return this.#clock.setTimer(() => {
      this.#cancelTimer = this.#schedule();
      void this.compare();
    }, this.#heartbeatMs / 2);
  }
}
