import type { ViewResolver } from '../classes/view-resolver.js';
import type { CausalToken } from '../validity/causal-token.js';
import { catalogueChangedIn, EVERYTHING } from '../validity/dependencies.js';
import type { GenerationTable } from '../validity/generation-table.js';
import type { PendingInvalidations } from '../validity/pending-invalidations.js';
import type { EventSink } from './events.js';

export interface InvalidatorParts {
  readonly table: GenerationTable;
  /** Absent: there is nobody else to be told. */
  readonly pending: PendingInvalidations | undefined;
  readonly views: ViewResolver | undefined;
  readonly events: EventSink;
}

/** Makes void what depends on something, in this process and in all others. */
export class Invalidator {
  readonly #parts: InvalidatorParts;
  #count = 0;

  constructor(parts: InvalidatorParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#count;
  }

  /** Makes void, here at once, and everywhere. @returns whether the other processes know, if there are any */
  async move(
    dependencies: readonly string[],
    after: CausalToken | undefined,
    by: 'caller' | 'changes',
  ): Promise<boolean | undefined> {
    this.#parts.table.move(dependencies, after);
    heedCatalogue(dependencies, this.#parts.views);
    this.#count += 1;
    let published: boolean | undefined;
    const { pending } = this.#parts;
    if (pending !== undefined) {
      pending.add(dependencies.map((dependency) => ({ dependency, after })));
      published = await pending.flush();
    }
    this.#parts.events.emit('invalidated', { dependencies, by, published });
    return published;
  }
}

/** A view may be another one since, or a collection of another kind. */
export const heedCatalogue = (
  dependencies: readonly string[],
  views: ViewResolver | undefined,
): void => {
  if (views === undefined) return;
  for (const dependency of dependencies) {
    if (dependency === EVERYTHING) views.forget();
    const namespace = catalogueChangedIn(dependency);
    if (namespace !== undefined) views.forget(namespace);
  }
};
