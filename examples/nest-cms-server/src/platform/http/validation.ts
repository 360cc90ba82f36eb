import { ObjectId } from 'mongodb';
import { z } from 'zod';

/** An id as it stands in a path or body: 24 lower-case hexadecimal digits. */
export const idSchema = z
  .string()
  .regex(/^[0-9a-f]{24}$/, 'must be an id of 24 hexadecimal digits')
  .meta({ id: 'Id', example: '665f1c2ab7e4d2a1c3f4e5d6' });

/** The same, turned into an ObjectId. */
export const objectIdSchema = idSchema.transform((id) => new ObjectId(id));

/** A moment on the wire. */
export const timeSchema = z.iso.datetime().meta({ example: '2026-11-20T10:15:00.000Z' });

/** Text that people typed: trimmed, bounded, no control characters but line breaks and tabs, no half characters. */
export const textSchema = (maxLength: number): z.ZodString =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|[\n\r\t])*$/u, 'must not hold control characters');
