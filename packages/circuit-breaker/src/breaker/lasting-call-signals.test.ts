import { getEventListeners } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { deafSignal } from '../../test/support/deaf-signal.js';
import { flush } from '../../test/support/deferred.js';
import { CircuitBreaker, executeIterable, executeStream } from '../index.js';
import { ManualClock } from '../testing/manual-clock.js';

const setup = (options: object = {}) => {
  const onListenerError = vi.fn();
  const clock = new ManualClock();
  const breaker = new CircuitBreaker({
    name: 'x',
    openForMs: 1000,
    halfOpen: { trials: 2, maxWaiting: 2 },
    clock,
    onListenerError,
    ...options,
  });
  const controller = new AbortController();
  const { signal } = controller;
  const counts = () => {
    const { inFlight, waiting, totals } = breaker.stats();
    const { succeeded, failed, ignored } = totals;
    return { inFlight, waiting, succeeded, failed, ignored };
  };
  /** Half-open, so that a call may have to wait for a place. */
  const halfOpen = () => {
    breaker.trip();
    clock.advance(1000);
    return breaker.tryAcquire();
  };
  return { breaker, controller, signal, counts, halfOpen, onListenerError };
};

const NONE = { inFlight: 0, waiting: 0, succeeded: 0, failed: 0, ignored: 0 };
const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

async function* letters(): AsyncGenerator<string, string, undefined> {
  let caught: unknown;
  try {
    yield 'a';
  } catch (error) {
    caught = error;
  } finally {
    yield 'last words';
  }
  return String(caught);
}

/** Without a way to end it, or to throw into it. */
const plain = () => ({
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false as const, value: 1 }) }),
});

describe('an iteration that may be aborted', () => {
  it('hands on what return() is given, and what cleaning up still yields', async () => {
    const { breaker, counts, signal } = setup();
    const rows = executeIterable(breaker, letters, { signal });
    await rows.next();
    expect(await rows.return('enough')).toEqual({ done: false, value: 'last words' });
    expect(await rows.next()).toEqual({ done: true, value: 'enough' });
    expect([counts(), listeners(signal)]).toEqual([{ ...NONE, ignored: 1 }, 0]);
  });

  it('hands on what throw() throws in', async () => {
    const { breaker, counts, signal } = setup();
    const rows = executeIterable(breaker, letters, { signal });
    await rows.next();
    expect(await rows.throw('mine')).toEqual({ done: false, value: 'last words' });
    expect(await rows.next()).toEqual({ done: true, value: 'mine' });
    expect([counts(), listeners(signal)]).toEqual([{ ...NONE, succeeded: 1 }, 0]);
  });

  it('ends with what return() is given, once it was aborted', async () => {
    const { breaker, controller, signal } = setup();
    const rows = executeIterable(breaker, letters, { signal });
    await rows.next();
    controller.abort();
    expect(await rows.return('bye')).toEqual({ done: true, value: 'bye' });
    expect(listeners(signal)).toBe(0);
  });

  it('needs no more of its source than that it goes on', async () => {
    const { breaker, counts, controller, signal, onListenerError } = setup();
    const left = executeIterable(breaker, plain, { signal });
    await left.next();
    expect(await left.return(undefined)).toEqual({ done: true, value: undefined });
    const aborted = executeIterable(breaker, plain, { signal });
    await aborted.next();
    let open = (_source: ReturnType<typeof plain>) => {};
    const late = new Promise<ReturnType<typeof plain>>((resolve) => {
      open = resolve;
    });
    executeIterable(breaker, () => late, { signal })
      .next()
      .catch(() => {});
    await flush();
    controller.abort();
    open(plain());
    await flush();
    expect([counts(), listeners(signal)]).toEqual([{ ...NONE, ignored: 3 }, 0]);
    expect(onListenerError).not.toHaveBeenCalled();
  });

  it('ends its source where nothing can be thrown into it', async () => {
    const { breaker, counts, signal } = setup();
    const stop = vi.fn(async () => ({ done: true as const, value: undefined }));
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false as const, value: 1 }),
        return: stop,
      }),
    };
    const rows = executeIterable(breaker, () => source, { signal });
    await rows.next();
    await expect(rows.throw(new Error('mine'))).rejects.toBeInstanceOf(TypeError);
    expect(stop).toHaveBeenCalledTimes(1);
    expect(counts()).toEqual({ ...NONE, ignored: 1 });
  });

  it('is given up in whichever moment the caller aborts it', async () => {
    for (let moment = 0; moment < 12; moment += 1) {
      const { breaker, counts, controller, signal } = setup();
      const step = executeIterable(breaker, () => new Promise<string[]>(() => {}), {
        signal,
      }).next();
      const ended = vi.fn();
      step.catch(ended);
      for (let turn = 0; turn < moment; turn += 1) await Promise.resolve();
      controller.abort();
      await flush();
      expect(ended.mock.calls).toMatchObject([[{ code: 'ABORTED' }]]);
      expect(counts()).toMatchObject({ inFlight: 0, failed: 0, succeeded: 0 });
      expect(listeners(signal)).toBe(0);
    }
  });
});

