import { z } from 'zod';
import { fit } from './acknowledgement.js';
import { readerOf } from './reply.js';
import type { PaymentInfo } from './transaction.js';
import { paymentInfoSchema, readPaymentInfo } from './wire.js';
import { type Raw, withRaw } from './with-raw.js';

/** A saved card as the gateway tells it. */
export interface TokenDetails {
  /** The transaction it was saved by. */
  readonly tranRef: string;
  readonly paymentInfo: PaymentInfo;
  /** The answer as it came. Holds the customer's data. */
  readonly raw: Raw;
}

const schema = z.looseObject({
  tran_ref: z.string().min(1),
  payment_info: paymentInfoSchema,
});

/** Has no result: it is no transaction. */
export const tokenReader = readerOf<TokenDetails>((body) => {
  const { tran_ref: tranRef, payment_info: info } = fit(schema, body);
  return withRaw({ tranRef, paymentInfo: readPaymentInfo(info) }, body);
});
