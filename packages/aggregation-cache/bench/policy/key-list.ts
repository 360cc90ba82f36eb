interface Item {
  readonly key: number;
  older: Item | undefined;
  newer: Item | undefined;
}

/** Keys from the oldest to the newest; any can be taken out. */
export class KeyList {
  readonly #items = new Map<number, Item>();
  #oldest: Item | undefined;
  #newest: Item | undefined;

  get size(): number {
    return this.#items.size;
  }

  has(key: number): boolean {
    return this.#items.has(key);
  }

  get oldest(): number | undefined {
    return this.#oldest?.key;
  }

  /** The key that came after this one. */
  newerThan(key: number): number | undefined {
    return this.#items.get(key)?.newer?.key;
  }

  push(key: number): void {
    const item: Item = { key, older: this.#newest, newer: undefined };
    if (this.#newest === undefined) this.#oldest = item;
    else this.#newest.newer = item;
    this.#newest = item;
    this.#items.set(key, item);
  }

  delete(key: number): boolean {
    const item = this.#items.get(key);
    if (item === undefined) return false;
    this.#items.delete(key);
    if (item.older === undefined) this.#oldest = item.newer;
    else item.older.newer = item.newer;
    if (item.newer === undefined) this.#newest = item.older;
    else item.newer.older = item.older;
    return true;
  }

  /** Takes out the oldest. */
  shift(): number | undefined {
    const key = this.#oldest?.key;
    if (key !== undefined) this.delete(key);
    return key;
  }

  /** Makes a key the newest, if it is in here. */
  renew(key: number): boolean {
    if (!this.delete(key)) return false;
    this.push(key);
    return true;
  }
}
