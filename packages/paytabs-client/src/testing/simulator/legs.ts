import type { IssuerLogEntry } from './bank/issuer.js';
import type { LedgerEntry } from './books/ledger.js';
import type { Gateway } from './gateway.js';

/** Both legs of one transaction: what the merchant's gateway believes, and what the bank did. */
export interface Legs {
  readonly tranRef: string;
  readonly cartId: string;
  readonly gateway: LedgerEntry;
  readonly bank: readonly IssuerLogEntry[];
}

const legsOf = (entry: LedgerEntry, { issuer }: Gateway): Legs => ({
  tranRef: entry.tranRef,
  cartId: entry.cartId,
  gateway: entry,
  bank: issuer.logOf(entry.tranRef),
});

/** By reference or by cart, oldest first. */
export function findLegs(
  {
    tranRef,
    cartId,
  }: { readonly tranRef?: string | undefined; readonly cartId?: string | undefined },
  gateway: Gateway,
): Legs[] {
  const { ledger, options } = gateway;
  if (tranRef !== undefined) {
    const entry = ledger.get(tranRef);
    return entry === undefined ? [] : [legsOf(entry, gateway)];
  }
  if (cartId === undefined) return [];
  return options.profiles
    .flatMap(({ profileId }) => ledger.byCart(profileId, cartId).reverse())
    .map((entry) => legsOf(entry, gateway));
}
