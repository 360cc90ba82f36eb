import { z } from 'zod';
import { emailSchema, userViewSchema } from './user.schema.js';

/** The password is only bounded here: the rules for new ones may have been others when it was set. */
export const loginSchema = z
  .strictObject({ email: emailSchema, password: z.string().min(1).max(1_024) })
  .meta({
    id: 'Login',
    example: { email: 'client@example.com', password: 'correct horse battery' },
  });
export type Login = z.output<typeof loginSchema>;

export const signedInSchema = z
  .object({
    accessToken: z.string(),
    tokenType: z.literal('Bearer'),
    expiresInSeconds: z.int(),
    user: userViewSchema,
  })
  .meta({ id: 'SignedIn' });
export type SignedIn = z.output<typeof signedInSchema>;
