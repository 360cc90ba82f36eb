import { describe, expect, it, vi } from 'vitest';
import { WebhookSecurityError } from '../errors.js';
import { ManualClock } from '../testing/manual-clock.js';
import { withDeadline } from './deadline.js';

const options = (clock: object) => ({
  clock: clock as ManualClock,
  timeoutMs: 100,
  expired: () => new WebhookSecurityError('STORE_TIMEOUT', 'too late'),
});
const never = () => new Promise<never>(() => {});

describe('a deadline', () => {
  it.each<[string, unknown]>([
    ['gives no way to cancel', undefined],
    ['gives nonsense to cancel with', 7],
    [
      'cannot cancel',
      () => {
        throw new Error('no such timer');
      },
    ],
  ])('on a clock that %s gives out the result and the error', async (_how, cancel) => {
    let fire = () => {};
    const clock = {
      setTimer: (callback: () => void) => {
        fire = callback;
        return cancel;
      },
    };
    const error = new Error('down');
    await expect(withDeadline(async () => 'done', options(clock))).resolves.toBe('done');
    expect(fire).not.toThrow();
    await expect(withDeadline(() => Promise.reject(error), options(clock))).rejects.toBe(error);
    const silent = withDeadline(never, options(clock));
    fire();
    await expect(silent).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
  });

  it('on a clock that sets no timer rejects without calling anything', async () => {
    let calls = 0;
    const clock = {
      setTimer: () => {
        throw new Error('no time');
      },
    };
    const call = withDeadline(async () => {
      calls += 1;
    }, options(clock));
    await expect(call).rejects.toThrow('no time');
    expect(calls).toBe(0);
  });

  it('leaves no timer and no rejection behind', async () => {
    const clock = new ManualClock();
    let failLate = (_error: Error) => {};
    const late = withDeadline(
      () =>
        new Promise<never>((_resolve, reject) => {
          failLate = reject;
        }),
      options(clock),
    );
    clock.advance(100);
    await expect(late).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
    failLate(new Error('much later'));
    await withDeadline(async () => 1, options(clock));
    expect(clock.pendingTimers).toBe(0);
  });

  it('is over once: later it makes no error and cancels nothing more', async () => {
    let fire = () => {};
    const cancel = vi.fn();
    const expired = vi.fn(options({}).expired);
    const clock = {
      setTimer: (callback: () => void) => {
        fire = callback;
        return cancel;
      },
    };
    await withDeadline(async () => 'done', { ...options(clock), expired });
    fire();
    expect(expired).not.toHaveBeenCalled();
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('tells of a value that comes too late, where anybody wants to know', async () => {
    const late = vi.fn();
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    try {
      for (const wish of [{ late }, {}]) {
        const clock = new ManualClock();
        let giveLate = (_value: string) => {};
        const operation = new Promise<string>((resolve) => {
          giveLate = resolve;
        });
        const call = withDeadline(() => operation, { ...options(clock), ...wish });
        clock.advance(100);
        await expect(call).rejects.toMatchObject({ code: 'STORE_TIMEOUT' });
        giveLate('much later');
        await new Promise(setImmediate);
      }
    } finally {
      process.off('unhandledRejection', unhandled);
    }
    expect(late).toHaveBeenCalledExactlyOnceWith('much later');
    expect(unhandled).not.toHaveBeenCalled();
  });
});
