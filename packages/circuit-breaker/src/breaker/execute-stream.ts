import { InvalidOptionError } from '../errors.js';
import { type Operation, TryContext } from '../operation/operation.js';
import { ENDLESS } from '../operation/scope.js';
import { start } from '../operation/start.js';
import { checkCall } from '../validation.js';
import type { CircuitBreaker } from './circuit-breaker.js';
import type { Permit } from './permit.js';
import { isNodeStream, type NodeStreamLike, watchNodeStream } from './watch-node-stream.js';
import { isWebStream, type WebStreamLike, watchWebStream } from './watch-web-stream.js';

/** A stream of Node (`Readable`, `Duplex`, `Writable`) or of the web (`ReadableStream`). */
export type StreamLike = NodeStreamLike | WebStreamLike;

/**
 * Gives the stream that `operation` gives, as one call of the breaker that ends when the stream does: a
 * success at its end, a failure by its error (or if `operation` gives no stream at all but an error),
 * ignored if the consumer gives it up: `destroy()` without an error, `cancel()`. Counted exactly once.
 *
 * A stream of Node is handed on itself; a duplex one ends when there is nothing more to read. A
 * `ReadableStream` can only be watched by its reader, so another one of the same kind is handed on, with the same chunks
 * at the same pace, errors and all.
 *
 * Rejects with `BREAKER_OPEN` or `BREAKER_SHUT_DOWN` when no call is let through, and with `INVALID_OPTION`
 * for what is no function, or gives no stream that can be read. A stream that is neither read to its end
 * nor given up keeps its permit.
 */
export const executeStream = async <S extends StreamLike>(
  breaker: CircuitBreaker,
  operation: Operation<S>,
): Promise<S> => {
  checkCall(operation, undefined);
  const permit = await breaker.acquire();
  let stream: S;
  try {
    stream = await start(operation, new TryContext(ENDLESS, 1));
  } catch (error) {
    permit.report({ status: 'rejected', error });
    throw error;
  }
  return watch(stream, permit);
};

const watch = <S extends StreamLike>(stream: S, permit: Permit): S => {
  if (isNodeStream(stream)) {
    watchNodeStream(stream, permit);
    return stream;
  }
  if (isWebStream(stream)) return watchWebStream(stream, permit) as S;
  permit.ignore();
  const allowed = 'a function that gives a stream nobody reads yet';
  throw new InvalidOptionError({ option: 'operation', value: stream, allowed });
};
