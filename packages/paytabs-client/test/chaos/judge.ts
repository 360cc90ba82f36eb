import type { IssuerLogEntry } from '../../src/testing/index.js';
import type { Merchant } from './merchant.js';
import { orderOf } from './plan.js';

/** What is wrong, counted from the bank's log alone. */
export interface Verdict {
  /** Orders for which the shopper was charged, or had money held, more than once. */
  readonly chargedTwice: readonly string[];
  /** References under which the bank moved money and the books say nothing, or too little. */
  readonly lost: readonly string[];
  /** References under which the books have money that the bank did not move. */
  readonly invented: readonly string[];
  readonly paid: number;
  readonly unpaid: number;
  /** Orders that were handed to a person. */
  readonly person: number;
  /** Minor units that the bank has moved, of all currencies. */
  readonly moved: bigint;
}

/** Sets the books against the bank, to the last minor unit. */
export function judge(
  merchant: Merchant,
  log: readonly IssuerLogEntry[],
  { seed, payments }: { seed: number; payments: number },
): Verdict {
  const bank = new Map<string, bigint>();
  const charges = new Map<number, string[]>();
  let moved = 0n;
  for (const { approved, action, cartId, amount, tranRef } of log) {
    const number = Number(/^[cf](\d+)\./.exec(cartId)?.[1] ?? 0);
    if (!approved || action === 'extension' || number < 1 || number > payments) continue;
    // Of another amount: not ours.
    if (amount.minor !== BigInt(orderOf(seed, number).minor)) continue;
    moved += amount.minor;
    bank.set(cartId, (bank.get(cartId) ?? 0n) + amount.minor);
    if (action === 'charge' || action === 'hold') {
      charges.set(number, [...(charges.get(number) ?? []), `${cartId} ${tranRef}`]);
    }
  }
  const lost: string[] = [];
  const invented: string[] = [];
  for (const cartId of new Set([...bank.keys(), ...merchant.entries.keys()])) {
    const entry = merchant.entries.get(cartId);
    if (entry?.says === 'person') continue;
    const inBank = bank.get(cartId) ?? 0n;
    const inBooks = entry?.says === 'paid' ? BigInt(entry.minor ?? 0) : 0n;
    const line = `${cartId}: bank ${inBank}, books ${inBooks} (${entry?.state ?? 'nothing'})`;
    if (inBank > inBooks) lost.push(line);
    if (inBank < inBooks) invented.push(line);
  }
  const ends = [...merchant.finished.values()];
  const count = (wanted: string) => ends.filter((end) => end === wanted).length;
  return {
    chargedTwice: [...charges.values()]
      .filter((all) => all.length > 1)
      .map((all) => all.join(', ')),
    lost,
    invented,
    paid: count('paid'),
    unpaid: count('unpaid'),
    person: count('person'),
    moved,
  };
}
