import { z } from 'zod';
import { jsonObject } from './json-object.js';

/** What Apple Pay JS gives in `payment.token`. Passed on as it is. */
export interface ApplePayToken {
  readonly paymentData: object;
  readonly paymentMethod?: object;
  readonly transactionIdentifier?: string;
}

const filled = z.string().min(1).max(65_536);

const objectWith = <Shape>(name: string | undefined, message: string) =>
  z
    .custom<Shape>((value) => {
      const copy = jsonObject(value);
      return copy !== undefined && (name === undefined || name in copy);
    }, message)
    .transform((value) => jsonObject(value) as Shape);

export const applePayToken = z.union([
  filled,
  objectWith<ApplePayToken>('paymentData', 'must be a text, or an object with paymentData'),
]);

export const samsungPayToken = z.union([
  filled,
  objectWith<object>(undefined, 'must be a text or an object'),
]);

/** Which card stands behind it is no secret; the answer may say it too. */
const openNames = new Set(['paymentMethod']);

/** All texts in it, at any depth, also of an object that was written as a text. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') {
    const inner = value.startsWith('{') ? readJson(value) : undefined;
    return inner === undefined ? [value] : [value, ...textsIn(inner)];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) =>
    openNames.has(name) ? [] : textsIn(each),
  );
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
