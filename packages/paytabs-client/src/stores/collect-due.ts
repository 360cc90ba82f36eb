import { isPayTabsError, PayTabsError } from '../errors.js';
import type { Intent } from '../intents/intent.js';

/** An intent that is due and cannot be read: damaged, written by something else, or no longer there. */
export interface UnreadableIntent {
  /** Its reference, as far as it can be told. */
  readonly cartId: string;
  readonly error: PayTabsError;
}

/** Told of every intent that `listDue` had to pass over, each time. Nobody asks the gateway about it. */
export type OnUnreadable = (unreadable: UnreadableIntent) => void;

/** So many references are remembered, so that no round warns of them again. */
const maxWarned = 1_000;

/** The default of {@link OnUnreadable}: one process warning for each reference. */
export function warnOfUnreadable(): OnUnreadable {
  const warned = new Set<string>();
  return ({ cartId, error }) => {
    if (warned.has(cartId) || warned.size >= maxWarned) return;
    warned.add(cartId);
    const message = `The intent of "${cartId}" is due and was passed over: ${error.message}`;
    process.emitWarning(message, 'PayTabsWarning');
  };
}

/** What {@link collectDue} reads from. */
export interface DuePages<Row> {
  readonly limit: number;
  readonly onUnreadable: OnUnreadable;
  /** The due ones in order, without the first `skip`. */
  readonly page: (skip: number) => Promise<readonly Row[]>;
  /** @throws when it cannot be read */
  readonly read: (row: Row) => Intent;
  readonly cartIdOf: (row: Row) => string;
}

/** Reads on past what cannot be read, so that it takes nobody's place. */
export async function collectDue<Row>(pages: DuePages<Row>): Promise<readonly Intent[]> {
  const { limit, onUnreadable, page, read, cartIdOf } = pages;
  // By reference: what others store meanwhile may bring one onto two pages.
  const found = new Map<string, Intent>();
  for (let skip = 0; ; skip += limit) {
    const rows = await page(skip);
    for (const row of rows) {
      try {
        const intent = read(row);
        if (found.size < limit) found.set(intent.cartId, intent);
      } catch (error) {
        void tell(onUnreadable, { cartId: cartIdOf(row), error: asPayTabsError(error) });
      }
    }
    if (rows.length < limit || found.size >= limit) return [...found.values()];
  }
}

const asPayTabsError = (cause: unknown): PayTabsError =>
  isPayTabsError(cause)
    ? cause
    : new PayTabsError('INTENT_STORE_FAILED', 'The stored intent cannot be read', { cause });

async function tell(onUnreadable: OnUnreadable, unreadable: UnreadableIntent): Promise<void> {
  try {
    // It may be an async function all the same.
    const answer: unknown = onUnreadable(unreadable);
    await answer;
  } catch (error) {
    process.emitWarning(`onUnreadable failed: ${String(error)}`, 'PayTabsWarning');
  }
}
