import { EventEmitter } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Duplex, PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flush } from '../../test/support/deferred.js';
import { CircuitBreaker, executeStream, type Settled } from '../index.js';
import { ManualClock } from '../testing/manual-clock.js';

const down = new Error('down');

const make = (options = {}) =>
  new CircuitBreaker({ name: 'files', minimumCalls: 3, clock: new ManualClock(), ...options });

const totals = (breaker: CircuitBreaker) => {
  const { inFlight, totals } = breaker.stats();
  const { succeeded, failed, ignored } = totals;
  return { inFlight, succeeded, failed, ignored };
};
/** What the breaker's classifier is asked about. */
const settledOf = () => {
  const settled: Settled[] = [];
  const breaker = make({
    classify: (one: Settled) => {
      settled.push(one);
      return 'ignored';
    },
  });
  return { breaker, settled };
};
const ONE = { inFlight: 0, succeeded: 0, failed: 0, ignored: 0 };

const listenersOf = (stream: EventEmitter) =>
  [...stream.eventNames()].flatMap((event) => stream.listeners(event)).length;

describe('a stream of Node through a breaker', () => {
  it('is handed on itself, and counts as a success at its end', async () => {
    const breaker = make();
    const source = Readable.from(['a', 'b']);
    const stream = await executeStream(breaker, () => source);
    expect(stream).toBe(source);
    expect(totals(breaker)).toEqual({ ...ONE, inFlight: 1 });
    expect(await text(stream)).toBe('ab');
    await flush();
    expect(totals(breaker)).toEqual({ ...ONE, succeeded: 1 });
  });

  it('keeps no listener of it', async () => {
    const source = new PassThrough();
    const before = listenersOf(source);
    const stream = await executeStream(make(), () => source);
    expect(listenersOf(source)).toBe(before + 3);
    stream.resume().end();
    await flush();
    expect(listenersOf(source)).toBe(before);
  });

  it('does not begin to flow by it', async () => {
    const stream = await executeStream(make(), () => Readable.from(['a']));
    await flush();
    expect(stream.readableFlowing).toBeNull();
  });

  it('counts as a failure by its error, once', async () => {
    const breaker = make();
    const stream = await executeStream(breaker, () => new PassThrough());
    stream.on('error', () => {});
    stream.destroy(down);
    await flush();
    expect(totals(breaker)).toEqual({ ...ONE, failed: 1 });
  });

  it('leaves an error that nobody listens to unhandled', async () => {
    const stream = await executeStream(make(), () => new PassThrough());
    expect(stream.listenerCount('error')).toBe(0);
    stream.destroy();
  });

  it('has its breaker’s classifier judge its end or its error', async () => {
    const { breaker, settled } = settledOf();
    const good = await executeStream(breaker, () => new PassThrough());
    good.resume().end();
    await flush();
    const bad = await executeStream(breaker, () => new PassThrough());
    bad.on('error', () => {}).destroy(down);
    await flush();
    const thrown = () => Promise.reject(down);
    await expect(executeStream(breaker, thrown)).rejects.toBe(down);
    expect(settled).toEqual([
      { status: 'fulfilled', value: good },
      { status: 'rejected', error: down },
      { status: 'rejected', error: down },
    ]);
  });

  it('is ignored when it is destroyed before its end, or aborted', async () => {
    const breaker = make();
    const stream = await executeStream(breaker, () => new PassThrough());
    stream.destroy();
    const aborted = await executeStream(breaker, () => new PassThrough());
    const controller = new AbortController();
    const piped = pipeline(aborted, new PassThrough(), { signal: controller.signal });
    controller.abort();
    await expect(piped).rejects.toMatchObject({ name: 'AbortError' });
    await flush();
    expect(totals(breaker)).toEqual({ ...ONE, ignored: 2 });
  });

  it('ends, if duplex, when there is nothing more to read', async () => {
    const breaker = make();
    const stream = await executeStream(
      breaker,
      () => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() }),
    );
    stream.resume();
    stream.end('question');
    await flush();
    expect(totals(breaker).inFlight).toBe(1);
    stream.push(null);
    await flush();
    expect(totals(breaker)).toEqual({ ...ONE, succeeded: 1 });
  });

  it('ends, if only written to, when all is written', async () => {
    const breaker = make();
    const stream = await executeStream(
      breaker,
      () => new Writable({ autoDestroy: false, write: (_chunk, _encoding, done) => done() }),
    );
    stream.end('all');
    await flush();
    expect(totals(breaker)).toEqual({ ...ONE, succeeded: 1 });
  });

  it('counts one that was over when it came', async () => {
    const breaker = make();
    const ended = new PassThrough({ autoDestroy: false });
    ended.resume().end();
    const broken = new PassThrough();
    broken.on('error', () => {});
    broken.destroy(down);
    const gone = new PassThrough().destroy();
    await flush();
    for (const over of [ended, broken, gone]) await executeStream(breaker, () => over);
    expect(totals(breaker)).toEqual({ inFlight: 0, succeeded: 1, failed: 1, ignored: 1 });
  });

  it('counts by its error alone where the stream is of another make', async () => {
    const breaker = make();
    class Other extends EventEmitter {
      read() {}
      destroy() {}
    }
    const failing = await executeStream(breaker, () => new Other());
    failing.on('error', () => {});
    failing.emit('error', down);
    failing.emit('end');
    failing.emit('close');
    const ending = await executeStream(breaker, () => new Other());
    ending.emit('end');
    ending.emit('close');
    const closing = await executeStream(breaker, () => new Other());
    closing.emit('close');
    expect(totals(breaker)).toEqual({ inFlight: 0, succeeded: 1, failed: 1, ignored: 1 });
  });

  it('counts once, by what comes first, whatever it tells and how often', async () => {
    class Other extends EventEmitter {
      errored: unknown = undefined;
      read() {}
      destroy() {}
    }
    const told = fc.array(fc.constantFrom('end', 'error', 'close'), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(told, async (events) => {
        const breaker = make();
        const stream = await executeStream(breaker, () => new Other());
        stream.on('error', () => {});
        for (const event of events) stream.emit(event, down);
        const counted = { end: 'succeeded', error: 'failed', close: 'ignored' } as const;
        expect(totals(breaker)).toEqual({ ...ONE, [counted[events[0] ?? 'end']]: 1 });
        expect(listenersOf(stream)).toBe(1);
      }),
      { numRuns: 50 },
    );
  });

  it('fails when the server breaks off in the middle, though nobody listens for the error', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const breaker = make();
      const { port } = server.address() as AddressInfo;
      const response = await executeStream(
        breaker,
        () =>
          new Promise<IncomingMessage>((resolve, reject) => {
            get({ port, host: '127.0.0.1', agent: false }, resolve).on('error', reject);
          }),
      );
      response.resume();
      await new Promise((resolve) => response.on('close', resolve));
      expect(totals(breaker)).toEqual({ ...ONE, failed: 1 });
    } finally {
      server.close();
    }
  });
});

