import { freezeDate } from './frozen-date.js';

/**
 * Freezes `value` and everything in it, so that one object can be handed to every caller. The bytes
 * inside a `Binary`, `ObjectId` or `Buffer` are beyond what the language can freeze.
 */
export const freezeDeep = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Date) return freezeDate(value) as T;
  if (ArrayBuffer.isView(value)) return value;
  // First itself, then its parts: so a cycle that a schema made comes to an end.
  Object.freeze(value);
  for (const item of Array.isArray(value) ? value : Object.values(value)) freezeDeep(item);
  return value;
};
