import { z } from 'zod';
import { completedSchema } from '../gateway/wire.js';

/**
 * The body of a callback or IPN, for the payload check of a webhook verifier. Names what this package relies on and
 * lets everything else through. The signature must be checked first, over the raw bytes.
 */
export const callbackSchema = completedSchema.extend({
  profile_id: z.union([z.int(), z.string().regex(/^\d{1,15}$/)]).transform(Number),
  merchant_id: z.union([z.number(), z.string()]).nullish(),
  tran_class: z.string().nullish(),
  ipn_trace: z.string().nullish(),
  customer_ref: z.string().nullish(),
  invoice_id: z.union([z.number(), z.string()]).nullish(),
  user_defined: z.record(z.string(), z.unknown()).nullish(),
});

/** A callback body that passed {@link callbackSchema}. */
export type CallbackPayload = z.output<typeof callbackSchema>;