interface Byob {
  readonly byobRequest?: { respond(bytes: number): void } | null;
}

describe('a web stream through a breaker', () => {
  const of = (...chunks: string[]) =>
    new ReadableStream<string>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });

  it('gives the same chunks, and counts as a success at its end', async () => {
    const breaker = make();
    const stream = await executeStream(breaker, () => of('a', 'b'));
    const reader = stream.getReader();
    expect(await reader.read()).toEqual({ done: false, value: 'a' });
    expect(totals(breaker)).toEqual({ ...ONE, inFlight: 1 });
    expect(await reader.read()).toEqual({ done: false, value: 'b' });
    expect(await reader.read()).toEqual({ done: true, value: undefined });
    await reader.closed;
    expect(totals(breaker)).toEqual({ ...ONE, succeeded: 1 });
  });

  it('is read no faster than its consumer reads', async () => {
    let pulled = 0;
    const source = new ReadableStream<number>(
      {
        pull(controller) {
          pulled += 1;
          controller.enqueue(pulled);
        },
      },
      { highWaterMark: 0 },
    );
    const stream = await executeStream(make(), () => source);
    await flush();
    expect(pulled).toBe(0);
    const reader = stream.getReader();
    await reader.read();
    await flush();
    expect(pulled).toBe(1);
  });

  it('counts as a failure by its error, which comes through untouched', async () => {
    const breaker = make({ minimumCalls: 1 });
    let fail = (_error: Error) => {};
    const source = new ReadableStream<string>({
      start(controller) {
        controller.enqueue('a');
        fail = (error) => controller.error(error);
      },
    });
    const stream = await executeStream(breaker, () => source);
    const reader = stream.getReader();
    await reader.read();
    const read = reader.read().catch((error: unknown) => [error, breaker.state]);
    fail(down);
    expect(await read).toEqual([down, 'open']);
    await expect(reader.closed).rejects.toBe(down);
    expect(totals(breaker)).toEqual({ ...ONE, failed: 1 });
  });

  it('counts an error, and an end, also while nobody reads', async () => {
    const { breaker, settled } = settledOf();
    await executeStream(breaker, () => of());
    const broken = await executeStream(
      breaker,
      () => new ReadableStream({ start: (controller) => controller.error(down) }),
    );
    await expect(broken.getReader().closed).rejects.toBe(down);
    expect(settled).toEqual([
      { status: 'fulfilled', value: undefined },
      { status: 'rejected', error: down },
    ]);
  });

  it('has ended with its last chunk, if that was known to be the last', async () => {
    const breaker = make();
    const reader = (await executeStream(breaker, () => of('all'))).getReader();
    await reader.read();
    expect(totals(breaker)).toEqual({ ...ONE, succeeded: 1 });
  });

  it('ends while nobody reads, after some was read', async () => {
    const breaker = make();
    let close = () => {};
    const source = new ReadableStream<string>({
      start(controller) {
        controller.enqueue('a');
        close = () => controller.close();
      },
    });
    const reader = (await executeStream(breaker, () => source)).getReader();
    await reader.read();
    close();
    await reader.closed;
    expect(totals(breaker)).toEqual({ ...ONE, succeeded: 1 });
  });

  it('ends within an element of a reader’s own buffer as any stream does: by an error there', async () => {
    const breaker = make();
    const source = () =>
      new ReadableStream({
        type: 'bytes',
        start(controller) {
          controller.enqueue(new Uint8Array([1]));
          controller.close();
        },
      });
    const reader = (await executeStream(breaker, source)).getReader({ mode: 'byob' });
    await expect(reader.read(new Uint16Array(1))).rejects.toBeInstanceOf(TypeError);
    expect(totals(breaker)).toEqual({ ...ONE, succeeded: 1 });
  });

  it('is ignored when it is cancelled, and the source is told why', async () => {
    const breaker = make();
    const reasons: unknown[] = [];
    const source = () =>
      new ReadableStream<string>({
        pull: (controller) => controller.enqueue('more'),
        cancel: (reason) => {
          reasons.push(reason);
        },
      });
    const stream = await executeStream(breaker, source);
    await stream.cancel('enough');
    for await (const chunk of await executeStream(breaker, source)) {
      expect(chunk).toBe('more');
      break;
    }
    const reading = (await executeStream(breaker, source)).getReader();
    const pending = reading.read();
    await reading.cancel('while reading');
    await pending;
    await flush();
    expect(reasons).toEqual(['enough', undefined, 'while reading']);
    expect(totals(breaker)).toEqual({ ...ONE, ignored: 3 });
  });

  it('stays a stream of bytes that fills a reader’s own buffer', async () => {
    const breaker = make();
    const chunks = [new Uint8Array([1, 2, 3]), new Uint8Array([4])];
    const source = () =>
      new ReadableStream({
        type: 'bytes',
        pull(controller) {
          const chunk = chunks.shift();
          if (chunk !== undefined) controller.enqueue(chunk);
          else {
            controller.close();
            const { byobRequest } = controller as unknown as Byob;
            byobRequest?.respond(0);
          }
        },
      });
    const stream = await executeStream(breaker, source);
    const reader = stream.getReader({ mode: 'byob' });
    const read = async () => {
      const { done, value } = await reader.read(new Uint8Array(2));
      return [done, [...(value ?? [])]];
    };
    expect(await read()).toEqual([false, [1, 2]]);
    expect(await read()).toEqual([false, [3]]);
    expect(await read()).toEqual([false, [4]]);
    expect(await read()).toEqual([true, []]);
    expect(totals(breaker)).toEqual({ ...ONE, succeeded: 1 });
  });

  it('gives whatever chunks there are, and counts as they end', async () => {
    const end = fc.constantFrom('succeeded', 'failed');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string()), end, fc.nat(3), async (chunks, ending, ahead) => {
        const breaker = make();
        const left = [...chunks];
        const source = () =>
          new ReadableStream<string>(
            {
              pull(controller) {
                const chunk = left.shift();
                if (chunk !== undefined) controller.enqueue(chunk);
                else if (ending === 'succeeded') controller.close();
                else controller.error(down);
              },
            },
            { highWaterMark: ahead },
          );
        const read: string[] = [];
        const reader = (await executeStream(breaker, source)).getReader();
        const end = await (async () => {
          for (;;) {
            const { done, value } = await reader.read();
            if (done) return undefined;
            read.push(value);
          }
        })().catch((error: unknown) => error);
        expect(end).toBe(ending === 'failed' ? down : undefined);
        // An error overtakes the chunks a source has read ahead: so it is without a breaker too.
        const all = end === undefined || ahead === 0 ? chunks : chunks.slice(0, read.length);
        expect(read).toEqual(all);
        expect(totals(breaker)).toEqual({ ...ONE, [ending]: 1 });
      }),
      { numRuns: 50 },
    );
  });

  it('can be read by what reads streams', async () => {
    const breaker = make();
    const stream = await executeStream(breaker, () => new Response('the body').body ?? of());
    expect(await new Response(stream as never).text()).toBe('the body');
    expect(totals(breaker)).toEqual({ ...ONE, succeeded: 1 });
  });
});

