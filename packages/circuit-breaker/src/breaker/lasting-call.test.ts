import type { EventEmitter } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { flush } from '../../test/support/deferred.js';
import { CircuitBreaker, executeIterable, executeStream } from '../index.js';
import { ManualClock } from '../testing/manual-clock.js';

const setup = () => {
  const onListenerError = vi.fn();
  const clock = new ManualClock();
  const breaker = new CircuitBreaker({ name: 'x', minimumCalls: 3, clock, onListenerError });
  const counts = () => {
    const { inFlight, totals } = breaker.stats();
    const { succeeded, failed, ignored } = totals;
    return { inFlight, succeeded, failed, ignored };
  };
  const controller = new AbortController();
  const { signal } = controller;
  const heard: { signal?: AbortSignal } = {};
  /** Keeps the signal of the operation, and gives `value`. */
  const giving =
    <T>(value: T) =>
    ({ signal }: { readonly signal: AbortSignal }): T => {
      heard.signal = signal;
      return value;
    };
  return { breaker, counts, controller, signal, heard, giving, onListenerError };
};

const NONE = { inFlight: 0, succeeded: 0, failed: 0, ignored: 0 };
const ABORTED = { code: 'ABORTED', cause: 'enough' };
const never = () => new Promise<never>(() => {});

const endless = () => {
  const source = {
    returned: 0,
    isSlow: false,
    next: () => (source.isSlow ? never() : Promise.resolve({ done: false, value: 1 } as const)),
    return: () => {
      source.returned += 1;
      return Promise.resolve({ done: true, value: undefined } as const);
    },
    [Symbol.asyncIterator]: () => source,
  };
  return source;
};

describe('the signal of an operation that iterates', () => {
  it('is aborted by an early end, before anything is cleaned up', async () => {
    const { breaker, counts, heard } = setup();
    const seen: boolean[] = [];
    const rows = executeIterable(breaker, async function* ({ signal }) {
      heard.signal = signal;
      try {
        yield 1;
      } finally {
        seen.push(signal.aborted);
      }
    });
    await rows.next();
    expect(heard.signal?.aborted).toBe(false);
    await rows.return(undefined);
    expect([seen, heard.signal?.reason.name]).toEqual([[true], 'AbortError']);
    expect(counts()).toEqual({ ...NONE, ignored: 1 });
  });

  it('ends a step that is still awaited, which is no failure', async () => {
    const { breaker, counts } = setup();
    const rows = executeIterable(breaker, async function* ({ signal }) {
      yield 1;
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    });
    await rows.next();
    const step = rows.next();
    const end = rows.return(undefined);
    await expect(step).rejects.toMatchObject({ name: 'AbortError' });
    expect(await end).toEqual({ done: true, value: undefined });
    expect(counts()).toEqual({ ...NONE, ignored: 1 });
  });

  it('is not aborted by its own end, and is the aborted one after throw()', async () => {
    const { breaker, heard, giving } = setup();
    for await (const _ of executeIterable(breaker, giving([1])));
    expect(heard.signal?.aborted).toBe(false);
    const rows = executeIterable(breaker, giving(endless()));
    await rows.next();
    await expect(rows.throw(new Error('mine'))).rejects.toBeInstanceOf(Error);
    expect(heard.signal?.aborted).toBe(true);
  });
});

describe('an iteration that its caller aborts', () => {
  it.each([true, false])('ends with ABORTED, while a step is awaited: %s', async (isSlow) => {
    const { breaker, counts, controller, signal, heard, giving } = setup();
    const source = endless();
    const rows = executeIterable(breaker, giving(source), { signal });
    await rows.next();
    source.isSlow = isSlow;
    const step = isSlow ? rows.next() : undefined;
    controller.abort('enough');
    expect(counts()).toEqual({ ...NONE, ignored: 1 });
    await expect(step ?? rows.next()).rejects.toMatchObject(ABORTED);
    expect([heard.signal?.reason, source.returned]).toEqual(['enough', 1]);
    expect(await rows.next()).toEqual({ done: true, value: undefined });
    expect(counts()).toEqual({ ...NONE, ignored: 1 });
  });

  it('may be stopped after that without an error', async () => {
    const { breaker, counts, controller, signal, giving } = setup();
    for await (const _ of executeIterable(breaker, giving(endless()), { signal })) {
      controller.abort('enough');
      break;
    }
    expect(counts()).toEqual({ ...NONE, ignored: 1 });
  });

  it('ends while the operation is awaited, and stops what that gives later', async () => {
    const { breaker, counts, controller, signal, onListenerError } = setup();
    const source = endless();
    let open = (_source: typeof source) => {};
    const opening = new Promise<typeof source>((resolve) => {
      open = resolve;
    });
    const step = executeIterable(breaker, () => opening, { signal }).next();
    await flush();
    controller.abort('enough');
    await expect(step).rejects.toMatchObject(ABORTED);
    open(source);
    await flush();
    expect([source.returned, counts()]).toEqual([1, { ...NONE, ignored: 1 }]);
    expect(onListenerError).not.toHaveBeenCalled();
  });

  it('is not begun once that is aborted', async () => {
    const { breaker, counts, giving, heard } = setup();
    const rows = executeIterable(breaker, giving([1]), { signal: AbortSignal.abort('enough') });
    await expect(rows.next()).rejects.toMatchObject(ABORTED);
    expect([heard.signal, counts()]).toEqual([undefined, NONE]);
  });

  it('passes all through that is not aborted, and keeps no listener', async () => {
    const { breaker, counts, signal } = setup();
    const remove = vi.spyOn(signal, 'removeEventListener');
    const echo = async function* (): AsyncGenerator<string, string, string> {
      return `end ${yield 'a'}`;
    };
    const rows = executeIterable(breaker, echo, { signal });
    expect(await rows.next('x')).toEqual({ done: false, value: 'a' });
    expect(await rows.next('y')).toEqual({ done: true, value: 'end y' });
    const all: number[] = [];
    for await (const one of executeIterable(breaker, () => [Promise.resolve(2)], { signal })) {
      all.push(one);
    }
    expect(all).toEqual([2]);
    expect([remove.mock.calls.length, counts()]).toEqual([2, { ...NONE, succeeded: 2 }]);
  });

  it('has what its source throws at the end reported', async () => {
    const { breaker, controller, signal, giving, onListenerError } = setup();
    const error = new Error('return');
    const source = { ...endless(), return: () => Promise.reject(error) };
    const own = { ...source, [Symbol.asyncIterator]: () => source };
    await executeIterable(breaker, giving(own), { signal }).next();
    controller.abort();
    await flush();
    expect(onListenerError).toHaveBeenCalledExactlyOnceWith({
      kind: 'callback',
      name: 'operation',
      error,
    });
  });

  it('refuses what is no signal, and unknown options', async () => {
    const { breaker, giving } = setup();
    expect(() => executeIterable(breaker, giving([1]), { signal: 1 as never })).toThrow(
      "Option 'signal'",
    );
    expect(() => executeIterable(breaker, giving([1]), { timeoutMs: 1 } as never)).toThrow(
      "Option 'timeoutMs'",
    );
    const stream = executeStream(breaker, giving(Readable.from([1])), { timeoutMs: 1 } as never);
    await expect(stream).rejects.toMatchObject({ option: 'timeoutMs' });
  });
});

