/** How often what happened, told apart by a few words; one walk down a tree per event, no text is built. */
export class Counts {
  #count = 0;
  readonly #below = new Map<string, Counts>();

  add(words: readonly string[], place = 0): void {
    const word = words[place];
    if (word === undefined) this.#count += 1;
    else this.#at(word).add(words, place + 1);
  }

  /** Each different row of words, and how often it came. */
  *rows(
    depth: number,
    words: readonly string[] = [],
  ): Generator<readonly [readonly string[], number]> {
    if (words.length === depth) yield [words, this.#count];
    else for (const [word, below] of this.#below) yield* below.rows(depth, [...words, word]);
  }

  #at(word: string): Counts {
    let below = this.#below.get(word);
    if (below === undefined) {
      below = new Counts();
      this.#below.set(word, below);
    }
    return below;
  }
}
