import { describe, expect, it } from 'vitest';
import { setup, setupHalfOpen, succeed } from '../../test/support/breaker-setup.js';
import { flush } from '../../test/support/deferred.js';
import type { BreakerOpenError } from '../errors.js';
import type { CircuitBreaker } from './circuit-breaker.js';

const errorOf = (breaker: CircuitBreaker): Promise<BreakerOpenError> =>
  breaker.execute(succeed).then(
    () => {
      throw new Error('was let through');
    },
    (error: BreakerOpenError) => error,
  );

/** What the process is told of rejections that nobody handles while `work` runs. */
const unhandledIn = async (work: () => void): Promise<unknown[]> => {
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  const told: unknown[] = [];
  process.on('unhandledRejection', (error) => told.push(error));
  try {
    work();
    await flush();
    await flush();
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
  }
  return told;
};

describe('the error of a refused call', () => {
  it('is one for all that are refused between two changes of state', async () => {
    const { breaker } = setup();
    breaker.trip();
    const first = await errorOf(breaker);
    expect(await errorOf(breaker)).toBe(first);
    expect(breaker.openError()).toBe(first);
    expect(() => breaker.executeSync(succeed)).toThrow(first);
    await expect(breaker.acquire()).rejects.toBe(first);
    breaker.trip();
    expect(await errorOf(breaker)).not.toBe(first);
  });

  it('tells the time that is left when it is read', async () => {
    const { breaker, clock } = setup();
    breaker.trip();
    const error = await errorOf(breaker);
    expect(error.retryAfterMs).toBe(1000);
    clock.advance(250);
    expect(error.retryAfterMs).toBe(750);
    clock.advance(749.5);
    expect(error.retryAfterMs).toBe(1);
    clock.advance(10_000);
    expect(error.retryAfterMs).toBe(0);
  });

  it('tells of its own opening, whatever comes after it', async () => {
    const { breaker, clock } = setup();
    breaker.trip();
    const error = await errorOf(breaker);
    breaker.trip({ openForMs: 60_000 });
    clock.advance(400);
    expect(error.retryAfterMs).toBe(600);
    breaker.reset();
    expect(error.retryAfterMs).toBe(600);
  });

  it('tells of a hold and of a ramp-up as it is when it is read, and of no wait once they are over', async () => {
    const { breaker, clock } = setup({ rampUp: { initialShare: 0.1, durationMs: 500 } });
    const hold = breaker.holdOpen();
    const held = await errorOf(breaker);
    expect(held.retryAfterMs).toBe(1000);
    breaker.update({ openForMs: 70 });
    expect(held.retryAfterMs).toBe(70);
    hold.release();
    expect(held.retryAfterMs).toBe(0);
    for (let trial = 0; trial < 3; trial += 1) breaker.tryAcquire()?.success();
    const ramping = await errorOf(breaker);
    expect(ramping).toMatchObject({ reason: 'rampingUp', retryAfterMs: 1000 });
    clock.advance(500);
    expect(breaker.state).toBe('closed');
    expect(ramping.retryAfterMs).toBe(0);
  });

  it('tells while trials run when they are over at the latest, at the time it is read', async () => {
    const { breaker, clock } = await setupHalfOpen({
      halfOpen: { trials: 2, maxDurationMs: 1200 },
    });
    expect(breaker.openError()).toMatchObject({ reason: 'trialsBusy', retryAfterMs: 0 });
    const trial = breaker.tryAcquire();
    const error = await errorOf(breaker);
    expect(error.retryAfterMs).toBe(1000);
    clock.advance(900);
    expect(error.retryAfterMs).toBe(300);
    trial?.success();
    expect(error.retryAfterMs).toBe(0);
  });

  it.each([
    ['open', 'trip'],
    ['heldOpen', 'holdOpen'],
  ] as const)('names the reason %s, the breaker, and no stack', async (reason, open) => {
    const { breaker } = setup();
    breaker[open]();
    const error = await errorOf(breaker);
    expect(error).toMatchObject({ code: 'BREAKER_OPEN', breaker: 'gateway', reason });
    expect(error.stack).not.toContain('\n');
  });

  it('is told to listeners each time, though it is one', async () => {
    const { breaker, clock, heard } = setup();
    breaker.trip();
    heard.length = 0;
    await errorOf(breaker);
    clock.advance(300);
    await errorOf(breaker);
    expect(heard).toEqual([
      ['rejected', { breaker: 'gateway', reason: 'open', retryAfterMs: 1000 }],
      ['rejected', { breaker: 'gateway', reason: 'open', retryAfterMs: 700 }],
    ]);
    expect(breaker.stats().totals.rejected).toBe(2);
  });
});

describe('a refused call that nobody awaits', () => {
  it('is reported as an unhandled rejection, each of them', async () => {
    const { breaker } = setup();
    breaker.trip();
    const told = await unhandledIn(() => {
      void breaker.execute(succeed);
      void breaker.wrap(succeed)();
      void breaker.acquire();
    });
    expect(told).toEqual([breaker.openError(), breaker.openError(), breaker.openError()]);
  });

  it('is not reported where the rejection is shared', async () => {
    const { breaker } = setup({ sharedRejection: true });
    breaker.trip();
    const told = await unhandledIn(() => {
      void breaker.execute(succeed);
      void breaker.acquire();
    });
    expect(told).toEqual([]);
  });

  it('is reported also where it was shut down', async () => {
    const { breaker } = setup();
    breaker.shutDown();
    const told = await unhandledIn(() => void breaker.execute(succeed));
    expect(told).toMatchObject([{ code: 'BREAKER_SHUT_DOWN' }]);
  });
});

describe('a shared rejection', () => {
  it('is one promise for all until the state changes', async () => {
    const { breaker, clock } = setup({ sharedRejection: true });
    breaker.trip();
    const calls = [breaker.execute(succeed), breaker.execute(succeed), breaker.wrap(succeed)()];
    expect(calls[1]).toBe(calls[0]);
    expect(calls[2]).toBe(calls[0]);
    await expect(calls[0]).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
    clock.advance(1000);
    breaker.tryAcquire()?.failure();
    const again = breaker.execute(succeed);
    expect(again).not.toBe(calls[0]);
    await expect(again).rejects.toMatchObject({ retryAfterMs: 1000 });
  });

  it('takes nothing from a caller who handles it', async () => {
    const { breaker } = setup({ sharedRejection: true });
    breaker.trip();
    const handled = await breaker.execute(succeed).catch(() => 'handled');
    expect(handled).toBe('handled');
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
  });
});

describe('refusing', () => {
  it('ends in time although the way that costs no time is taken', async () => {
    const { breaker, clock } = setup();
    breaker.trip();
    clock.advance(999);
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ retryAfterMs: 1 });
    clock.advance(1);
    await expect(breaker.execute(succeed)).resolves.toBe('ok');
  });

  it('checks what it is asked as always', async () => {
    const { breaker } = setup();
    breaker.trip();
    const call = breaker.execute(succeed, { signal: 'x' } as never);
    await expect(call).rejects.toMatchObject({ code: 'INVALID_OPTION', option: 'signal' });
    await expect(breaker.execute(succeed, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(breaker.stats().totals.rejected).toBe(0);
  });
});
