import { createHmac } from 'node:crypto';
import { canonicalForm, type FormReading, signedFields } from '../form/php-form.js';
import type { FormField } from '../form/read-form.js';

/** The `Signature` header that PayTabs sends with these bytes. */
export function signPayTabsCallback(body: Uint8Array, key: string): string {
  return createHmac('sha256', key).update(body).digest('hex');
}

const phpReading: FormReading = { name: 'php', tilde: 'encoded', zero: 'kept' };

/** The `signature` field that PayTabs adds to these return fields; a `signature` among them is left out. */
export function signPayTabsReturn(
  fields: Readonly<Record<string, string>>,
  key: string,
  reading: Partial<Omit<FormReading, 'name'>> = {},
): string {
  const chosen = { ...phpReading, ...reading };
  const asBytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
  const all: FormField[] = Object.entries(fields)
    .filter(([name]) => name !== 'signature')
    .map(([name, value]) => ({ name: asBytes(name), value: asBytes(value) }));
  return createHmac('sha256', key)
    .update(canonicalForm(signedFields(all, chosen), chosen))
    .digest('hex');
}

/** The signed form as a browser posts it. */
export function payTabsReturnBody(fields: Readonly<Record<string, string>>, key: string): Buffer {
  const signature = signPayTabsReturn(fields, key);
  return Buffer.from(new URLSearchParams({ ...fields, signature }).toString());
}
