import { z } from 'zod';

/** Fields that are set here and are not for others to set. */
const own = new Set(['profile_id', 'cart_id', 'cart_currency', 'cart_amount']);

/**
 * Fields of the gateway that this version does not know, in its own words (`split_payout`), passed on as they are. Write
 * amounts as text, for a number of JavaScript is a float.
 */
export const looseFields = z
  .record(z.string().regex(/^[a-z]\w{0,63}$/i, 'must be the name of a field'), z.json())
  .refine(
    (fields) => !Object.keys(fields).some((name) => own.has(name)),
    'has a field that is set already',
  )
  .optional();
