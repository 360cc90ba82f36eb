import { z } from 'zod';
import { decimal, someMoney } from './money-fields.js';
import { tranRef } from './request-fields.js';

/** The gateway's numbers for what a token looks like. */
const tokenForms = {
  hex32: 2,
  alphanumeric20: 3,
  digits22: 4,
  digits16: 5,
  alphanumeric32: 6,
} as const;

export const token = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'must be the text of a token');

/** How a saved card will be charged, in the gateway's words. */
export const tokenType = z.enum([
  'registered',
  'unscheduled',
  'recurring_fixed',
  'recurring_variable',
]);

const frequencies = [
  'AD_HOC',
  'DAILY',
  'WEEKLY',
  'FORTNIGHTLY',
  'MONTHLY',
  'QUARTERLY',
  'TWICE_YEARLY',
  'YEARLY',
  'OTHER',
] as const;

export const counter = z.int().min(1).max(9999);

const months = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');

/** `2025-03-30` becomes `30-MAR-2025`. */
const day = z.iso.date().transform((date) => {
  const [year, month, dayOfMonth] = date.split('-');
  return `${dayOfMonth}-${months[Number(month) - 1]}-${year}`;
});

export const saveCard = z.strictObject({
  form: z.enum(Object.keys(tokenForms) as [keyof typeof tokenForms]),
  /** Shows a tick box; without it the card is saved unasked. Whether a token comes tells the choice. */
  askShopper: z.boolean().optional(),
  /** What it will be used for; sent in the gateway's newer form. */
  use: z
    .strictObject({
      type: tokenType,
      frequency: z.enum(frequencies).optional(),
      counter: counter.optional(),
      totalCount: counter.optional(),
      minAmount: someMoney.optional(),
      maxAmount: someMoney.optional(),
      minDaysBetween: z.int().min(0).max(9999).optional(),
      /** `2026-03-30`. */
      startDate: day.optional(),
      expiryDate: day.optional(),
    })
    .optional(),
});

/** A saved card and the transaction that its token came with. */
export const savedCard = z.strictObject({ token, tranRef });

/** Asks for a token. It comes with the callback and the return. */
export const savingFields = (save: z.output<typeof saveCard> | undefined) => {
  if (save === undefined) return {};
  const tokenise = tokenForms[save.form];
  const { use } = save;
  return {
    ...(use === undefined
      ? { tokenise }
      : {
          token_info: {
            tokenise,
            token_type: use.type,
            payment_frequency: use.frequency,
            counter: use.counter,
            total_count: use.totalCount,
            min_amount_per_payment: decimal(use.minAmount),
            max_amount_per_payment: decimal(use.maxAmount),
            min_days_between_payments: use.minDaysBetween,
            start_date: use.startDate,
            expiry_date: use.expiryDate,
          },
        }),
    show_save_card: save.askShopper,
  };
};

/** Whether, how and for what the card is saved. */
export type SaveCard = z.input<typeof saveCard>;

/** A saved card, named by its token. */
export type SavedCard = z.input<typeof savedCard>;
