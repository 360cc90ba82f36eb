/** What the tier charges an entry beside its rows: key, list links, map slot, the entry's own fields. */
export const ENTRY_OVERHEAD_BYTES = 512;

interface Node<Entry> {
  readonly key: string;
  readonly entry: Entry;
  readonly bytes: number;
  older: Node<Entry> | undefined;
  newer: Node<Entry> | undefined;
}

/**
 * Keeps the entries that were used last, up to a number of bytes. A linked list beside the map: taking
 * the oldest key of a `Map` gets slow once many were deleted.
 */
export class MemoryTier<Entry> {
  readonly #maxBytes: number;
  readonly #nodes = new Map<string, Node<Entry>>();
  #oldest: Node<Entry> | undefined;
  #newest: Node<Entry> | undefined;
  #bytes = 0;
  #evictions = 0;

  constructor(options: { readonly maxBytes: number }) {
    this.#maxBytes = options.maxBytes;
  }

  /** The entry, which now counts as just used. */
  get(key: string): Entry | undefined {
    const node = this.#nodes.get(key);
    if (node === undefined) return undefined;
    if (node !== this.#newest) {
      this.#unlink(node);
      this.#append(node);
    }
    return node.entry;
  }

  /**
   * Keeps `entry`, charged with `rowBytes` and {@link ENTRY_OVERHEAD_BYTES}, and drops the entries unused
   * for longest until all fit.
   * @returns false if it alone is over the bound; then nothing is kept under `key`
   */
  set(key: string, entry: Entry, rowBytes: number): boolean {
    this.delete(key);
    const bytes = rowBytes + ENTRY_OVERHEAD_BYTES;
    if (bytes > this.#maxBytes) return false;
    while (this.#oldest !== undefined && this.#bytes + bytes > this.#maxBytes) {
      this.#evictions += 1;
      this.#remove(this.#oldest);
    }
    const node: Node<Entry> = { key, entry, bytes, older: undefined, newer: undefined };
    this.#nodes.set(key, node);
    this.#append(node);
    this.#bytes += bytes;
    return true;
  }

  /** Drops what is kept under `key`; with `entry`, only if it is still that one. */
  delete(key: string, entry?: Entry): void {
    const node = this.#nodes.get(key);
    if (node !== undefined && (entry === undefined || node.entry === entry)) this.#remove(node);
  }

  clear(): void {
    this.#nodes.clear();
    this.#oldest = undefined;
    this.#newest = undefined;
    this.#bytes = 0;
  }

  stats(): { entries: number; bytes: number; maxBytes: number; evictions: number } {
    return {
      entries: this.#nodes.size,
      bytes: this.#bytes,
      maxBytes: this.#maxBytes,
      evictions: this.#evictions,
    };
  }

  #remove(node: Node<Entry>): void {
    this.#nodes.delete(node.key);
    this.#unlink(node);
    this.#bytes -= node.bytes;
  }

  #append(node: Node<Entry>): void {
    node.older = this.#newest;
    node.newer = undefined;
    if (this.#newest === undefined) this.#oldest = node;
    else this.#newest.newer = node;
    this.#newest = node;
  }

  #unlink(node: Node<Entry>): void {
    if (node.older === undefined) this.#oldest = node.newer;
    else node.older.newer = node.newer;
    if (node.newer === undefined) this.#newest = node.older;
    else node.newer.older = node.older;
  }
}
