import { InvalidOptionError } from '../errors.js';
import { type Operation, TryContext } from '../operation/operation.js';
import { ENDLESS } from '../operation/scope.js';
import { checkCall } from '../validation.js';
import type { CircuitBreaker } from './circuit-breaker.js';

/**
 * Gives what `operation` gives, one by one, as one call of the breaker that ends when the iteration does:
 * a success at its end, a failure when it throws, ignored if the consumer stops early (`break`,
 * `return()`, or a `throw()` that ends it). Values, what is sent in by `next(value)` and `throw(error)`,
 * and the return value pass through.
 *
 * Nothing is asked of the breaker before the first `next()`, which rejects with `BREAKER_OPEN` or
 * `BREAKER_SHUT_DOWN` when no call is let through. A consumer that neither comes to the end nor calls
 * `return()`, as `for await` does, keeps its permit.
 * @throws InvalidOptionError if `operation` is no function; if it gives nothing to iterate, `next()` rejects with it
 */
export function executeIterable<T, R, N>(
  breaker: CircuitBreaker,
  operation: Operation<AsyncGenerator<T, R, N>>,
): AsyncGenerator<T, R, N>;
export function executeIterable<T>(
  breaker: CircuitBreaker,
  operation: Operation<AsyncIterable<T> | Iterable<T>>,
): AsyncGenerator<T, void, undefined>;
export function executeIterable(
  breaker: CircuitBreaker,
  operation: Operation<AnyIterable>,
): AsyncGenerator<unknown, unknown, unknown> {
  checkCall(operation, undefined);
  const consumer: Consumer = { throwing: 0, stopped: false };
  const generator = iterate(breaker, operation, consumer);
  const throwIn = generator.throw.bind(generator);
  const stop = generator.return.bind(generator);
  generator.throw = (error) => {
    consumer.throwing += 1;
    const answered = () => {
      consumer.throwing -= 1;
    };
    const answer = throwIn(error);
    answer.then(answered, answered);
    return answer;
  };
  generator.return = (value) => {
    consumer.stopped = true;
    return stop(value);
  };
  return generator;
}

interface Consumer {
  /** Calls of `throw()` that are not answered yet. */
  throwing: number;
  /** Whether `return()` was called: what comes after is cleaning up. */
  stopped: boolean;
}

type AnyIterable = AsyncIterable<unknown> | Iterable<unknown>;

async function* iterate(
  breaker: CircuitBreaker,
  operation: Operation<AnyIterable>,
  consumer: Readonly<Consumer>,
): AsyncGenerator<unknown, unknown, unknown> {
  const permit = await breaker.acquire();
  try {
    const value: unknown = yield* checkIterable(await operation(new TryContext(ENDLESS, 1)));
    if (!consumer.stopped) permit.report({ status: 'fulfilled', value });
    return value;
  } catch (error) {
    // What comes out of the consumer's own `throw()` says nothing about the other side.
    if (consumer.throwing === 0) permit.report({ status: 'rejected', error });
    throw error;
  } finally {
    // Does nothing after a report: the consumer stopped early.
    permit.ignore();
  }
}

const checkIterable = (value: AnyIterable): AnyIterable => {
  const { [Symbol.asyncIterator]: begin, [Symbol.iterator]: beginSync } = Object(value) as Partial<
    AsyncIterable<unknown> & Iterable<unknown>
  >;
  if (typeof begin === 'function' || typeof beginSync === 'function') return value;
  const allowed = 'a function that gives something to iterate';
  throw new InvalidOptionError({ option: 'operation', value, allowed });
};
