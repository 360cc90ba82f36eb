import { fromByteText } from '../platform/index.js';
import { byName } from './by-name.js';
import type { FormField } from './read-form.js';

/** Each name and value of a form behind the other, sorted by name. */
export function pairsMessage(fields: readonly FormField[]): Uint8Array {
  const sorted = fields.toSorted(byName);
  return fromByteText(sorted.map(({ name, value }) => `${name}${value}`).join(''));
}