describe('a stream of Node', () => {
  it.each([undefined, new Error('mine')])(
    'aborts its operation when destroyed with %s',
    async (error) => {
      const { breaker, heard, giving } = setup();
      const stream = await executeStream(breaker, giving(new PassThrough()));
      const { signal } = heard;
      stream.on('error', () => {}).destroy(error);
      await flush();
      expect(signal?.aborted).toBe(true);
      const whole = await executeStream(breaker, giving(new PassThrough()));
      whole.resume().end();
      await flush();
      expect(heard.signal?.aborted).toBe(false);
    },
  );

  it('is destroyed with ABORTED when its caller aborts', async () => {
    const { breaker, counts, controller, signal, heard, giving } = setup();
    const stream = await executeStream(breaker, giving(new PassThrough()), { signal });
    const errors: unknown[] = [];
    stream.on('error', (error) => errors.push(error));
    controller.abort('enough');
    expect([counts(), heard.signal?.reason]).toEqual([{ ...NONE, ignored: 1 }, 'enough']);
    await flush();
    expect([stream.destroyed, errors]).toMatchObject([true, [ABORTED]]);
    expect(counts()).toEqual({ ...NONE, ignored: 1 });
    expect((stream as EventEmitter).listenerCount('end')).toBe(
      new PassThrough().listenerCount('end'),
    );
  });

  it('that tells nobody of its end gives its permit back by that', async () => {
    const { breaker, counts, controller, signal, giving } = setup();
    const silent = new PassThrough({ emitClose: false });
    (await executeStream(breaker, giving(silent), { signal })).destroy();
    await flush();
    expect(counts()).toEqual({ ...NONE, inFlight: 1 });
    controller.abort();
    expect(counts()).toEqual({ ...NONE, ignored: 1 });
  });

  it('is destroyed, too, if it comes after that', async () => {
    const { breaker, counts, controller, signal } = setup();
    const late = new PassThrough();
    let open = (_stream: PassThrough) => {};
    const opening = new Promise<PassThrough>((resolve) => {
      open = resolve;
    });
    const given = executeStream(breaker, () => opening, { signal });
    await flush();
    controller.abort('enough');
    await expect(given).rejects.toMatchObject(ABORTED);
    open(late);
    await flush();
    expect([late.destroyed, counts()]).toEqual([true, { ...NONE, ignored: 1 }]);
  });
});

describe('a web stream', () => {
  it('aborts its operation when cancelled', async () => {
    const { breaker, heard, giving } = setup();
    const stream = await executeStream(breaker, giving(new ReadableStream()));
    await stream.cancel('why');
    expect(heard.signal?.reason).toBe('why');
  });

  it.each([true, false])(
    'ends with ABORTED when its caller aborts, while read: %s',
    async (isRead) => {
      const { breaker, counts, controller, signal, heard, giving } = setup();
      const cancelled: unknown[] = [];
      const source = new ReadableStream<string>({
        cancel: (reason) => void cancelled.push(reason),
      });
      const reader = (await executeStream(breaker, giving(source), { signal })).getReader();
      const read = isRead ? reader.read() : undefined;
      await flush();
      controller.abort('enough');
      await expect(read ?? reader.read()).rejects.toMatchObject(ABORTED);
      expect([heard.signal?.reason, cancelled]).toMatchObject(['enough', [ABORTED]]);
      await flush();
      expect(counts()).toEqual({ ...NONE, ignored: 1 });
    },
  );
});
