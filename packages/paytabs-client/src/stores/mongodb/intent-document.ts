import { Long } from 'mongodb';
import { PayTabsError } from '../../errors.js';
import {
  INTENT_VERSION,
  type Intent,
  type IntentOutcome,
  type NewIntent,
} from '../../intents/intent.js';
import { isCurrency } from '../../money/currencies.js';
import { money } from '../../money/money.js';

/** How an intent lies in the collection; `_id` is the `cartId`, so that it is unique without an index of its own. */
export interface IntentDocument {
  readonly _id: string;
  readonly v: typeof INTENT_VERSION;
  readonly profileId: number;
  readonly operation: NewIntent['operation'];
  readonly type: string;
  readonly amount: { readonly minor: Long; readonly currency: string };
  readonly targetTranRef?: string;
  readonly begunAt: Date;
  /** Absent while open: the partial index and `listOpen` look at `open`. */
  readonly open?: true;
  readonly outcome?: IntentOutcome;
  readonly settledAt?: Date;
}

export function toDocument(intent: NewIntent): IntentDocument {
  const { cartId, amount, ...rest } = intent;
  return {
    _id: cartId,
    v: INTENT_VERSION,
    ...rest,
    amount: { minor: toLong(amount.minor), currency: amount.currency },
    open: true,
  };
}

function toLong(minor: bigint): Long {
  const long = Long.fromBigInt(minor);
  if (long.toBigInt() === minor) return long;
  throw new PayTabsError('INVALID_MONEY', `${minor} minor units do not fit 64 bits`);
}

/** A minor amount is a Long, or a number or bigint, whatever the driver was told to promote. */
const toBigInt = (value: Long | number | bigint): bigint =>
  typeof value === 'object' ? value.toBigInt() : BigInt(value);

/** @throws PayTabsError INTENT_STORE_FAILED for a document of a format this version does not know */
export function fromDocument(document: IntentDocument): Intent {
  const { _id, v, amount, open: _, ...rest } = document;
  if (v !== INTENT_VERSION || !isCurrency(amount?.currency)) {
    const message = `The stored intent has format ${JSON.stringify(v)}, which this version does not know`;
    throw new PayTabsError('INTENT_STORE_FAILED', message, { cartId: String(_id) });
  }
  return Object.freeze({
    v,
    cartId: _id,
    ...rest,
    amount: money(toBigInt(amount.minor), amount.currency),
  });
}
