import { InvalidOptionError } from '../errors.js';
import { type Operation, TryContext } from '../operation/operation.js';
import { start } from '../operation/start.js';
import { checkCall, refuseUnknown } from '../validation.js';
import type { CircuitBreaker } from './circuit-breaker.js';
import { LastingCall } from './lasting-call.js';
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
 *
 * The operation's `signal` is aborted when the stream is given up or fails.
 * @param options `signal`: ends it with `ABORTED`, which the breaker ignores: the stream is destroyed, or
 * cancelled at its source, with that error
 */
export const executeStream = async <S extends StreamLike>(
  breaker: CircuitBreaker,
  operation: Operation<S>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<S> => {
  refuseUnknown('', options, ['signal']);
  const { signal } = options;
  checkCall(operation, signal);
  const call = new LastingCall(breaker, await breaker.acquire({ signal }), signal);
  let stream: S;
  try {
    stream = await call.unlessAborted(() => {
      const opening = start(operation, new TryContext(call.scope, 1));
      opening.then(
        (late) => {
          if (call.isAborted) call.whenAborted((error) => giveUp(late, error));
        },
        () => {},
      );
      return opening;
    });
  } catch (error) {
    call.report({ status: 'rejected', error });
    throw error;
  }
  return watch(stream, call);
};

const giveUp = (stream: StreamLike, error: Error): unknown => {
  if (isNodeStream(stream)) {
    // Nobody has it to listen for the error.
    return stream.destroy();
  }
  return isWebStream(stream) ? stream.cancel(error) : undefined;
};

const watch = <S extends StreamLike>(stream: S, call: LastingCall): S => {
  if (isNodeStream(stream)) {
    watchNodeStream(stream, call);
    return stream;
  }
  if (isWebStream(stream)) return watchWebStream(stream, call) as S;
  call.ignore();
  const allowed = 'a function that gives a stream nobody reads yet';
  throw new InvalidOptionError({ option: 'operation', value: stream, allowed });
};
