import { InvalidOptionError } from '../errors.js';
import { type Operation, TryContext } from '../operation/operation.js';
import { start } from '../operation/start.js';
import { checkCall, refuseUnknown } from '../validation.js';
import type { CircuitBreaker } from './circuit-breaker.js';
import { defaultClassify } from './default-classify.js';
import { LastingCall } from './lasting-call.js';

/**
 * Gives what `operation` gives, one by one, as one call of the breaker that ends when the iteration does:
 * a success at its end, a failure when it throws, ignored if the consumer stops early (`break`,
 * `return()`, or a `throw()` that ends it). Values, what is sent in by `next(value)` and `throw(error)`,
 * and the return value pass through.
 *
 * Nothing is asked of the breaker before the first `next()`, which rejects with `BREAKER_OPEN` or
 * `BREAKER_SHUT_DOWN` when no call is let through. A consumer that neither comes to the end nor calls
 * `return()`, as `for await` does, keeps its permit.
 *
 * The operation's `signal` is aborted when the consumer stops early, before anything is cleaned up.
 * @param options `signal`: ends the iteration with `ABORTED`, which the breaker ignores; the source's
 * `return()` is called, and not waited for
 * @throws InvalidOptionError if `operation` is no function; if it gives nothing to iterate, `next()` rejects with it
 */
export function executeIterable<T, R, N>(
  breaker: CircuitBreaker,
  operation: Operation<AsyncGenerator<T, R, N>>,
  options?: IterationOptions,
): AsyncGenerator<T, R, N>;
export function executeIterable<T>(
  breaker: CircuitBreaker,
  operation: Operation<AsyncIterable<T> | Iterable<T>>,
  options?: IterationOptions,
): AsyncGenerator<T, void, undefined>;
export function executeIterable(
  breaker: CircuitBreaker,
  operation: Operation<AnyIterable>,
  options: IterationOptions = {},
): AsyncGenerator<unknown, unknown, unknown> {
  refuseUnknown('', options, ['signal']);
  const { signal } = options;
  checkCall(operation, signal);
  const consumer: Consumer = { throwing: 0, stopped: false, call: undefined };
  const generator = iterate(breaker, operation, consumer, signal);
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
    consumer.call?.unwanted();
    return stop(value);
  };
  return generator;
}

interface Consumer {
  /** Calls of `throw()` that are not answered yet. */
  throwing: number;
  /** Whether `return()` was called: what comes after is cleaning up. */
  stopped: boolean;
  /** Once the breaker has let it through. */
  call: LastingCall | undefined;
}

interface IterationOptions {
  readonly signal?: AbortSignal | undefined;
}

type AnyIterable = AsyncIterable<unknown> | Iterable<unknown>;

async function* iterate(
  breaker: CircuitBreaker,
  operation: Operation<AnyIterable>,
  consumer: Consumer,
  signal: AbortSignal | undefined,
): AsyncGenerator<unknown, unknown, unknown> {
  const call = new LastingCall(breaker, await breaker.acquire({ signal }), signal);
  consumer.call = call;
  if (consumer.stopped) call.unwanted();
  try {
    const source = await call.unlessAborted(() => {
      const opening = start(operation, new TryContext(call.scope, 1));
      opening.then(
        (late) => {
          if (call.isAborted) call.whenAborted(() => begin(checkIterable(late)).return?.());
        },
        () => {},
      );
      return opening;
    });
    checkIterable(source);
    const value: unknown = yield* signal === undefined ? source : interruptible(source, call);
    if (!consumer.stopped) call.report({ status: 'fulfilled', value });
    return value;
  } catch (error) {
    // What comes out of the consumer's own `throw()`, or of giving up, says nothing about the other side.
    const settled = { status: 'rejected', error } as const;
    const isOwn = consumer.stopped && defaultClassify(settled) === 'ignored';
    if (consumer.throwing === 0 && !isOwn) call.report(settled);
    throw error;
  } finally {
    // Does nothing after a report: the consumer stopped early.
    call.ignore();
  }
}

const begin = (source: AnyIterable): AsyncIterator<unknown, unknown, unknown> => {
  if (Symbol.asyncIterator in Object(source)) {
    return (source as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  }
  return (async function* () {
    return yield* source;
  })();
};

/** The same iteration, of which every step ends with `ABORTED` once the caller aborts the call. */
const interruptible = (source: AnyIterable, call: LastingCall): AsyncIterable<unknown> => {
  const iterator = begin(source);
  call.whenAborted(() => iterator.return?.());
  const steps: AsyncIterator<unknown, unknown, unknown> = {
    next: (sent) => call.unlessAborted(() => iterator.next(sent)),
  };
  const stop = iterator.return?.bind(iterator);
  if (stop !== undefined) {
    steps.return = async (value) =>
      call.isAborted ? { done: true, value: await value } : call.unlessAborted(() => stop(value));
  }
  const throwIn = iterator.throw?.bind(iterator);
  if (throwIn !== undefined) {
    steps.throw = (error) => call.unlessAborted(() => throwIn(error));
  }
  return { [Symbol.asyncIterator]: () => steps };
};

const checkIterable = (value: AnyIterable): AnyIterable => {
  const { [Symbol.asyncIterator]: begin, [Symbol.iterator]: beginSync } = Object(value) as Partial<
    AsyncIterable<unknown> & Iterable<unknown>
  >;
  if (typeof begin === 'function' || typeof beginSync === 'function') return value;
  const allowed = 'a function that gives something to iterate';
  throw new InvalidOptionError({ option: 'operation', value, allowed });
};
