import { z } from 'zod';
import { PayTabsError } from '../errors.js';
import { isCurrency } from '../money/currencies.js';
import { type Money, money } from '../money/money.js';
import { INTENT_VERSION, type Intent, type SeenTransaction } from './intent.js';

/** How a store writes what its format has no type for. */
export interface RecordForm<Minor, Time> {
  readonly minor: (minor: bigint) => Minor;
  readonly time: (time: Date) => Time;
}

/** An intent as plain data, in the form of one store. Names without a value are left out. */
export function toRecord<Minor, Time>(
  intent: Intent,
  form: RecordForm<Minor, Time>,
): Record<string, unknown> {
  const amountOf = ({ minor, currency }: Money) => ({ minor: form.minor(minor), currency });
  const seenOf = (seen: SeenTransaction) => ({ ...seen, total: amountOf(seen.total) });
  const { state } = intent;
  const { amount, amountRange: range, begunAt, sendBefore, since, dueAt, ...rest } = intent;
  return {
    ...rest,
    amount: amountOf(amount),
    ...(range === undefined
      ? {}
      : { amountRange: { min: amountOf(range.min), max: amountOf(range.max) } }),
    begunAt: form.time(begunAt),
    sendBefore: form.time(sendBefore),
    since: form.time(since),
    ...(dueAt === undefined ? {} : { dueAt: form.time(dueAt) }),
    state: {
      ...state,
      ...('seen' in state ? { seen: seenOf(state.seen) } : {}),
      ...('expiresAt' in state ? { expiresAt: form.time(state.expiresAt) } : {}),
    },
  };
}

/** Whatever a driver makes of whole numbers of 64 bits. */
const minor = z
  .custom<{ toString(): string }>((value) => /^-?\d{1,38}$/.test(String(value)))
  .transform((value) => BigInt(value.toString()));

const amount = z
  .object({ minor, currency: z.custom<Money['currency']>(isCurrency) })
  .transform((read) => money(read.minor, read.currency));

/** As dates write themselves: beyond the year 9999, which some mean never by, with a sign. */
const farTime = z.string().refine((text) => {
  const read = new Date(text);
  return !Number.isNaN(read.getTime()) && read.toISOString() === text;
});
const time = z.union([z.date(), z.iso.datetime(), farTime]).transform((value) => new Date(value));
const filled = z.string().min(1);

const seen = z.object({
  tranRef: filled,
  previousTranRef: filled.optional(),
  type: filled,
  status: filled,
  responseCode: z.string(),
  total: amount,
});

const state = z.discriminatedUnion('name', [
  z.object({ name: z.literal('begun') }),
  z.object({
    name: z.literal('unknown'),
    reason: z.enum(['noAnswer', 'unclearAnswer', 'duplicate', 'senderGone', 'bankSilent']),
    tranRef: filled.optional(),
  }),
  z.object({ name: z.literal('pageOpen'), tranRef: filled, expiresAt: time }),
  z.object({ name: z.literal('pending'), seen }),
  z.object({ name: z.literal('done'), seen }),
  z.object({
    name: z.literal('refused'),
    code: z.custom<PayTabsError['code']>((value) => typeof value === 'string'),
    gatewayCode: z.number().optional(),
  }),
  z.object({ name: z.literal('notSent') }),
  z.object({ name: z.literal('notFound') }),
  z.object({ name: z.literal('lapsed'), tranRef: filled }),
  z.object({
    name: z.literal('disputed'),
    reason: z.enum(['otherAmount', 'otherParent', 'older', 'twice', 'neverDecided']),
    tranRefs: z.array(filled),
  }),
]);

const count = z.int().min(0);

const record = z.object({
  v: z.literal(INTENT_VERSION),
  revision: count,
  profileId: count,
  cartId: filled,
  operation: z.custom<Intent['operation']>((value) => typeof value === 'string'),
  type: filled,
  amount,
  amountRange: z.object({ min: amount, max: amount }).optional(),
  targetTranRef: filled.optional(),
  pageLifeMs: count.optional(),
  begunAt: time,
  sendBefore: time,
  state,
  checks: z.object({ count, nothing: count }),
  since: time,
  acknowledged: z.boolean(),
  dueAt: time.optional(),
});

/**
 * Reads what {@link toRecord} wrote.
 * @throws PayTabsError INTENT_STORE_FAILED for what this version does not know; it says the field, never the value
 */
export function fromRecord(stored: unknown): Intent {
  const read = record.safeParse(stored);
  if (read.success) return Object.freeze(read.data) as Intent;
  const field = read.error.issues[0]?.path.map(String).join('.') || '(all)';
  const { cartId } = (stored ?? {}) as { cartId?: unknown };
  throw new PayTabsError(
    'INTENT_STORE_FAILED',
    `The stored intent is of a format that this version does not know (field "${field}")`,
    typeof cartId === 'string' ? { cartId } : {},
  );
}
