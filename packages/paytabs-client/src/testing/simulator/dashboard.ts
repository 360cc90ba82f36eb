import type { Money } from '../../money/money.js';
import type { LedgerEntry } from './books/ledger.js';
import type { Gateway } from './gateway.js';
import { expireDeferred, settleDeferred } from './payments/deferred.js';
import { decideRefund, type FollowUpKind, followUp } from './payments/follow-up.js';

/**
 * What the merchant's people do in the gateway's dashboard, and what happens without them. Each returns the
 * transaction that tells of it.
 */
export interface Dashboard {
  /** Takes the money of a payment on hold (`H`): a capture by the channel "Dashboard". */
  approveHold(tranRef: string): LedgerEntry;
  /** Gives up a payment on hold. */
  rejectHold(tranRef: string): LedgerEntry;
  /** The customer of a deferred payment (`P`) has paid at the agent: a sale of its own. */
  settle(tranRef: string): LedgerEntry;
  /** He never came: `X`. */
  expire(tranRef: string): LedgerEntry;
  /** Decides on a refund that waits (`P`). */
  approveRefund(tranRef: string): LedgerEntry;
  rejectRefund(tranRef: string): LedgerEntry;
  /** Captures, voids, releases or refunds by hand; default all that is left. */
  act(kind: FollowUpKind, tranRef: string, amount?: Money): LedgerEntry;
}

export function makeDashboard(gateway: Gateway): Dashboard {
  const entryOf = (tranRef: string, status?: 'H' | 'P'): LedgerEntry => {
    const entry = gateway.ledger.get(tranRef);
    if (entry === undefined) throw new Error(`There is no transaction ${tranRef}`);
    if (status !== undefined && entry.status !== status) {
      throw new Error(`${tranRef} is ${entry.status ?? 'temporary'}, not ${status}`);
    }
    return entry;
  };
  const refundOf = (tranRef: string) => {
    const entry = entryOf(tranRef, 'P');
    if (entry.type !== 'Refund') throw new Error(`${tranRef} is no refund`);
    return entry;
  };
  const byHand = (
    entry: LedgerEntry,
    kind: FollowUpKind,
    more: { amount: Money; fromHold?: true },
  ) =>
    followUp(
      entry,
      { kind, cartId: entry.cartId, description: entry.description, channel: 'Dashboard', ...more },
      gateway,
    );
  const decideHold = (tranRef: string, kind: 'capture' | 'void') => {
    const entry = entryOf(tranRef, 'H');
    return byHand(entry, kind, { amount: entry.total, fromHold: true });
  };
  return {
    approveHold: (tranRef) => decideHold(tranRef, 'capture'),
    rejectHold: (tranRef) => decideHold(tranRef, 'void'),
    settle: (tranRef) => settleDeferred(entryOf(tranRef, 'P'), gateway),
    expire: (tranRef) => expireDeferred(entryOf(tranRef, 'P'), gateway),
    approveRefund: (tranRef) => decideRefund(refundOf(tranRef), true, gateway),
    rejectRefund: (tranRef) => decideRefund(refundOf(tranRef), false, gateway),
    act: (kind, tranRef, amount) => {
      const entry = entryOf(tranRef);
      return byHand(entry, kind, { amount: amount ?? gateway.ledger.rest(entry) });
    },
  };
}
