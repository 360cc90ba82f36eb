import { toByteText } from '../platform/index.js';
import { hexDigit } from '../text/digits.js';

/** A decoded field; each character stands for one byte, so that nothing is lost or normalised. */
export interface FormField {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads `application/x-www-form-urlencoded` as flat pairs: no brackets, no nesting, order kept.
 * Undefined for more than `maxFields` pairs or a percent sign without two hexadecimal digits.
 */
export function readForm(body: Uint8Array, maxFields: number): readonly FormField[] | undefined {
  const text = toByteText(body);
  const fields: FormField[] = [];
  let start = 0;
  while (start <= text.length) {
    const ampersand = text.indexOf('&', start);
    const end = ampersand === -1 ? text.length : ampersand;
    if (end > start) {
      if (fields.length === maxFields) return undefined;
      const field = readPair(text.slice(start, end));
      if (field === undefined) return undefined;
      fields.push(field);
    }
    start = end + 1;
  }
  return fields;
}

function readPair(pair: string): FormField | undefined {
  const equals = pair.indexOf('=');
  const name = decode(equals === -1 ? pair : pair.slice(0, equals));
  const value = decode(equals === -1 ? '' : pair.slice(equals + 1));
  return name === undefined || value === undefined ? undefined : { name, value };
}

function decode(text: string): string | undefined {
  if (!text.includes('%') && !text.includes('+')) return text;
  let decoded = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] as string;
    if (character === '+') {
      decoded += ' ';
    } else if (character === '%') {
      // Beyond the end there is no digit.
      const high = hexDigit(text.charCodeAt(index + 1));
      const low = hexDigit(text.charCodeAt(index + 2));
      if (high === -1 || low === -1) return undefined;
      decoded += String.fromCharCode(high * 16 + low);
      index += 2;
    } else {
      decoded += character;
    }
  }
  return decoded;
}
