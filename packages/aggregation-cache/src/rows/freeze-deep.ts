import { freezeDate, isFrozenDate } from './frozen-date.js';

/** Something in a value that cannot be made unchangeable. */
export class NotFreezable extends Error {
  /** What it is, such as `Map`. */
  readonly kind: string;
  readonly path: string;

  constructor(kind: string, path: string) {
    super(`A ${kind} at '${path}' cannot be made unchangeable`);
    this.kind = kind;
    this.path = path;
  }
}

/**
 * Freezes `value` and everything in it, so that one object can be handed to every caller: also below what
 * was frozen before, for a schema may freeze its rows and leave open what is in them. The bytes inside a
 * `Binary`, `ObjectId` or `Buffer` are beyond what the language can freeze.
 * @throws NotFreezable for a `Map`, a `Set` and a date that was frozen before: their insides are no properties
 */
export const freezeDeep = <T>(value: T): T => {
  freeze(value, '', new WeakSet());
  return value;
};

/** @param seen frozen things that were walked, so that a cycle comes to an end */
const freeze = (value: unknown, path: string, seen: WeakSet<object>): void => {
  if (typeof value !== 'object' || value === null) return;
  if (ArrayBuffer.isView(value) || isFrozenDate(value)) return;
  if (value instanceof Map || value instanceof Set) {
    throw new NotFreezable(value instanceof Map ? 'Map' : 'Set', path);
  }
  if (value instanceof Date) {
    if (Object.isFrozen(value)) throw new NotFreezable('frozen Date', path);
    freezeDate(value);
    return;
  }
  if (!Object.isFrozen(value)) Object.freeze(value);
  else if (seen.has(value)) return;
  else seen.add(value);
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === 'object') freeze(item, path === '' ? key : `${path}.${key}`, seen);
  }
};
