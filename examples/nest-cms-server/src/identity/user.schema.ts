import { z } from 'zod';
import { idSchema, textSchema, timeSchema } from '../platform/http/validation.js';
import { PASSWORD_MAX_BYTES } from '../protection/password-hasher.js';
import { ROLES } from './caller.js';

/** Normalised: trimmed, Unicode NFC, lower case. One account per normalised address. */
export const emailSchema = z
  .string()
  .max(320)
  .trim()
  .normalize('NFC')
  .toLowerCase()
  .pipe(z.email().max(254));

export const PASSWORD_MIN_LENGTH = 12;

/** A password to be set. */
export const newPasswordSchema = z
  .string()
  .min(PASSWORD_MIN_LENGTH)
  .refine((password) => Buffer.byteLength(password) <= PASSWORD_MAX_BYTES, {
    error: `must not be longer than ${PASSWORD_MAX_BYTES} bytes in UTF-8`,
  });

export const registerSchema = z
  .strictObject({
    fullName: textSchema(200),
    email: emailSchema,
    password: newPasswordSchema,
    phone: z
      .string()
      .regex(/^\+?[0-9][0-9 -]{4,30}$/, 'must be a telephone number')
      .optional(),
  })
  .meta({ id: 'Register' });
export type Register = z.infer<typeof registerSchema>;

/** A user as anyone may see it who may see it at all: never the password hash. */
export const userViewSchema = z
  .object({
    id: idSchema,
    fullName: z.string(),
    email: z.string(),
    role: z.enum(ROLES),
    phone: z.string().optional(),
    createdAt: timeSchema,
  })
  .meta({ id: 'User' });
export type UserView = z.infer<typeof userViewSchema>;
