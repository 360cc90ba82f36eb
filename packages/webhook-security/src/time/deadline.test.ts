import { describe, expect, it } from 'vitest';
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
});
