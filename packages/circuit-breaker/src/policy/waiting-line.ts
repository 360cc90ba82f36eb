/** Who stands in a line. All fields but the priority belong to the line. */
export interface LineItem<Item> {
  /** Higher goes first. */
  readonly priority: number;
  /** Undefined while it stands in no line. */
  rank: Rank<Item> | undefined;
  ahead: Item | undefined;
  behind: Item | undefined;
}

/** Those of one priority, in the order in which they came. */
interface Rank<Item> {
  readonly priority: number;
  first: Item | undefined;
  last: Item | undefined;
}

/**
 * First come, first served within a priority. To join, to leave from anywhere and to take out the first
 * cost the same however many wait; only the number of different priorities counts, by its logarithm.
 */
export class WaitingLine<Item extends LineItem<Item>> {
  /** Lowest priority first; only those in which somebody stands. */
  readonly #ranks: Rank<Item>[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Who is served next. */
  get first(): Item | undefined {
    return this.#ranks.at(-1)?.first;
  }

  /** Who is served last: of the lowest priority the one who came last. */
  get last(): Item | undefined {
    return this.#ranks[0]?.last;
  }

  add(item: Item): void {
    const rank = this.#rankFor(item.priority);
    item.rank = rank;
    item.ahead = rank.last;
    if (rank.last === undefined) rank.first = item;
    else rank.last.behind = item;
    rank.last = item;
    this.#length += 1;
  }

  /** @returns whether it stood in the line */
  remove(item: Item): boolean {
    const { rank, ahead, behind } = item;
    if (rank === undefined) return false;
    if (ahead === undefined) rank.first = behind;
    else ahead.behind = behind;
    if (behind === undefined) rank.last = ahead;
    else behind.ahead = ahead;
    item.rank = undefined;
    item.ahead = undefined;
    item.behind = undefined;
    if (rank.first === undefined) this.#ranks.splice(this.#placeOf(rank.priority), 1);
    this.#length -= 1;
    return true;
  }

  #rankFor(priority: number): Rank<Item> {
    const place = this.#placeOf(priority);
    const found = this.#ranks[place];
    if (found?.priority === priority) return found;
    const rank = { priority, first: undefined, last: undefined };
    this.#ranks.splice(place, 0, rank);
    return rank;
  }

  /** Where the rank of `priority` is, or belongs. */
  #placeOf(priority: number): number {
    let low = 0;
    let high = this.#ranks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranks[middle]?.priority ?? 0) < priority) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
