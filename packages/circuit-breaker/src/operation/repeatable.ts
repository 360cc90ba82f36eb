/** What a repeatable function says of itself: it changes nothing, or doing it twice is as doing it once. */
export type Idempotency = 'safe' | 'idempotent';

/** The same key in every copy of this package. */
const KEY: unique symbol = Symbol.for('@nestcms/circuit-breaker.idempotency');

/** Declared by {@link safe} or {@link idempotent}: may be run more than once. */
export interface Repeatable {
  readonly [KEY]: Idempotency;
}

type AnyFunction = (...args: never[]) => unknown;

const mark = <F extends AnyFunction>(fn: F, idempotency: Idempotency): F & Repeatable => {
  const marked = function (this: unknown, ...args: never[]) {
    return fn.apply(this, args);
  };
  Object.defineProperty(marked, KEY, { value: idempotency });
  return marked as unknown as F & Repeatable;
};

/** Declares that `fn` changes nothing, as a GET does: it may be tried again and hedged. `fn` itself stays as it is. */
export const safe = <F extends AnyFunction>(fn: F): F & Repeatable => mark(fn, 'safe');

/**
 * Declares that to run `fn` twice is as to run it once, as with a PUT or an idempotency key: it may be
 * tried again and hedged. `fn` itself stays as it is.
 */
export const idempotent = <F extends AnyFunction>(fn: F): F & Repeatable => mark(fn, 'idempotent');

/** What `fn` was declared as; undefined if it was not: then it must be run once at most. */
export const idempotencyOf = (fn: unknown): Idempotency | undefined =>
  typeof fn === 'function' ? (fn as Partial<Repeatable>)[KEY] : undefined;
