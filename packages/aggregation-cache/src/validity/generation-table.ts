import { type Clock, systemClock } from '@nestcms/circuit-breaker';
import type { Timestamp } from 'mongodb';
import type { Generation } from '../ports/remote-store.js';
import { type CausalToken, later } from './causal-token.js';
import { isCoarse, isOfDocument } from './dependencies.js';

/** What this process knows about one dependency. */
export interface Slot {
  readonly dependency: string;
  /** The table's count of movements when this one last moved: later than the stamp of whatever that made void. */
  moved: number;
  /** The generation last heard of; undefined as long as none was. */
  id: string | undefined;
  /** The newest time of all generations that were heard of. */
  after: CausalToken | undefined;
  /** Whether the last of them has a time of its own: one that was begun without may hide what no other one knew. */
  isTimed: boolean;
  /** Whether the remote store ever told its generation. Messages about one that is not known here are not heeded. */
  isHeardOf: boolean;
  /** A time that the replica set itself did not know; not taken over again with the same generation. */
  distrusted: Timestamp | undefined;
  /** So many sets of dependencies that entries in memory or loads have hold on to it. */
  holders: number;
}

/** What entries and loads depend on, shared by those that depend on the same, and on no document of its own. */
export interface DependencySet {
  readonly slots: readonly Slot[];
  /** So many entries and loads have it. */
  holders: number;
}

/** Milliseconds. A time further ahead than any clock is wrong is none that a write had. */
const FURTHEST_AHEAD_MS = 24 * 3600 * 1000;

/**
 * So many dependencies on which neither an entry nor a load depends are remembered, so that streams and readers
 * that only begin find theirs again. A ticket on one that was forgotten is void.
 */
const MOST_UNHELD = 4_096;

/** About what a slot and a set take on the heap beside their texts. */
const SLOT_BYTES = 160;
const SET_BYTES = 176;
const OWN_SET_BYTES = 96;
const PER_SLOT_BYTES = 8;

/** Whether nothing of it moved since `stamp`. */
export const isCurrentSince = ({ slots }: DependencySet, stamp: number): boolean => {
  for (let index = 0; index < slots.length; index += 1) {
    if ((slots[index] as Slot).moved > stamp) return false;
  }
  return true;
};

/** The state of some dependencies at one moment. What was loaded under it is good while it is current. */
export class Ticket {
  readonly slots: readonly Slot[];
  /** How many movements there had been. Never counted back, so that no old ticket becomes current again. */
  readonly stamp: number;

  constructor(slots: readonly Slot[], stamp: number) {
    this.slots = slots;
    this.stamp = stamp;
  }

  isCurrent(): boolean {
    for (let index = 0; index < this.slots.length; index += 1) {
      if (!this.stands(index)) return false;
    }
    return true;
  }

  /** Whether the dependency at `index` is as it was. */
  stands(index: number): boolean {
    const slot = this.slots[index];
    return slot !== undefined && slot.moved <= this.stamp;
  }

  /** Whether messages would have told of movements of each of them. */
  isHeardOf(): boolean {
    return this.slots.every((slot) => slot.isHeardOf);
  }

  /** Whether nothing that was invalidated hides behind a generation without a time. */
  isTimed(): boolean {
    return this.slots.every((slot) => slot.isTimed);
  }

  dependencies(): string[] {
    return this.slots.map((slot) => slot.dependency);
  }

  /** The newest write that any of the dependencies is known to have seen. */
  after(): CausalToken | undefined {
    return this.slots.reduce<CausalToken | undefined>(
      (latest, slot) => later(latest, slot.after),
      undefined,
    );
  }
}

/**
 * The generations of all that this process reads. Nothing here trusts the order in which two connections
 * deliver: an answer is taken over only if nothing moved while it was under way.
 *
 * Collections are remembered for ever. Of documents, tags, classes and tenants there may be any number: those
 * that nothing in memory depends on are forgotten in the end. The newest of the times they were invalidated at
 * is not: whatever is known anew is read as of it, for it may be one of them.
 */
export class GenerationTable {
  readonly #slots = new Map<string, Slot>();
  readonly #sets = new Map<string, DependencySet>();
  /** Those that can be forgotten, the one asked for last at the end. */
  readonly #unheld = new Set<Slot>();
  readonly #clock: Pick<Clock, 'wallTime'>;
  #movements = 0;
  #forgotten: CausalToken | undefined;
  /** The latest movement of what was forgotten. */
  #forgottenMoved = 0;
  #bytes = 0;

  constructor(clock: Pick<Clock, 'wallTime'> = systemClock) {
    this.#clock = clock;
  }

  /** About how many bytes it takes to know what entries depend on. */
  get bytes(): number {
    return this.#bytes;
  }

