import type { FormField } from '../form/read-form.js';
import { fromByteText } from '../platform/index.js';
import { fieldName, type JsonFields } from './read-json-fields.js';
import { decodeUtf8 } from './utf8.js';

/** Signed content after reading it; `ok: false` where the bytes are not what the scheme says. */
export type Content =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly value?: undefined };

/** `text` is undefined where the bytes are no UTF-8. */
export function readJson(text: string | undefined): Content {
  try {
    // Undefined is read as the word `undefined`, which is no JSON.
    return { ok: true, value: JSON.parse(text as string) };
  } catch {
    return { ok: false };
  }
}

/** Fields as an object without prototype, so that `__proto__` is a name like any other. */
export function readFields(fields: readonly FormField[]): Content {
  const record: Record<string, string> = Object.create(null);
  for (const field of fields) {
    const name = decodeUtf8(fromByteText(field.name));
    const value = decodeUtf8(fromByteText(field.value));
    if (name === undefined || value === undefined) return { ok: false };
    record[name] = value;
  }
  return { ok: true, value: record };
}

/** The value at a path of own properties. */
export function valueAt(content: Content, path: readonly string[]): unknown {
  let { value } = content;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

/** Signed values of a JSON body alone, at the places where they stood: the rest anyone could have written. */
export function readSigned(fields: JsonFields, paths: readonly (readonly string[])[]): Content {
  const root: Record<string, unknown> = Object.create(null);
  for (const path of paths) {
    const value = fields.get(fieldName(path));
    if (value !== undefined) put(root, path, value);
  }
  return { ok: true, value: root };
}

function put(root: Record<string, unknown>, path: readonly string[], value: string): void {
  let at = root;
  path.forEach((step, index) => {
    if (index === path.length - 1) {
      at[step] = value;
      return;
    }
    // A step `0` goes into a list of one, see `jsonFieldReader`.
    at[step] ??= path[index + 1] === '0' ? [] : Object.create(null);
    at = at[step] as Record<string, unknown>;
  });
}
