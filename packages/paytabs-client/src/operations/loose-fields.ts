import { z } from 'zod';
import { jsonObject } from './json-object.js';

/** Fields that are set here and are not for others to set. */
const own = new Set(['profile_id', 'tran_type', 'cart_id', 'cart_currency', 'cart_amount']);

const isField = (name: string) => /^[a-z]\w{0,63}$/i.test(name) && !own.has(name.toLowerCase());

/**
 * Fields of the gateway that this version does not know, in its own words (`split_payout`), passed on as they are. Write
 * amounts as text, for a number of JavaScript is a float.
 */
export const looseFields = z
  .custom<Readonly<Record<string, unknown>>>((value) => {
    const copy = jsonObject(value);
    return copy !== undefined && Object.keys(copy).every(isField);
  }, 'must be an object of JSON, of fields that are not set already')
  .transform((value) => jsonObject(value))
  .optional();