describe('what gives no stream', () => {
  it('is refused while the breaker is open, without being called', async () => {
    const breaker = make();
    breaker.holdOpen();
    const refused = executeStream(breaker, () => {
      throw new Error('called');
    });
    await expect(refused).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
  });

  it('counts by its error', async () => {
    const breaker = make();
    const thrown = () => {
      throw down;
    };
    await expect(executeStream(breaker, thrown)).rejects.toBe(down);
    await expect(executeStream(breaker, () => Promise.reject(down))).rejects.toBe(down);
    expect(totals(breaker)).toEqual({ ...ONE, failed: 2 });
  });

  it('is refused, and says nothing about the other side', async () => {
    const breaker = make();
    const locked = new ReadableStream();
    locked.getReader();
    const method = () => {};
    const nothings: unknown[] = [undefined, null, 1, {}, locked, [1]];
    nothings.push({ on: method, removeListener: method }, { locked: false, cancel: method });
    nothings.push({ locked: false, getReader: method });
    for (const nothing of nothings as never[]) {
      await expect(executeStream(breaker, () => nothing)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        option: 'operation',
        allowed: 'a function that gives a stream nobody reads yet',
      });
    }
    await expect(executeStream(breaker, 'stream' as never)).rejects.toThrow("Option 'operation'");
    expect(totals(breaker)).toEqual({ ...ONE, ignored: 9 });
  });
});
