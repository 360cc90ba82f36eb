import { type Clock, systemClock } from '@nestcms/circuit-breaker';
import type { Timestamp } from 'mongodb';
import type { Generation } from '../ports/remote-store.js';
import { type CausalToken, later } from './causal-token.js';

/** What this process knows about one collection. */
export interface Slot {
  readonly namespace: string;
  /** Grows at every change and never goes back, so that an entry compares a number instead of ids. */
  serial: number;
  /** The generation last heard of; undefined as long as none was. */
  id: string | undefined;
  after: CausalToken | undefined;
  /** A time that the replica set itself did not know; not taken over again. */
  distrusted: Timestamp | undefined;
}

/** Milliseconds. A time further ahead than any clock is wrong is none that a write had. */
const FURTHEST_AHEAD_MS = 24 * 3600 * 1000;

/** The state of some collections at one moment. What was loaded under it is good while it is current. */
export class Ticket {
  readonly slots: readonly Slot[];
  readonly #serials: readonly number[];

  constructor(slots: readonly Slot[]) {
    this.slots = slots;
    this.#serials = slots.map((slot) => slot.serial);
  }

  isCurrent(): boolean {
    for (let index = 0; index < this.slots.length; index += 1) {
      if (!this.stands(index)) return false;
    }
    return true;
  }

  /** Whether the collection at `index` is as it was. */
  stands(index: number): boolean {
    return this.slots[index]?.serial === this.#serials[index];
  }

  namespaces(): string[] {
    return this.slots.map((slot) => slot.namespace);
  }

  /** The newest write that any of the collections is known to have seen. */
  after(): CausalToken | undefined {
    return this.slots.reduce<CausalToken | undefined>(
      (latest, slot) => later(latest, slot.after),
      undefined,
    );
  }
}

/**
 * The generations of all collections that this process reads. Nothing here trusts the order in which
 * two connections deliver: an answer is taken over only if nothing moved while it was under way.
 */
export class GenerationTable {
  readonly #slots = new Map<string, Slot>();
  readonly #clock: Pick<Clock, 'wallTime'>;

  constructor(clock: Pick<Clock, 'wallTime'> = systemClock) {
    this.#clock = clock;
  }

  ticket(namespaces: readonly string[]): Ticket {
    return new Ticket(namespaces.map((namespace) => this.#slot(namespace)));
  }

  /** A ticket over everything known, to ask after all of it. */
  wholeTicket(): Ticket {
    return new Ticket([...this.#slots.values()]);
  }

  /**
   * An invalidation by this process: everything loaded before is void from here on.
   * @returns the state after it
   */
  move(namespaces: readonly string[], after: CausalToken | undefined): Ticket {
    for (const namespace of namespaces) {
      const slot = this.#slot(namespace);
      slot.serial += 1;
      // Which generation this becomes, the remote store will say.
      slot.id = undefined;
      slot.after = later(slot.after, after);
    }
    return this.ticket(namespaces);
  }

  /**
   * Takes over what the remote store answered to a question about `asked`, but for collections that
   * moved meanwhile: there the answer may be the older of the two.
   * @returns the collections whose generation was known to be another one
   */
  adoptAnswer(asked: Ticket, generations: readonly Generation[]): string[] {
    return this.#adopt(generations.filter((_, index) => asked.stands(index)));
  }

  /** Takes over what another process announced, for collections that are read here. */
  adoptMessage(generations: readonly Generation[]): string[] {
    return this.#adopt(generations.filter(({ namespace }) => this.#slots.has(namespace)));
  }

  /**
   * Forgets a time that the primary did not know. No write had it, so nothing is lost; kept, it would make
   * every read go to the primary and none be kept.
   */
  distrust({ slots }: Ticket, { operationTime }: CausalToken): void {
    for (const slot of slots) {
      if (!slot.after?.operationTime.equals(operationTime)) continue;
      slot.after = undefined;
      slot.distrusted = operationTime;
    }
  }

  #isUsable({ distrusted }: Slot, after: CausalToken | undefined): boolean {
    if (after === undefined || distrusted?.equals(after.operationTime)) return false;
    const ms = after.operationTime.getHighBitsUnsigned() * 1000;
    return ms <= this.#clock.wallTime() + FURTHEST_AHEAD_MS;
  }

  #adopt(generations: readonly Generation[]): string[] {
    const moved: string[] = [];
    for (const { namespace, id, after } of generations) {
      const slot = this.#slot(namespace);
      if (this.#isUsable(slot, after)) slot.after = later(slot.after, after);
      if (slot.id === id) continue;
      if (slot.id !== undefined) moved.push(namespace);
      // Also at the first id heard of: what was loaded without one may be older than that generation.
      slot.serial += 1;
      slot.id = id;
    }
    return moved;
  }

  #slot(namespace: string): Slot {
    let slot = this.#slots.get(namespace);
    if (slot === undefined) {
      slot = {
        namespace,
        serial: 0,
        id: undefined,
        after: undefined,
        distrusted: undefined,
      };
      this.#slots.set(namespace, slot);
    }
    return slot;
  }
}
