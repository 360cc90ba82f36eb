/** What a heap holds: it notes its own place, so that it can be taken out from the middle. */
export interface HeapItem {
  readonly deadline: number;
  /** Index in the heap. Owned by the heap. */
  place: number;
}

/** The earliest deadline first. */
export class BinaryHeap<Item extends HeapItem> {
  readonly #items: Item[] = [];

  get first(): Item | undefined {
    return this.#items[0];
  }

  add(item: Item): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  /** Takes out `item`, which must be in here. */
  remove(item: Item): void {
    const last = this.#items.pop() as Item;
    if (last === item) return;
    const { place } = item;
    this.#sink(last, place);
    // What came from the end may be earlier than what stands above its new place.
    if (last.place === place) this.#rise(last, place);
  }

  #rise(item: Item, from: number): void {
    const items = this.#items;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = items[above] as Item;
      if (parent.deadline <= item.deadline) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(item, place);
  }

  #sink(item: Item, from: number): void {
    const items = this.#items;
    let place = from;
    for (;;) {
      const left = items[2 * place + 1];
      const right = items[2 * place + 2];
      const child = right !== undefined && right.deadline < (left as Item).deadline ? right : left;
      if (child === undefined || child.deadline >= item.deadline) break;
      const next = child.place;
      this.#put(child, place);
      place = next;
    }
    this.#put(item, place);
  }

  #put(item: Item, place: number): void {
    this.#items[place] = item;
    item.place = place;
  }
}
