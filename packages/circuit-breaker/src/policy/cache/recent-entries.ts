/** A result that was kept. */
export interface Entry {
  readonly value: unknown;
  /** Elapsed time when it came. */
  readonly keptAt: number;
}

interface Node extends Entry {
  readonly key: string;
  newer: Node | undefined;
  older: Node | undefined;
}

/** Entries by key, so many at most: the one that was not used for the longest time goes first. */
export class RecentEntries {
  readonly #maxEntries: number;
  readonly #byKey = new Map<string, Node>();
  // A list, for a Map that is used as one gets slower the more of its oldest keys were deleted.
  #newest: Node | undefined = undefined;
  #oldest: Node | undefined = undefined;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Looks without using. */
  peek(key: string): Entry | undefined {
    return this.#byKey.get(key);
  }

  /** Notes that the entry of `key` was used. */
  touch(key: string): void {
    const node = this.#byKey.get(key);
    if (node === undefined) return;
    this.#unlink(node);
    this.#link(node);
  }

  set(key: string, { value, keptAt }: Entry): void {
    this.delete(key);
    const node: Node = { key, value, keptAt, newer: undefined, older: undefined };
    this.#byKey.set(key, node);
    this.#link(node);
    if (this.size > this.#maxEntries && this.#oldest !== undefined) this.delete(this.#oldest.key);
  }

  /** @returns whether there was one */
  delete(key: string): boolean {
    const node = this.#byKey.get(key);
    if (node === undefined) return false;
    this.#byKey.delete(key);
    this.#unlink(node);
    return true;
  }

  clear(): void {
    this.#byKey.clear();
    this.#newest = undefined;
    this.#oldest = undefined;
  }

  #link(node: Node): void {
    node.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = node;
    else this.#newest.newer = node;
    this.#newest = node;
  }

  #unlink(node: Node): void {
    const { newer, older } = node;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    node.newer = undefined;
    node.older = undefined;
  }
}
