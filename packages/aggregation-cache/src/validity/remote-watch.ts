import type { Clock } from '@nestcms/circuit-breaker';
import type { EventSink } from '../cache/events.js';
import type { Generation, Position, RemoteState, RemoteStore } from '../ports/remote-store.js';
import type { RemoteTier } from '../remote/remote-tier.js';
import type { GenerationTable, Ticket } from './generation-table.js';
import type { PendingInvalidations } from './pending-invalidations.js';

/** So many generations are asked for at a time when all of them are compared. */
const COMPARED_AT_ONCE = 500;

/**
 * Keeps the generations known here in step with the remote store. Its messages say at once what moved, and
 * are numbered. Twice per heartbeat the store is asked how far they are: the same number as the last one
 * heard means that nothing was missed; any other, that everything known here has to be compared. Between
 * two such looks nothing is trusted for longer than one heartbeat.
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
  /** Everything up to here is known; undefined after a gap. */
  #position: Position | undefined;
  #comparedAt = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;
  /** Until then, whatever is kept may turn out to be void for no other reason. */
  readonly firstCompared: Promise<void>;
  #tellCompared: () => void = () => {};
  readonly #onWoken: (key: string) => void;
  readonly #onMoved: (dependencies: readonly string[]) => void;

  constructor(parts: {
    readonly store: RemoteStore;
    readonly tier: RemoteTier;
    readonly table: GenerationTable;
    readonly pending: PendingInvalidations;
    readonly events: EventSink;
    readonly clock: Clock;
    readonly heartbeatMs: number;
    /** Told when a lease that was waited for has ended. */
    readonly onWoken?: (key: string) => void;
    /** Told of everything that another process made void, also of what nobody reads here. */
    readonly onMoved?: (dependencies: readonly string[]) => void;
  }) {
    this.#tier = parts.tier;
    this.#table = parts.table;
    this.#pending = parts.pending;
    this.#events = parts.events;
    this.#clock = parts.clock;
    this.#heartbeatMs = parts.heartbeatMs;
    this.#onWoken = parts.onWoken ?? (() => {});
    this.#onMoved = parts.onMoved ?? (() => {});
    this.firstCompared = new Promise((resolve) => {
      this.#tellCompared = resolve;
    });
    this.#unsubscribe = parts.store.subscribe({
      moved: (generations, position) => this.#heard(generations, position),
      woken: (key) => this.#onWoken(key),
      stateChanged: (state) => this.#stateChanged(state),
    });
    this.#cancelTimer = this.#schedule();
    // From here on a gap is noticed.
    if (parts.store.state === 'ready') void this.check();
  }

  /** Whether what was known to be right at `verifiedAt` may still be answered without asking. */
  vouchesFor(verifiedAt: number): boolean {
    return this.#clock.now() - Math.max(verifiedAt, this.#comparedAt) <= this.#heartbeatMs;
  }

  /** Every invalidation that was published before this time is known here. Monotonic ms. */
  get comparedAt(): number {
    return this.#comparedAt;
  }

  /** Whether every invalidation that was published a heartbeat ago has been heard of here. */
  get isHearing(): boolean {
    return this.vouchesFor(Number.NEGATIVE_INFINITY);
  }

  /** Publishes what is pending, then makes sure that nothing was missed. Shared by those who ask meanwhile. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  /**
   * Takes over generations that came with an answer to another question.
   * @returns the state that the answer is about: whoever is told of it may invalidate again at once
   */
  adopt(asked: Ticket, generations: readonly Generation[]): Ticket {
    const moved = this.#table.adoptAnswer(asked, generations);
    // As a rule nothing is new: then what stood still says what stands.
    const ticket = asked.isCurrent() ? asked : this.#table.ticket(asked.dependencies());
    this.#announce(moved, 'comparison');
    return ticket;
  }

  close(): void {
    this.#unsubscribe();
    this.#cancelTimer();
    // Nothing is compared from now on.
    this.#tellCompared();
  }

  async #check(): Promise<void> {
    await this.#pending.flush();
    const askedAt = this.#clock.now();
    const position = await this.#tier.position();
    if (position === undefined) return;
    if (!isSame(position, this.#position)) {
      if (!(await this.#compareAll())) return;
      // Whatever came by message meanwhile is further on than what was asked for.
      if (!isUpTo(this.#position, position)) this.#position = position;
    }
    this.#comparedAt = Math.max(this.#comparedAt, askedAt);
    this.#tellCompared();
  }

  /** @returns whether all of it could be asked for */
  async #compareAll(): Promise<boolean> {
    const known = this.#table.wholeTicket().dependencies();
    for (let at = 0; at < known.length; at += COMPARED_AT_ONCE) {
      const asked = this.#table.ticket(known.slice(at, at + COMPARED_AT_ONCE));
      const generations = await this.#tier.generations(asked.dependencies());
      if (generations === undefined) return false;
      this.adopt(asked, generations);
    }
    return true;
  }

  #heard(generations: readonly Generation[], position: Position): void {
    this.#announce(this.#table.adoptMessage(generations), 'message');
    this.#onMoved(generations.map(({ dependency }) => dependency));
    const last = this.#position;
    if (last === undefined || isUpTo(last, position)) return;
    if (position.epoch === last.epoch && position.sequence === last.sequence + 1) {
      this.#position = position;
      return;
    }
    // One or more were missed. Until all is compared, nothing is vouched for.
    this.#position = undefined;
    this.#comparedAt = Number.NEGATIVE_INFINITY;
    this.#events.emit('messagesMissed', {});
    void this.check();
  }

  #stateChanged(state: RemoteState): void {
    if (state === 'away') {
      this.#events.emit('remoteLost', {});
      return;
    }
    this.#events.emit('remoteRegained', {});
    void this.check();
  }

  #announce(dependencies: readonly string[], by: 'message' | 'comparison'): void {
    if (dependencies.length > 0) this.#events.emit('invalidated', { dependencies, by });
  }

  #schedule(): () => void {
    return this.#clock.setTimer(() => {
      this.#cancelTimer = this.#schedule();
      void this.check();
    }, this.#heartbeatMs / 2);
  }
}

const isSame = (one: Position, other: Position | undefined): boolean =>
  one.epoch === other?.epoch && one.sequence === other.sequence;

const isUpTo = (one: Position | undefined, other: Position): boolean =>
  one !== undefined && one.epoch === other.epoch && one.sequence >= other.sequence;
