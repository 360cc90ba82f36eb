import { type Currency, isCurrency } from '@nestcms/paytabs-client';
import { Long } from 'mongodb';
import { z } from 'zod';

/** Money in a row, as `StoredMoney`. */
export const storedMoneySchema = z.object({
  minor: z.union([z.int(), z.bigint(), z.instanceof(Long)]),
  currency: z.custom<Currency>(isCurrency, 'must be an ISO 4217 code'),
});
