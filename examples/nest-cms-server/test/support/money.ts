import type { Simulator } from '@nestcms/paytabs-client/testing';
import type { JournalEntry } from '../../src/payments/journal.js';
import { moneyFromBson } from '../../src/platform/money.js';
import type { ServerHandle } from './start-server.js';

/** One movement of money: `<transaction> <cart> <amount> <currency>`. */
type Movement = string;

/** What the gateway says has moved, in all or for one payment. */
export const ledgerOf = (simulator: Simulator, paymentId = ''): Movement[] =>
  simulator
    .ledger()
    .filter(({ type, status }) => type === 'Sale' && status === 'A')
    .filter(({ cartId }) => cartId.startsWith(paymentId))
    .map(({ tranRef, cartId, total }) => `${tranRef} ${cartId} ${total.minor} ${total.currency}`)
    .sort();

/** What our journal says has moved, in all or for one payment. */
export async function booksOf(
  { db }: Pick<ServerHandle, 'db'>,
  paymentId = '',
): Promise<Movement[]> {
  const entries = await db.collection<JournalEntry>('journal').find().toArray();
  return entries
    .filter(({ cartId }) => cartId.startsWith(paymentId))
    .map(({ tranRef, cartId, amount }) => {
      const { minor, currency } = moneyFromBson(amount);
      return `${tranRef} ${cartId} ${minor} ${currency}`;
    })
    .sort();
}
