import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { deferred, flush } from '../../test/support/deferred.js';
import { ManualClock } from '../testing/manual-clock.js';
import { type TimeoutOptions, withTimeout } from './with-timeout.js';

const stuck = () => new Promise<never>(() => {});

describe('withTimeout', () => {
  it('ends as the operation does, and leaves no timer', async () => {
    const clock = new ManualClock();
    const options = { timeoutMs: 100, clock };
    const error = new Error('down');
    await expect(withTimeout(() => 1, options)).resolves.toBe(1);
    await expect(withTimeout(() => Promise.reject(error), options)).rejects.toBe(error);
    await expect(
      withTimeout(() => {
        throw error;
      }, options),
    ).rejects.toBe(error);
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects in time even if the operation does not care, and drops what it still brings', async () => {
    const clock = new ManualClock();
    const late = deferred();
    const call = withTimeout(() => late.promise, { timeoutMs: 100, clock });
    clock.advance(99);
    const seen = vi.fn();
    call.catch(seen);
    await flush();
    expect(seen).not.toHaveBeenCalled();
    clock.advance(1);
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT', timeoutMs: 100 });
    late.reject(new Error('much later'));
    await flush();
    expect(clock.pendingTimers).toBe(0);
  });

  it('aborts the operation’s signal with the same error, which the operation cannot outrun', async () => {
    const clock = new ManualClock();
    let reason: unknown;
    const call = withTimeout(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            reject(new Error('cleaned up'));
          });
        }),
      { timeoutMs: 100, clock },
    );
    clock.advance(100);
    const error = await call.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TIMEOUT' });
    expect(reason).toBe(error);
  });

  it('shows an aborted signal to an operation that first looks at it too late', async () => {
    const clock = new ManualClock();
    let context: { readonly signal: AbortSignal } | undefined;
    const call = withTimeout(
      (given) => {
        context = given;
        return stuck();
      },
      { timeoutMs: 100, clock },
    );
    clock.advance(100);
    await expect(call).rejects.toThrow('within 100 ms');
    expect(context?.signal.aborted).toBe(true);
    expect(context?.signal.reason).toMatchObject({ code: 'TIMEOUT' });
  });

  it('tells a caller’s abort from a timeout, and passes its reason on', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    let reason: unknown;
    const call = withTimeout(
      ({ signal }) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
        });
        return stuck();
      },
      { timeoutMs: 100, clock, signal: controller.signal },
    );
    controller.abort('enough');
    await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(reason).toBe('enough');
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not call the operation if the caller has already aborted', async () => {
    const operation = vi.fn();
    const options = { timeoutMs: 100, signal: AbortSignal.abort('before') };
    await expect(withTimeout(operation, options)).rejects.toMatchObject({ code: 'ABORTED' });
    expect(operation).not.toHaveBeenCalled();
  });

  it('ends only the one call, not others of the same operation', async () => {
    const clock = new ManualClock();
    const aborted: number[] = [];
    const call = (id: number, timeoutMs: number) =>
      withTimeout(
        ({ signal }) => {
          signal.addEventListener('abort', () => aborted.push(id));
          return stuck();
        },
        { timeoutMs, clock },
      ).catch(() => {});
    const first = call(1, 100);
    void call(2, 200);
    clock.advance(100);
    await first;
    expect(aborted).toEqual([1]);
  });

  it('aborts in the async context of its caller', async () => {
    const clock = new ManualClock();
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const listen = ({ signal }: { readonly signal: AbortSignal }) => {
      signal.addEventListener('abort', () => seen.push(storage.getStore()));
      return stuck();
    };
    const call = storage.run('caller', () => withTimeout(listen, { timeoutMs: 100, clock }));
    clock.advance(100);
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(seen).toEqual(['caller']);
  });

  it('works on the machine’s clock', async () => {
    vi.useFakeTimers();
    try {
      const call = withTimeout(stuck, { timeoutMs: 100 });
      call.catch(() => {});
      await vi.advanceTimersByTimeAsync(100);
      await expect(call).rejects.toMatchObject({ code: 'TIMEOUT' });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    [{}, 'timeoutMs'],
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs'],
    [{ timeoutMs: 1, signal: 'now' }, 'signal'],
    [{ timeoutMs: 1, clock: {} }, 'clock'],
    [{ timeoutMs: 1, timeout: 1 }, 'timeout'],
  ])('refuses %o', async (options, option) => {
    await expect(withTimeout(() => 1, options as TimeoutOptions)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      option,
    });
  });
});
