import type { FormField } from './read-form.js';

/** Sorts fields by the bytes of their names; those of one name keep their order. */
export function byName(a: FormField, b: FormField): number {
  if (a.name < b.name) return -1;
  return a.name > b.name ? 1 : 0;
}
