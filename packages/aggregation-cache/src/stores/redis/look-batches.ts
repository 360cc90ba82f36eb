import type { Generation, Position, RemoteLook } from '../../ports/remote-store.js';
import { EVERYTHING } from '../../validity/dependencies.js';
import { decodeGeneration } from './generation-codec.js';
import type { RedisConnection } from './redis-connection.js';
import type { RedisKeys } from './redis-keys.js';
import { LOOK } from './scripts.js';

/** So many values, and generations, are asked for by one command: it holds up all others. */
const MOST_VALUES = 32;
export const MOST_DEPENDENCIES = 1_000;

interface Waiting {
  readonly key: string;
  readonly dependencies: readonly string[];
  readonly resolve: (look: RemoteLook) => void;
  readonly reject: (error: Error) => void;
}

/** What is asked for within one turn of the event loop goes to Redis as one command. */
export class LookBatches {
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;
  #waiting: Waiting[] = [];

  constructor(connection: RedisConnection, keys: RedisKeys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  look(key: string, dependencies: readonly string[]): Promise<RemoteLook> {
    return new Promise((resolve, reject) => {
      // oxlint-disable-next-line no-restricted-globals -- the end of this turn, not a time
      if (this.#waiting.length === 0) setImmediate(this.#send);
      this.#waiting.push({ key, dependencies, resolve, reject });
    });
  }

  async generations(dependencies: readonly string[]): Promise<readonly Generation[]> {
    const all: Generation[] = [];
    for (let at = 0; at < dependencies.length; at += MOST_DEPENDENCIES) {
      const some = dependencies.slice(at, at + MOST_DEPENDENCIES);
      const { generations } = await this.#ask('generations', new Set(some), []);
      all.push(...pick(generations, some));
    }
    return all;
  }

  readonly #send = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    let batch: Waiting[] = [];
    let dependencies = new Set<string>();
    const flush = () => {
      void this.#sendBatch(batch, dependencies);
      batch = [];
      dependencies = new Set();
    };
    for (const one of waiting) {
      const isFull = dependencies.size + one.dependencies.length > MOST_DEPENDENCIES;
      if (batch.length === MOST_VALUES || (isFull && batch.length > 0)) flush();
      const last = batch.at(-1)?.dependencies;
      if (last === undefined || !areSame(last, one.dependencies)) {
        for (const dependency of one.dependencies) dependencies.add(dependency);
      }
      batch.push(one);
    }
    flush();
  };

  async #sendBatch(batch: readonly Waiting[], dependencies: ReadonlySet<string>): Promise<void> {
    try {
      const keys = batch.map(({ key }) => this.#keys.value(key));
      const { values, now, generations } = await this.#ask('look', dependencies, keys);
      let last: readonly string[] = [];
      let picked: readonly Generation[] = [];
      for (let index = 0; index < batch.length; index += 1) {
        const one = batch[index] as Waiting;
        // Most questions depend on what the one before does, and are given the same list.
        if (!areSame(last, one.dependencies)) {
          last = one.dependencies;
          picked = pick(generations, last);
        }
        one.resolve({ value: readValue(values[index], now), generations: picked });
      }
    } catch (error) {
      for (const { reject } of batch) reject(error as Error);
    }
  }

  /**
   * Values are read before the generations: one whose ids are those that stand now was stored under them, whatever
   * happened in between.
   */
  async #ask(
    operation: string,
    dependencies: ReadonlySet<string>,
    keys: readonly string[],
  ): Promise<{
    readonly values: readonly unknown[];
    readonly now: number;
    readonly generations: ReadonlyMap<string, Generation>;
  }> {
    const named = [...dependencies].filter((dependency) => dependency !== EVERYTHING);
    const of = named.map((dependency) => this.#keys.generation(dependency));
    const args = [this.#connection.random()];
    const [values, answer] =
      keys.length === 0
        ? [[], await this.#connection.run(operation, LOOK, of, args)]
        : await this.#connection.readAndRun(operation, keys, LOOK, of, args);
    const [epoch, now, ...rest] = answer as readonly unknown[];
    const generations = new Map([[EVERYTHING, readGeneration(EVERYTHING, epoch)]]);
    for (const [index, dependency] of named.entries()) {
      generations.set(dependency, readGeneration(dependency, rest[index]));
    }
    return { values: values as readonly unknown[], now: Number(now), generations };
  }
}

/** @param head epoch and sequence, as the scripts answer them */
export const readPosition = ([epoch, sequence]: readonly unknown[]): Position => ({
  epoch: readGeneration(EVERYTHING, epoch).id,
  sequence: Number(String(sequence)),
});

export const readGeneration = (dependency: string, bytes: unknown): Generation =>
  decodeGeneration(dependency, bytes instanceof Uint8Array ? bytes : new Uint8Array());

const areSame = (some: readonly string[], others: readonly string[]): boolean => {
  if (some === others) return true;
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index += 1) {
    if (some[index] !== others[index]) return false;
  }
  return true;
};

const pick = (
  generations: ReadonlyMap<string, Generation>,
  dependencies: readonly string[],
): readonly Generation[] =>
  dependencies.map((dependency) => generations.get(dependency) as Generation);

/** Digits of the time at which a value ends, which lies before it. */
const END_DIGITS = 16;

const readValue = (bytes: unknown, now: number): RemoteLook['value'] =>
  bytes instanceof Uint8Array
    ? { bytes: bytes.subarray(END_DIGITS), remainingMs: Math.max(0, endOf(bytes) - now) }
    : undefined;

/** Zero, as old as can be, where somebody else has written something else. */
const endOf = (bytes: Uint8Array): number => {
  let end = 0;
  for (let at = 0; at < END_DIGITS; at += 1) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return 0;
    end = 10 * end + digit;
  }
  return end;
};

const ZERO = '0'.charCodeAt(0);