  ticket(dependencies: readonly string[]): Ticket {
    const slots = dependencies.map((dependency) => this.#slot(dependency));
    return new Ticket(slots, this.#movements);
  }

  /** A ticket over everything known, to ask after all of it. */
  wholeTicket(): Ticket {
    return new Ticket([...this.#slots.values()], this.#movements);
  }

  /** Remembers what an entry, or a load under way, depends on, until it is released. */
  hold({ slots }: Ticket): DependencySet {
    const name = sharedNameOf(slots);
    let set = name === undefined ? undefined : this.#sets.get(name);
    if (set === undefined) {
      set = { slots, holders: 0 };
      if (name !== undefined) this.#sets.set(name, set);
      this.#bytes += bytesOf(name, slots);
      for (const slot of slots) this.#holdSlot(slot);
    }
    set.holders += 1;
    return set;
  }

  release(set: DependencySet): void {
    set.holders -= 1;
    if (set.holders > 0) return;
    const name = sharedNameOf(set.slots);
    if (name !== undefined) this.#sets.delete(name);
    this.#bytes -= bytesOf(name, set.slots);
    for (const slot of set.slots) this.#releaseSlot(slot);
    this.#forget();
  }

  /**
   * An invalidation by this process: everything loaded before is void from here on.
   * @returns the state after it
   */
  move(dependencies: readonly string[], after: CausalToken | undefined): Ticket {
    for (const dependency of dependencies) {
      const slot = this.#slot(dependency);
      this.#voidAllSo(slot);
      // Which generation this becomes, the remote store will say.
      slot.id = undefined;
      slot.after = later(slot.after, after);
      slot.isTimed = after !== undefined;
    }
    return this.ticket(dependencies);
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
    return this.#adopt(generations.filter(({ dependency }) => this.#slots.has(dependency)));
  }

  /**
   * Replaces a time that the primary did not know. No write had it; kept, it would make every read go to the
   * primary and none be kept.
   * @param ticket taken before it was asked how far the database is
   * @param reached how far the database is since: past every real write whose time the wrong one has hidden;
   * undefined if it keeps no times
   */
  distrust(
    { slots, stamp }: Ticket,
    { operationTime }: CausalToken,
    reached: CausalToken | undefined,
  ): void {
    if (this.#forgotten?.operationTime.equals(operationTime) && this.#forgottenMoved <= stamp) {
      this.#forgotten = reached;
    }
    for (const slot of slots) {
      // One that moved since may hide the time of a write that was not there yet when that was asked.
      if (slot.moved > stamp) continue;
      if (!slot.after?.operationTime.equals(operationTime)) continue;
      slot.after = reached;
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
    for (const { dependency, id, after } of generations) {
      const slot = this.#slot(dependency);
      slot.isHeardOf = true;
      slot.isTimed = after !== undefined;
      // The store keeps the latest time: under the wrong one a new generation hides that of a real write.
      if (slot.id !== id) slot.distrusted = undefined;
      if (this.#isUsable(slot, after)) slot.after = later(slot.after, after);
      if (slot.id === id) continue;
      if (slot.id !== undefined) moved.push(dependency);
      // Also at the first id heard of: what was loaded without one may be older than that generation.
      this.#voidAllSo(slot);
      slot.id = id;
    }
    return moved;
  }

  #holdSlot(slot: Slot): void {
    slot.holders += 1;
    if (slot.holders > 1 || isCoarse(slot.dependency)) return;
    this.#bytes += SLOT_BYTES + slot.dependency.length;
    this.#unheld.delete(slot);
  }

  #releaseSlot(slot: Slot): void {
    slot.holders -= 1;
    if (slot.holders > 0 || isCoarse(slot.dependency)) return;
    this.#bytes -= SLOT_BYTES + slot.dependency.length;
    this.#unheld.add(slot);
  }

  /** Voids what depends on it so far. */
  #voidAllSo(slot: Slot): void {
    this.#movements += 1;
    slot.moved = this.#movements;
  }

  #slot(dependency: string): Slot {
    const known = this.#slots.get(dependency);
    if (known !== undefined) {
      // Who was asked for last matters only once some are about to be forgotten.
      const isFilling = this.#unheld.size > MOST_UNHELD / 2;
      if (isFilling && this.#unheld.delete(known)) this.#unheld.add(known);
      return known;
    }
    const fine = !isCoarse(dependency);
    const slot: Slot = {
      dependency,
      moved: 0,
      id: undefined,
      after: fine ? this.#forgotten : undefined,
      isTimed: false,
      isHeardOf: false,
      distrusted: undefined,
      holders: 0,
    };
    this.#slots.set(dependency, slot);
    if (fine) {
      // It may have been known before, and moved after that.
      this.#voidAllSo(slot);
      this.#unheld.add(slot);
      this.#forget();
    }
    return slot;
  }

  #forget(): void {
    for (const slot of this.#unheld) {
      if (this.#unheld.size <= MOST_UNHELD) return;
      this.#unheld.delete(slot);
      if (Number.isFinite(slot.moved)) {
        this.#forgottenMoved = Math.max(this.#forgottenMoved, slot.moved);
      }
      // Nothing tells it of movements any more.
      slot.moved = Number.POSITIVE_INFINITY;
      if (this.#slots.get(slot.dependency) === slot) this.#slots.delete(slot.dependency);
      this.#forgotten = later(this.#forgotten, slot.after);
    }
  }
}

/** By which others that depend on the very same find the set. What depends on a document is mostly alone with it. */
const sharedNameOf = (slots: readonly Slot[]): string | undefined =>
  slots.some(({ dependency }) => isOfDocument(dependency))
    ? undefined
    : slots.map(({ dependency }) => dependency).join('\n');

const bytesOf = (sharedName: string | undefined, slots: readonly Slot[]): number =>
  PER_SLOT_BYTES * slots.length +
  (sharedName === undefined ? OWN_SET_BYTES : SET_BYTES + sharedName.length);
