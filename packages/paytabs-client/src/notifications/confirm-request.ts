import { z } from 'zod';
import { positiveMoney, someMoney } from '../operations/money-fields.js';
import { tranRef } from '../operations/request-fields.js';
import type { Expected } from './check-binding.js';
import type { NoticeClaim } from './confirm-notice.js';

const reference = z.string().min(1).max(255);

/** Of a notice everything is let through; its amounts may be nothing, as of a card that was verified. */
const notice = z.looseObject({
  tranRef,
  profileId: z.int(),
  cartId: z.string(),
  cartAmount: someMoney,
  total: someMoney,
  previousTranRef: reference.optional(),
});

const expected = z
  .strictObject({
    profileId: z.int().min(1),
    cartId: reference,
    amount: positiveMoney,
    previousTranRefs: z.array(reference).readonly().optional(),
    allowDiscount: z.boolean().optional(),
    amountRange: z.strictObject({ min: positiveMoney, max: positiveMoney }).optional(),
  })
  .refine(
    ({ allowDiscount, amountRange }) => !allowDiscount || amountRange === undefined,
    'must have allowDiscount or amountRange, not both',
  );

/** What `confirm` is given, for callers whom no compiler has told. */
export const confirmRequest: z.ZodType<{
  readonly notice: NoticeClaim;
  readonly expected: Expected;
}> = z.strictObject({
  notice: notice.transform((checked) => checked as NoticeClaim),
  expected: expected.transform((checked) => checked as Expected),
});
