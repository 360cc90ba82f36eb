import type { CircuitBreaker } from '@nestcms/circuit-breaker';
import type { Collection, Document } from 'mongodb';

type Callable = (...args: unknown[]) => unknown;

/** Cursor methods that talk to the server. */
const CURSOR_CALLS = new Set<PropertyKey>([
  'toArray',
  'next',
  'tryNext',
  'hasNext',
  'forEach',
  'count',
  'explain',
]);
/** Collection methods that give a cursor and talk to nobody yet. */
const CURSORS = new Set<PropertyKey>(['find', 'aggregate']);
/** Collection methods that give neither a promise nor a cursor of documents. */
const PLAIN = new Set<PropertyKey>([
  'watch',
  'listIndexes',
  'listSearchIndexes',
  'initializeOrderedBulkOp',
  'initializeUnorderedBulkOp',
  'withSession',
]);

/**
 * The collection with every call to the server run through the breaker. A call that belongs to a transaction is left
 * alone: the transaction as a whole holds a permit already.
 */
export function guardCollection<T extends Document>(
  collection: Collection<T>,
  breaker: CircuitBreaker,
): Collection<T> {
  return new Proxy(collection, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      const method = (value as Callable).bind(target);
      if (PLAIN.has(property)) return method;
      if (CURSORS.has(property)) {
        return (...args: unknown[]) => {
          const cursor = method(...args) as object;
          return inTransaction(args) ? cursor : guardCursor(cursor, breaker);
        };
      }
      return (...args: unknown[]) =>
        inTransaction(args) ? method(...args) : breaker.execute(() => method(...args));
    },
  });
}

function guardCursor(cursor: object, breaker: CircuitBreaker): object {
  const guarded: object = new Proxy(cursor, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      const method = (value as Callable).bind(target);
      if (CURSOR_CALLS.has(property)) {
        return (...args: unknown[]) => breaker.execute(() => method(...args));
      }
      return (...args: unknown[]) => {
        const result = method(...args);
        return result === target ? guarded : result;
      };
    },
  });
  return guarded;
}

function inTransaction(args: readonly unknown[]): boolean {
  return args.some(
    (argument) =>
      (
        argument as { session?: { inTransaction?(): boolean } } | null | undefined
      )?.session?.inTransaction?.() === true,
  );
}
