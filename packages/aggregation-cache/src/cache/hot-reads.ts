import type { Random } from '@nestcms/circuit-breaker';
import { BSON } from 'mongodb';

/** A read that is asked often: what a process that starts may ask before its first reader comes. */
export interface HotRead {
  /** Name of the class. */
  readonly pipelineClass: string;
  /** The parameters as canonical Extended JSON; absent for a class without. May hold what your parameters hold. */
  readonly params?: string | undefined;
  readonly tenant?: string | undefined;
  /** About how often it was asked. */
  readonly reads: number;
}

interface Counted extends Omit<HotRead, 'reads'> {
  reads: number;
}

/** Of so many, drawn at random, the one that is asked least makes room. */
const DRAWN = 8;

/**
 * Counts which reads are asked most, with room for a fixed number: one that comes new takes the place, and the
 * count, of one that is seldom asked (Metwally et al., Space-Saving, 2005, with the least of a sample).
 */
export class HotReads {
  readonly #room: number;
  readonly #random: Random;
  readonly #counted = new Map<string, Counted>();
  readonly #keys: string[] = [];

  constructor(room: number, random: Random) {
    this.#room = room;
    this.#random = random;
  }

  note(key: string, pipelineClass: string, params: unknown, tenant: string | undefined): void {
    const known = this.#counted.get(key);
    if (known !== undefined) known.reads += 1;
    else this.#add(key, pipelineClass, params, tenant);
  }

  /** The most asked first. */
  top(count: number): readonly HotRead[] {
    return [...this.#counted.values()]
      .sort((one, other) => other.reads - one.reads)
      .slice(0, count)
      .map((one) => ({ ...one }));
  }

  #add(key: string, pipelineClass: string, params: unknown, tenant: string | undefined): void {
    const text = paramsText(params);
    // What cannot be written down cannot be asked by another process.
    if (text === null) return;
    let reads = 1;
    let place = this.#keys.length;
    if (place >= this.#room) {
      place = this.#leastOfSome();
      const least = this.#keys[place] ?? '';
      reads += this.#counted.get(least)?.reads ?? 0;
      this.#counted.delete(least);
    }
    this.#keys[place] = key;
    this.#counted.set(key, { pipelineClass, params: text, tenant, reads });
  }

  #leastOfSome(): number {
    let least = 0;
    let fewest = Number.POSITIVE_INFINITY;
    for (let draw = 0; draw < DRAWN; draw += 1) {
      const place = Math.floor(this.#random() * this.#keys.length);
      const reads = this.#counted.get(this.#keys[place] ?? '')?.reads ?? 0;
      if (reads >= fewest) continue;
      fewest = reads;
      least = place;
    }
    return least;
  }
}

/** @returns null for what Extended JSON cannot hold */
const paramsText = (params: unknown): string | undefined | null => {
  if (params === undefined) return undefined;
  try {
    return BSON.EJSON.stringify(params, { relaxed: false });
  } catch {
    return null;
  }
};

/** @throws what a text that is no Extended JSON makes the parser throw */
export const paramsOf = ({ params }: HotRead): unknown =>
  params === undefined ? undefined : BSON.EJSON.parse(params, { relaxed: false });
