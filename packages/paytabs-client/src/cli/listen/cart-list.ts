import { hasEnded, type Intent } from '../../intents/intent.js';

/** A cart that the gateway is asked about in every round. */
export interface FollowedCart {
  readonly cartId: string;
  /** Nothing of it is older than what is to be told. */
  readonly isNew: boolean;
}

/** The carts that are followed: all that were named, and the newest of a store. */
export class CartList {
  readonly #since: number;
  readonly #maxFromStore: number;
  readonly #named = new Set<string>();
  /** When each was begun, the newest first. */
  #fromStore = new Map<string, number>();

  constructor({ since, maxFromStore }: { since: number; maxFromStore: number }) {
    this.#since = since;
    this.#maxFromStore = maxFromStore;
  }

  name(cartId: string): void {
    this.#named.add(cartId);
  }

  /**
   * Takes up what is open, or was begun since; what was taken up stays until newer carts take its place.
   * @returns how many had to be left out
   */
  takeUp(intents: readonly Intent[]): number {
    const all = new Map(this.#fromStore);
    for (const intent of intents) {
      const begunAt = intent.begunAt.getTime();
      if (!hasEnded(intent) || begunAt >= this.#since) all.set(intent.cartId, begunAt);
    }
    const newest = [...all].sort(([, left], [, right]) => right - left);
    this.#fromStore = new Map(newest.slice(0, this.#maxFromStore));
    return all.size - this.#fromStore.size;
  }

  get isEmpty(): boolean {
    return this.#named.size + this.#fromStore.size === 0;
  }

  list(): readonly FollowedCart[] {
    const fromStore = [...this.#fromStore].map(([cartId, begunAt]) => {
      return { cartId, isNew: begunAt >= this.#since };
    });
    const named = [...this.#named].filter((cartId) => !this.#fromStore.has(cartId));
    return [...named.map((cartId) => ({ cartId, isNew: false })), ...fromStore];
  }
}
