import { byName } from './by-name.js';
import type { FormField } from './read-form.js';

/**
 * One way to write the signed fields as a query string. All follow PHP's `http_build_query`:
 * empty values dropped, sorted by name, a space as `+`; they differ where senders are known to.
 */
export interface FormReading {
  /** Reported in the verdict when this reading matched. */
  readonly name: string;
  /** `~` as `%7E` (PHP) or bare (Go, Python). */
  readonly tilde: 'encoded' | 'bare';
  /** Whether a value that is the one character `0` is signed or dropped. */
  readonly zero: 'kept' | 'dropped';
}

/** The fields a reading signs, in the order in which it signs them. */
export function signedFields(
  fields: readonly FormField[],
  reading: FormReading,
): readonly FormField[] {
  return fields
    .filter(({ value }) => value !== '' && !(value === '0' && reading.zero === 'dropped'))
    .sort(byName);
}

/** The string that is signed. Fields are in byte form, see `FormField`. */
export function canonicalForm(fields: readonly FormField[], reading: FormReading): string {
  return fields
    .map(({ name, value }) => `${encode(name, reading)}=${encode(value, reading)}`)
    .join('&');
}

function encode(bytes: string, reading: FormReading): string {
  let encoded = '';
  for (let index = 0; index < bytes.length; index += 1) {
    const code = bytes.charCodeAt(index);
    if (code === 32) encoded += '+';
    else if (isBare(code) || (code === 126 && reading.tilde === 'bare')) encoded += bytes[index];
    else encoded += `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** A-Z a-z 0-9 - _ . */
function isBare(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 45 ||
    code === 95 ||
    code === 46
  );
}

/** Leaves out readings that write these fields no differently: each costs one HMAC. */
export function usefulReadings(
  fields: readonly FormField[],
  readings: readonly FormReading[],
): readonly FormReading[] {
  const hasTilde = fields.some(({ name, value }) => name.includes('~') || value.includes('~'));
  const hasZero = fields.some(({ value }) => value === '0');
  const seen = new Set<string>();
  return readings.filter((reading) => {
    const effect = `${hasTilde && reading.tilde} ${hasZero && reading.zero}`;
    if (seen.has(effect)) return false;
    seen.add(effect);
    return true;
  });
}
