import { checkCall } from '../validation.js';

/** What a repeatable function says of itself: it changes nothing, or doing it twice is as doing it once. */
export type Idempotency = 'safe' | 'idempotent';

/** The same key in every copy of this package. */
const KEY: unique symbol = Symbol.for('@nestcms/circuit-breaker.idempotency');

/** Declared by {@link safe} or {@link idempotent}: may be run more than once. */
export interface Repeatable {
  readonly [KEY]: Idempotency;
}

type AnyFunction = (...args: never[]) => unknown;

const declare = <F extends AnyFunction>(fn: F, idempotency: Idempotency): F & Repeatable => {
  checkCall(fn, undefined);
  const declared = function (this: unknown, ...args: never[]) {
    return fn.apply(this, args);
  };
  mark(declared, idempotency);
  return declared as unknown as F & Repeatable;
};

const mark = (fn: AnyFunction, idempotency: Idempotency): void => {
  Object.defineProperty(fn, KEY, { value: idempotency });
};

/**
 * Declares that `fn` changes nothing, as a GET does: it may be tried again and hedged. `fn` itself stays as it is.
 * @throws InvalidOptionError for what is no function
 */
export const safe = <F extends AnyFunction>(fn: F): F & Repeatable => declare(fn, 'safe');

/**
 * Declares that to run `fn` twice is as to run it once, as with a PUT or an idempotency key: it may be
 * tried again and hedged. `fn` itself stays as it is.
 * @throws InvalidOptionError for what is no function
 */
export const idempotent = <F extends AnyFunction>(fn: F): F & Repeatable =>
  declare(fn, 'idempotent');

/** What `fn` was declared as; undefined if it was not: then it must be run once at most. */
export const idempotencyOf = (fn: unknown): Idempotency | undefined =>
  typeof fn === 'function' ? (fn as Partial<Repeatable>)[KEY] : undefined;

/** Gives `wrapper`, which calls `fn` and little else, what `fn` was declared as. */
export const declaredAs = <W extends AnyFunction>(wrapper: W, fn: unknown): W => {
  const idempotency = idempotencyOf(fn);
  if (idempotency !== undefined) mark(wrapper, idempotency);
  return wrapper;
};
