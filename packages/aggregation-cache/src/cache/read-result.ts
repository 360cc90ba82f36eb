import type { Timestamp } from 'mongodb';
import type { ReadMode } from '../classes/pipeline-class.js';
import type { ServedBy } from '../ports/source.js';
import type { ReadSource } from './events.js';
import type { Loaded } from './loaded.js';
import type { PreparedRead } from './prepare-read.js';

/** Everything an answer can say about itself. Holds neither parameters nor rows. */
export interface ReadExplanation {
  readonly pipelineClass: string;
  readonly key: string;
  readonly mode: ReadMode;
  readonly source: ReadSource;
  readonly cache: 'HIT' | 'MISS';
  readonly member: ServedBy | undefined;
  readonly ageMs: number;
  readonly tookMs: number;
  /** Past its time to live, and answered because the class allows it. */
  readonly stale: boolean;
  /** Shared a load that was under way. */
  readonly joined: boolean;
  /** What the load took, whenever it was. */
  readonly costMs: number;
  /** The rows are known to be no older than this point. */
  readonly asOf: Timestamp | undefined;
  /** What makes the rows void when it is invalidated. */
  readonly dependencies: readonly string[];
  /** Why it can be kept by no tier, if so. */
  readonly uncacheable: string | undefined;
}

/** The rows, and where they came from. */
export class ReadResult<Row> {
  /** Frozen, shared with other callers, never to be changed. From the remote store: decoded when they are first touched. */
  declare readonly rows: readonly Row[];
  readonly source: ReadSource;
  readonly cache: 'HIT' | 'MISS';
  /** The member that the rows come from, also when they were kept since. */
  readonly member: ServedBy | undefined;
  /** Milliseconds since the member was asked for these rows. */
  readonly ageMs: number;
  /** Milliseconds this read took. */
  readonly tookMs: number;
  readonly #read: PreparedRead<unknown>;
  readonly #loaded: Loaded;
  readonly #joined: boolean;
  /**
   * A property of its own all the same, so that copies and JSON of the answer have the rows. One for all: with a
   * getter each, V8 would make each answer an object of its own kind.
   */
  static readonly #lazyRows = {
    enumerable: true,
    get(this: ReadResult<unknown>) {
      return this.#loaded.rows;
    },
  };

  constructor(
    read: PreparedRead<unknown>,
    loaded: Loaded,
    { joined, ageMs, tookMs }: { joined: boolean; ageMs: number; tookMs: number },
  ) {
    if (loaded.source === 'remote') Object.defineProperty(this, 'rows', ReadResult.#lazyRows);
    else this.rows = loaded.rows as readonly Row[];
    this.source = loaded.source;
    this.cache = loaded.source === 'member' ? 'MISS' : 'HIT';
    this.member = loaded.member;
    this.ageMs = ageMs;
    this.tookMs = tookMs;
    this.#read = read;
    this.#loaded = loaded;
    this.#joined = joined;
  }

  /** Where it came from, how old it is, which member read it, what it cost. */
  explain(): ReadExplanation {
    const { pipelineClass, key, dependencies, uncacheable } = this.#read;
    const { stale, costMs, asOf } = this.#loaded;
    const { source, cache, member, ageMs, tookMs } = this;
    return {
      pipelineClass: pipelineClass.name,
      key,
      mode: pipelineClass.mode,
      source,
      cache,
      member,
      ageMs,
      tookMs,
      stale,
      joined: this.#joined,
      costMs,
      asOf,
      dependencies,
      uncacheable,
    };
  }
}
