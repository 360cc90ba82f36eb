import type { RemoteChange } from '../ports/remote-store.js';
import { later } from './causal-token.js';

/**
 * Invalidations of this process that the remote store has not confirmed. As long as one is here, what
 * the remote store has of that collection may be void without its knowing, so it is not used for it.
 */
export class PendingInvalidations {
  readonly #changes = new Map<string, RemoteChange>();
  readonly #publish: (changes: readonly RemoteChange[]) => Promise<boolean>;

  /** @param publish whether the remote store confirmed them; never rejects */
  constructor(publish: (changes: readonly RemoteChange[]) => Promise<boolean>) {
    this.#publish = publish;
  }

  get size(): number {
    return this.#changes.size;
  }

  add(changes: readonly RemoteChange[]): void {
    for (const { dependency, after } of changes) {
      // A later invalidation may name an earlier write, or none.
      const known = this.#changes.get(dependency)?.after;
      this.#changes.set(dependency, { dependency, after: later(known, after) });
    }
  }

  blocks(dependencies: readonly string[]): boolean {
    return this.#changes.size > 0 && dependencies.some((name) => this.#changes.has(name));
  }

  /** Tries to make all of them known. @returns whether none of those is left */
  async flush(): Promise<boolean> {
    const changes = [...this.#changes.values()];
    if (changes.length === 0) return true;
    if (!(await this.#publish(changes))) return false;
    for (const change of changes) {
      // One that came for the same collection meanwhile is another invalidation.
      if (this.#changes.get(change.dependency) === change) this.#changes.delete(change.dependency);
    }
    return true;
  }
}
