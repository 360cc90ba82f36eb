import type { Document } from 'mongodb';
import { isSpelled } from '../validation.js';

/** A text that UTF-8 cannot spell, so that many would become one; or a field's name with a zero, which ends names in BSON. */
export const findUnwritable = (
  value: unknown,
  path: string,
): { readonly path: string; readonly kind: string } | undefined => {
  if (typeof value === 'string')
    return isSpelled(value) ? undefined : { path, kind: 'half of a character' };
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = value instanceof Map ? value : Object.entries(value as Document);
  for (const [name, field] of entries as Iterable<[string, unknown]>) {
    if (!isSpelled(name)) return { path, kind: 'name with half of a character' };
    if (name.includes('\0')) return { path, kind: 'name with a zero' };
    const found = findUnwritable(field, `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
};
