import { chosenRow } from './amount-range.js';
import type { Intent } from './intent.js';
import { type Row, standingOf } from './judge-rows.js';

/** Rows of a cart as the rules can compare them, without those that say nothing about this kind of request. */
export function relatedRows<Each extends Row>(
  rows: readonly Each[],
  intent: Intent | undefined,
): Each[] {
  if (intent === undefined) return [...rows];
  const chosen = rows.map((row) => chosenRow(row, intent));
  // A try to pay an invoice that failed ends nothing: the next one may be made tomorrow.
  return intent.operation === 'createInvoice'
    ? chosen.filter((row) => standingOf(row) !== 'none')
    : chosen;
}