describe('the signal of an operation', () => {
  it('is aborted already where the consumer stopped while it waited for a place', async () => {
    const { breaker, halfOpen } = setup();
    const trial = halfOpen();
    breaker.tryAcquire();
    let wasAborted: boolean | undefined;
    const rows = executeIterable(breaker, ({ signal }) => {
      wasAborted = signal.aborted;
      return [1];
    });
    const first = rows.next();
    const end = rows.return(undefined);
    trial?.ignore();
    await first;
    await end;
    expect(wasAborted).toBe(true);
  });

  it('is left alone by a return() after the end', async () => {
    const { breaker } = setup();
    let seen: AbortSignal | undefined;
    const rows = executeIterable(breaker, ({ signal }) => {
      seen = signal;
      return [];
    });
    await rows.next();
    await rows.return(undefined);
    expect(seen?.aborted).toBe(false);
  });

  it('that ends a step by itself is no failure, whatever the classifier says', async () => {
    const { breaker, counts } = setup({ classify: () => 'failure' });
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
    await end;
    expect(counts()).toEqual({ ...NONE, ignored: 1 });
  });
});

describe('a stream', () => {
  it('that waits for a place leaves it when its caller aborts', async () => {
    const { breaker, controller, signal, counts, halfOpen } = setup();
    halfOpen();
    breaker.tryAcquire();
    const given = executeStream(breaker, () => new PassThrough(), { signal });
    expect(counts().waiting).toBe(1);
    controller.abort();
    await expect(given).rejects.toMatchObject({ code: 'ABORTED' });
    expect(counts().waiting).toBe(0);
  });

  it('of the web that comes after its caller aborted is cancelled', async () => {
    const { breaker, controller, signal, onListenerError } = setup();
    const cancelled: unknown[] = [];
    const late = new ReadableStream<string>({ cancel: (reason) => void cancelled.push(reason) });
    let open = (_stream: ReadableStream<string>) => {};
    const opening = new Promise<ReadableStream<string>>((resolve) => {
      open = resolve;
    });
    const given = executeStream(breaker, () => opening, { signal });
    await flush();
    controller.abort('enough');
    await expect(given).rejects.toMatchObject({ code: 'ABORTED' });
    open(late);
    await flush();
    expect(cancelled).toMatchObject([{ code: 'ABORTED', cause: 'enough' }]);
    expect(onListenerError).not.toHaveBeenCalled();
  });
});

describe('a signal of one’s own making', () => {
  it('that cannot be listened to keeps no permit', async () => {
    const { breaker, counts } = setup();
    const broken = new Error('not today');
    const signal = deafSignal(broken);
    await expect(executeIterable(breaker, () => [1], { signal }).next()).rejects.toBe(broken);
    expect(counts()).toEqual({ ...NONE, ignored: 1 });
  });

  it('that will not let go ends nothing any more, and is reported', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    try {
      const { breaker, counts, controller, signal } = setup();
      Object.assign(signal, {
        removeEventListener: () => {
          throw new Error('not today');
        },
      });
      let seen: AbortSignal | undefined;
      const rows = executeIterable(
        breaker,
        (context) => {
          seen = context.signal;
          return [];
        },
        { signal },
      );
      expect(await rows.next()).toEqual({ done: true, value: undefined });
      expect(warned.mock.calls.at(-1)?.[0]).toBe(
        "The callback 'signal' failed and was skipped. Error: not today",
      );
      controller.abort();
      expect([seen?.aborted, counts()]).toEqual([false, { ...NONE, succeeded: 1 }]);
    } finally {
      warned.mockRestore();
    }
  });

  it('is nothing that is missed where there is none', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    try {
      const { breaker, counts } = setup();
      await executeIterable(breaker, () => []).next();
      expect([warned.mock.calls, counts()]).toEqual([[], { ...NONE, succeeded: 1 }]);
    } finally {
      warned.mockRestore();
    }
  });
});
