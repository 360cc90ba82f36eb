import type { Clock } from '@nestcms/circuit-breaker';
import { withTimeout } from '@nestcms/circuit-breaker';
import { hashKey } from '../keys/cache-key.js';
import { LITERAL } from '../keys/place.js';
import { QuestionWriter } from '../keys/question-writer.js';
import { analysePipeline } from './analyse-pipeline.js';
import type { Catalogue, CatalogueEntry } from './catalogue.js';

/** What a question reads, down to the collections behind views. */
export interface ResolvedReads {
  /** `database.collection` of all, views among them, in one order. */
  readonly collections: readonly string[];
  /** Whether a change of one document of its own collection is told apart from others. */
  readonly knowsDocuments: boolean;
  /** Of `collections`, those that the change stream of its own database never names. */
  readonly unwatched: readonly string[];
  /** Stands for the definitions of the views: another definition is another question. Empty without views. */
  readonly definitions: string;
  readonly uncacheable: string | undefined;
}

export interface ViewResolverOptions {
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  /** Milliseconds after which a collection is looked up again, behind the reads; default 60,000. */
  readonly ttlMs?: number | undefined;
}

/** Milliseconds: a minute bounds what a change of the catalogue that nobody told of can do. */
const DEFAULT_TTL_MS = 60_000;
/** Milliseconds a read waits for the catalogue, and for which one that failed is not asked again. */
const PATIENCE_MS = 1_000;
/** A program that names more collections than this makes them up. */
const MOST = 10_000;

interface Known {
  readonly entry: CatalogueEntry | undefined;
  /** What a view reads, and what of it cannot be kept. */
  readonly reads: readonly string[];
  readonly uncacheable: string | undefined;
  readonly definition: string;
  readonly until: number;
}

/**
 * Knows which collections are views, and what is behind them. Asks the database once per collection, and again
 * behind the reads when that was long ago; a change stream that hears of the catalogue says `forget`.
 */
export class ViewResolver {
  readonly #catalogue: Catalogue;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #known = new Map<string, Known>();
  readonly #loads = new Map<string, Promise<void>>();
  #revision = 0;

  constructor({ catalogue, clock, ttlMs = DEFAULT_TTL_MS }: ViewResolverOptions) {
    this.#catalogue = catalogue;
    this.#clock = clock;
    this.#ttlMs = ttlMs;
  }

  /** Another number: what was resolved before may not be so any more. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * At once if all of it is known.
   * @param own the collection that is asked
   * @param reads others that are read
   */
  resolve(own: string, reads: Iterable<string>): ResolvedReads | Promise<ResolvedReads> {
    const reached = this.#reach([own, ...reads]);
    if (reached.missing.length === 0) return this.#sumUp(own, reached.found);
    return this.#resolveSlowly(own, reads, reached.missing);
  }

  /** What is known of a collection, or of all, may be wrong from now on. */
  forget(namespace?: string): void {
    this.#revision += 1;
    const maps = [this.#known, this.#loads];
    for (const map of maps) {
      if (namespace === undefined) map.clear();
      else map.delete(namespace);
    }
  }

  async #resolveSlowly(
    own: string,
    reads: Iterable<string>,
    first: readonly string[],
  ): Promise<ResolvedReads> {
    for (let missing = first; ; ) {
      await Promise.all(missing.map((namespace) => this.#load(namespace)));
      const reached = this.#reach([own, ...reads]);
      if (reached.missing.length === 0) return this.#sumUp(own, reached.found);
      missing = reached.missing;
    }
  }

  /** Everything that can be reached through views, and what would have to be asked to know more. */
  #reach(roots: readonly string[]): {
    readonly found: ReadonlyMap<string, Known>;
    readonly missing: readonly string[];
  } {
    const now = this.#clock.now();
    const found = new Map<string, Known>();
    const missing: string[] = [];
    const seen = new Set(roots);
    for (const namespace of seen) {
      const known = this.#known.get(namespace);
      if (known === undefined || (known.until <= now && known.definition === UNREADABLE)) {
        missing.push(namespace);
        continue;
      }
      if (known.until <= now) void this.#load(namespace);
      found.set(namespace, known);
      for (const read of known.reads) seen.add(read);
    }
    return { found, missing };
  }

  #sumUp(own: string, found: ReadonlyMap<string, Known>): ResolvedReads {
    const collections = [...found.keys()].sort();
    const views = collections.filter((name) => found.get(name)?.definition !== '');
    const self = found.get(own)?.entry;
    return {
      collections,
      knowsDocuments:
        self === undefined || (self.kind === 'collection' && !self.isCapped && !self.hasCollation),
      unwatched: collections.filter(
        (name) => isElsewhere(own, name) || found.get(name)?.entry?.kind === 'timeseries',
      ),
      definitions: views.map((name) => `${name}=${found.get(name)?.definition};`).join(''),
      uncacheable: collections
        .map((name) => found.get(name)?.uncacheable)
        .find((reason) => reason !== undefined),
    };
  }

