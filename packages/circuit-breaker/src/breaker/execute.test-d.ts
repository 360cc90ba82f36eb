import type { IncomingMessage } from 'node:http';
import type { Duplex, PassThrough, Readable, Writable } from 'node:stream';
import type { ReadableStream as NodeWebStream } from 'node:stream/web';
import { expectTypeOf, test } from 'vitest';
import { type CircuitBreaker, executeIterable, executeStream } from '../index.js';

declare const breaker: CircuitBreaker;
declare const generator: () => AsyncGenerator<number, string, boolean>;
declare const iterable: () => AsyncIterable<number>;

test('an iteration keeps the types of values, of what is sent in and of what is returned', () => {
  expectTypeOf(executeIterable(breaker, generator)).toEqualTypeOf<
    AsyncGenerator<number, string, boolean>
  >();
  expectTypeOf(executeIterable(breaker, async () => generator())).toEqualTypeOf<
    AsyncGenerator<number, string, boolean>
  >();
  expectTypeOf(executeIterable(breaker, iterable)).toEqualTypeOf<
    AsyncGenerator<number, void, undefined>
  >();
  expectTypeOf(executeIterable(breaker, () => [1, 2])).toEqualTypeOf<
    AsyncGenerator<number, void, undefined>
  >();
  executeIterable(breaker, ({ signal }) => {
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    return ['a'];
  });
  // @ts-expect-error -- nothing to iterate
  executeIterable(breaker, () => 1);
});

test('a stream keeps its type', () => {
  type Streams = Readable | Duplex | PassThrough | Writable | IncomingMessage;
  const same = <S extends Streams>(stream: S) => {
    expectTypeOf(executeStream(breaker, () => stream)).toEqualTypeOf<Promise<S>>();
    expectTypeOf(executeStream(breaker, async () => stream)).toEqualTypeOf<Promise<S>>();
  };
  expectTypeOf(same).toBeFunction();
  const web = null as unknown as NodeWebStream<Uint8Array>;
  expectTypeOf(executeStream(breaker, () => web)).toEqualTypeOf<
    Promise<NodeWebStream<Uint8Array>>
  >();
  const global = null as unknown as ReadableStream<string>;
  expectTypeOf(executeStream(breaker, () => global)).toEqualTypeOf<
    Promise<ReadableStream<string>>
  >();
  // @ts-expect-error -- no stream
  void executeStream(breaker, () => 'text');
});
