import type { FormField } from '../form/read-form.js';

/** Signed content after reading it; `ok: false` where the bytes are not what the scheme says. */
export type Content = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function readJson(body: Buffer): Content {
  try {
    return { ok: true, value: JSON.parse(utf8.decode(body)) };
  } catch {
    return { ok: false };
  }
}

/** Fields as an object without prototype, so that `__proto__` is a name like any other. */
export function readFields(fields: readonly FormField[]): Content {
  const record: Record<string, string> = Object.create(null);
  try {
    for (const { name, value } of fields) record[decodeBytes(name)] = decodeBytes(value);
  } catch {
    return { ok: false };
  }
  return { ok: true, value: record };
}

function decodeBytes(bytes: string): string {
  return utf8.decode(Buffer.from(bytes, 'latin1'));
}

/** The value at a path of own properties. */
export function valueAt(content: Content, path: readonly string[]): unknown {
  if (!content.ok) return undefined;
  let value = content.value;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}
