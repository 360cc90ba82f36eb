import { z } from 'zod';

/** What Apple Pay JS gives in `payment.token`. Passed on as it is. */
export interface ApplePayToken {
  readonly paymentData: object;
  readonly paymentMethod?: object;
  readonly transactionIdentifier?: string;
}

/** An object as JSON carries it, copied. */
const jsonObject = (value: unknown): unknown => {
  try {
    const copy: unknown = JSON.parse(JSON.stringify(value));
    return typeof copy === 'object' && copy !== null && !Array.isArray(copy) ? copy : undefined;
  } catch {
    return undefined;
  }
};

const filled = z.string().min(1).max(65_536);

const objectWith = <Shape>(name: string | undefined, message: string) =>
  z
    .custom<Shape>((value) => {
      const copy = typeof value === 'object' ? jsonObject(value) : undefined;
      return copy !== undefined && (name === undefined || name in (copy as object));
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
