import type { BankAction } from './simulator/bank/behaviour.js';
import type { IssuerLogEntry } from './simulator/bank/issuer.js';

/** Kinds of movements, as the bank calls them. An extension moves nothing. */
export type MovementKind = Exclude<BankAction, 'extension'>;

const allKinds: readonly MovementKind[] = ['charge', 'hold', 'capture', 'reversal', 'refund'];

/** What a merchant believes of one cart: minor units by kind; what is not named is nothing. */
export type CartBooks = { readonly [Kind in MovementKind]?: bigint | undefined };

/** A merchant's books by `cartId`. */
export type MerchantBooks = Readonly<Record<string, CartBooks>> | ReadonlyMap<string, CartBooks>;

/** Something in which the merchant's books and the bank's differ. */
export interface BookDifference {
  readonly cartId: string;
  readonly kind: MovementKind;
  /** Minor units that the bank moved. */
  readonly bank: bigint;
  /** Minor units that the merchant believes were moved. */
  readonly merchant: bigint;
  /** The bank's transactions of this kind under this cart. */
  readonly tranRefs: readonly string[];
}

interface Moved {
  minor: bigint;
  readonly tranRefs: string[];
}

/**
 * Sets a merchant's books against the bank's log, which is the only truth about money; empty when they agree.
 * `kinds` leaves out what the merchant keeps no books of, such as holds; default all.
 * Minor units of different currencies must not meet under one cart.
 */
export function compareBooks({
  bank,
  merchant,
  kinds = allKinds,
}: {
  readonly bank: readonly IssuerLogEntry[];
  readonly merchant: MerchantBooks;
  readonly kinds?: readonly MovementKind[];
}): BookDifference[] {
  const moved = sumUp(bank);
  const books: ReadonlyMap<string, CartBooks> =
    merchant instanceof Map ? merchant : new Map(Object.entries(merchant));
  const differences: BookDifference[] = [];
  for (const cartId of new Set([...moved.keys(), ...books.keys()])) {
    for (const kind of kinds) {
      const said = books.get(cartId)?.[kind];
      const truth = moved.get(cartId)?.get(kind);
      const [inBank, inBooks] = [truth?.minor ?? 0n, said ?? 0n];
      if (inBank === inBooks) continue;
      const tranRefs = truth?.tranRefs ?? [];
      differences.push({ cartId, kind, bank: inBank, merchant: inBooks, tranRefs });
    }
  }
  return differences;
}

function sumUp(bank: readonly IssuerLogEntry[]): Map<string, Map<MovementKind, Moved>> {
  const carts = new Map<string, Map<MovementKind, Moved>>();
  for (const { approved, action, cartId, amount, tranRef } of bank) {
    if (!approved || action === 'extension') continue;
    const cart = carts.get(cartId) ?? new Map<MovementKind, Moved>();
    carts.set(cartId, cart);
    const known = cart.get(action);
    if (known === undefined) cart.set(action, { minor: amount.minor, tranRefs: [tranRef] });
    else {
      known.minor += amount.minor;
      known.tranRefs.push(tranRef);
    }
  }
  return carts;
}
