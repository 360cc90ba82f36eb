import { fromByteText } from '../text/byte-text.js';
import type { FormField } from './read-form.js';

/** Each name and value of a form behind the other, sorted by name. */
export function pairsMessage(fields: readonly FormField[]): Uint8Array {
  const sorted = fields.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return fromByteText(sorted.map(({ name, value }) => `${name}${value}`).join(''));
}