  /** Never rejects: what cannot be read makes a question uncacheable for a moment. */
  #load(namespace: string): Promise<void> {
    const under = this.#loads.get(namespace);
    if (under !== undefined) return under;
    const load = this.#ask(namespace).then((known) => {
      // Forgotten meanwhile: the answer may be from before.
      if (this.#loads.get(namespace) !== load) return;
      this.#loads.delete(namespace);
      const before = this.#known.get(namespace);
      const isFailed = known.definition === UNREADABLE;
      if (this.#known.size >= MOST) this.#known.clear();
      // What was known before is better than nothing.
      const kept = isFailed && before !== undefined ? { ...before, until: known.until } : known;
      this.#known.set(namespace, kept);
      if (before?.definition !== kept.definition) this.#revision += 1;
    });
    this.#loads.set(namespace, load);
    return load;
  }

  async #ask(namespace: string): Promise<Known> {
    const dot = namespace.indexOf('.');
    const database = namespace.slice(0, dot);
    const collection = namespace.slice(dot + 1);
    const clock = this.#clock;
    try {
      const entry = await withTimeout(() => this.#catalogue(database, collection), {
        timeoutMs: PATIENCE_MS,
        clock,
      });
      return { ...understand(namespace, database, entry), until: clock.now() + this.#ttlMs };
    } catch {
      return {
        entry: undefined,
        reads: [],
        uncacheable: `whether ${namespace} is a view could not be read`,
        definition: UNREADABLE,
        until: clock.now() + PATIENCE_MS,
      };
    }
  }
}

/** Whether a collection is of another database. */
export const isElsewhere = (own: string, collection: string): boolean =>
  !collection.startsWith(own.slice(0, own.indexOf('.') + 1));

const UNREADABLE = '?';

const understand = (
  namespace: string,
  database: string,
  entry: CatalogueEntry | undefined,
): Omit<Known, 'until'> => {
  const plain = { entry, reads: [], uncacheable: undefined, definition: '' };
  switch (entry?.kind) {
    case 'view': {
      const { on, pipeline } = entry;
      const { reads, uncacheable } = analysePipeline(pipeline, database);
      return {
        entry,
        reads: [`${database}.${on}`, ...reads],
        uncacheable,
        definition: hashOf([on, pipeline]),
      };
    }
    case 'timeseries':
      // What is stored, and what an invalidation may therefore name.
      return {
        ...plain,
        reads: [`${database}.${bucketsOf(namespace, database)}`],
        definition: 't',
      };
    case 'hidden':
      return {
        ...plain,
        uncacheable: `the definition of the view ${namespace} may not be read`,
        definition: 'h',
      };
    default:
      return plain;
  }
};

const bucketsOf = (namespace: string, database: string): string =>
  `system.buckets.${namespace.slice(database.length + 1)}`;

const hashOf = (definition: unknown): string => {
  const writer = new QuestionWriter({ undefinedAs: 'null' });
  writer.add('view', definition, LITERAL);
  return hashKey(writer.text);
};
