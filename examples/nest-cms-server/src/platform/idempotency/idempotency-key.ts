import { z } from 'zod';

/** Form of the `Idempotency-Key` header. */
export const idempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
  .meta({ id: 'IdempotencyKey', example: '0b5f8c1e-6f7a-4a51-9d3c-1f2e3d4c5b6a' });
