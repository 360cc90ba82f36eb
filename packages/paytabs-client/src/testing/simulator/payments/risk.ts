/** The gateway's risk screening ("hold on reject"): turns sales into authorisations that wait for a person. */
export class Risk {
  #next = 0;
  /** Asked for every sale; default never. */
  rule: (() => boolean) | undefined;

  holdNext(times = 1): void {
    this.#next += times;
  }

  takesHold(): boolean {
    if (this.#next === 0) return this.rule?.() ?? false;
    this.#next -= 1;
    return true;
  }
}
