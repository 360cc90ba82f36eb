import { z } from 'zod';
import { PayTabsError } from '../errors.js';
import type { OnUnreadable } from './collect-due.js';

/** Milliseconds an operation of a store may take. */
export const storeTimeoutMs = z
  .int({ error: 'must be a whole number of milliseconds from 1 to 600,000' })
  .min(1, 'must be a whole number of milliseconds from 1 to 600,000')
  .max(600_000, 'must be a whole number of milliseconds from 1 to 600,000');

export const onUnreadable = z.custom<OnUnreadable>((value) => typeof value === 'function', {
  message: 'must be a function',
});

/** @throws PayTabsError INVALID_OPTION naming the option and what is allowed */
export function readOptions<Schema extends z.ZodType>(
  schema: Schema,
  options: unknown,
): z.output<Schema> {
  const checked = schema.safeParse(options);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const name = issue?.path.join('.') || 'options';
  throw new PayTabsError('INVALID_OPTION', `${name}: ${issue?.message}`);
}
