import { z } from 'zod';
import { tranRef } from './request-fields.js';

export const queryRequest = z.strictObject({ tranRef });
export const queryByCartRequest = z.strictObject({ cartId: z.string().min(1).max(64) });

/** Asks for one transaction. */
export type QueryRequest = z.input<typeof queryRequest>;

/** Asks for all tries under one reference. */
export type QueryByCartRequest = z.input<typeof queryByCartRequest>;
