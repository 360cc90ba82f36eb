import { Timestamp } from 'mongodb';
import type { ServedBy } from '../ports/source.js';
import { grown } from './eviction/slot-lists.js';
import type { EntryFacts } from './memory-entry.js';

/** Loaded, fresh until, expires, verified, cost, stamp. */
const NUMBERS = 6;
const VERIFIED = 3;
const STAMP = 5;
const WORDS = 2;

/** What there is to know of the entries, in columns of numbers: 58 bytes for each. */
export class EntryColumns {
  #numbers = new Float64Array(0);
  #asOf = new Int32Array(0);
  #member = new Uint16Array(0);
  /** There are few, and each answer names one. The first stands for none. */
  readonly #members: (ServedBy | undefined)[] = [undefined];

  grow(capacity: number): void {
    this.#numbers = grown(this.#numbers, NUMBERS * capacity);
    this.#asOf = grown(this.#asOf, WORDS * capacity);
    this.#member = grown(this.#member, capacity);
  }

  write(slot: number, facts: EntryFacts, stamp: number): void {
    const { loadedAt, freshUntil, expiresAt, verifiedAt, costMs, asOf } = facts;
    const numbers = [loadedAt, freshUntil, expiresAt, verifiedAt, costMs, stamp];
    this.#numbers.set(numbers, NUMBERS * slot);
    this.#asOf[WORDS * slot] = asOf?.low ?? 0;
    this.#asOf[WORDS * slot + 1] = asOf?.high ?? 0;
    this.#member[slot] = this.#numberOf(facts.member);
  }

  read(slot: number): EntryFacts {
    const at = NUMBERS * slot;
    const [loadedAt, freshUntil, expiresAt, verifiedAt, costMs] = this.#numbers.subarray(
      at,
      at + STAMP,
    ) as unknown as [number, number, number, number, number];
    const low = this.#asOf[WORDS * slot] as number;
    const high = this.#asOf[WORDS * slot + 1] as number;
    // No write has the time zero.
    const asOf = low === 0 && high === 0 ? undefined : Timestamp.fromBits(low, high);
    const member = this.#members[this.#member[slot] as number];
    return { loadedAt, freshUntil, expiresAt, verifiedAt, costMs, asOf, member };
  }

  stampOf(slot: number): number {
    return this.#numbers[NUMBERS * slot + STAMP] as number;
  }

  /** Whether it is what was loaded then, under that stamp. */
  holds(slot: number, loadedAt: number, stamp: number): boolean {
    return this.#numbers[NUMBERS * slot] === loadedAt && this.stampOf(slot) === stamp;
  }

  verified(slot: number, at: number): void {
    this.#numbers[NUMBERS * slot + VERIFIED] = at;
  }

  #numberOf(member: ServedBy | undefined): number {
    const known = this.#members.findIndex((one) => isSame(one, member));
    if (known !== -1) return known;
    // More than any set has, under ever new names: then the entry says nothing of its member.
    if (this.#members.length === 2 ** 16) return 0;
    return this.#members.push(member) - 1;
  }
}

const isSame = (one: ServedBy | undefined, other: ServedBy | undefined): boolean => {
  if (one === other) return true;
  if (one?.address !== other?.address || one === undefined || other === undefined) return false;
  const tags = Object.entries(one.tags);
  return (
    tags.length === Object.keys(other.tags).length &&
    tags.every(([name, value]) => other.tags[name] === value)
  );
};
