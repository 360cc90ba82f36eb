import { z } from 'zod';
import { tranRef } from './request-fields.js';

export const queryRequest = z.strictObject({ tranRef });
export const queryByCartRequest = z.strictObject({ cartId: z.string().min(1).max(64) });
/** Of an intent its reference and its end; it may be the whole. */
export const endRequest = z.looseObject({
  cartId: z.string().min(1).max(64),
  state: z.looseObject({ name: z.string() }),
});

/** Asks for one transaction. */
export type QueryRequest = z.input<typeof queryRequest>;

/** Asks for all tries under one reference. */
export type QueryByCartRequest = z.input<typeof queryByCartRequest>;
