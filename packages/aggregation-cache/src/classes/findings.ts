import type { Document } from 'mongodb';
import { AggregationCacheError } from '../errors.js';
import type { Noted } from '../keys/question-writer.js';

const VARIABLE = /^\$\$(NOW|CLUSTER_TIME|USER_ROLES)(\.|$)/;

interface Source {
  readonly collection: string;
  database: string | undefined;
}

/** What comes to light while a question is written: what it reads, and what of it answers differently each time. */
export class Findings {
  uncacheable: string | undefined;
  /** Whether `$$NOW` was put into words. */
  usedNow = false;
  /** The value that the `_id` of every document read of its own collection must be or meet, as it was written. */
  id: { readonly value: unknown } | undefined;
  readonly #database: string;
  readonly #now: Date | undefined;
  readonly #sources: Source[] = [];

  /** @param now what `$$NOW` stands for, if it is frozen */
  constructor(database: string, now?: Date) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * `database.collection` of everything it reads, beside its own collection. Where another database is named, the
   * names below it may be of that one or of ours: both count, for one too many costs a needless miss only.
   */
  reads(): ReadonlySet<string> {
    const reads = new Set<string>();
    const others = this.#sources.flatMap(({ database }) => database ?? []);
    for (const { collection, database } of this.#sources) {
      for (const one of database === undefined ? [this.#database, ...others] : [database]) {
        reads.add(`${one}.${collection}`);
      }
    }
    return reads;
  }

  /** @throws WRITE_STAGE */
  readonly onNote = (noted: Noted): void => {
    const { note, field, value } = noted;
    switch (note) {
      case 'write':
        throw new AggregationCacheError(
          'WRITE_STAGE',
          `A class only reads; this one has ${field}.`,
          {
            stage: field,
          },
        );
      case 'uncacheable':
        this.uncacheable ??= field;
        break;
      case 'unknown':
        this.uncacheable ??= `unknown stage ${field}`;
        break;
      case 'collection':
        if (typeof value === 'string')
          this.#sources.push({ collection: value, database: undefined });
        break;
      case 'database': {
        const source = this.#sources.at(-1);
        if (typeof value === 'string' && source !== undefined) source.database = value;
        break;
      }
      case 'id':
        if (isOfFirstFilter(noted)) this.id = { value: noted.read() };
        break;
      default:
    }
  };

  readonly onVariable = (text: string): Document | undefined => {
    if (!VARIABLE.test(text)) return undefined;
    if (text === '$$NOW' && this.#now !== undefined) {
      this.usedNow = true;
      return { $literal: this.#now };
    }
    this.uncacheable ??= text;
    return undefined;
  };
}

/** `pipeline.0.$match._id`, or `filter._id`. */
const isOfFirstFilter = ({ path, depth }: Noted): boolean =>
  depth === 1 ? path[0] === 'filter' : depth === 3 && path[0] === 'pipeline' && path[1] === 0;
