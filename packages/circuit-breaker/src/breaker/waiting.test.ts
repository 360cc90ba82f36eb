import { describe, expect, it, vi } from 'vitest';
import { setupHalfOpen, succeed } from '../../test/support/breaker-setup.js';
import { deferred, flush } from '../../test/support/deferred.js';
import type { CircuitBreaker } from './circuit-breaker.js';
import type { Permit } from './permit.js';

const waiting = { trials: 2, maxWaiting: 2, maxWaitMs: 500 };

/** A half-open breaker with one trial that runs, and room for two that wait. */
const setup = async (halfOpen: object = {}, options: object = {}) => {
  const parts = await setupHalfOpen({ halfOpen: { ...waiting, ...halfOpen }, ...options });
  const trial = parts.breaker.tryAcquire();
  parts.heard.length = 0;
  return { ...parts, trial };
};

describe('waiting for a trial’s place', () => {
  it('is off by default: callers are refused at once', async () => {
    const { breaker } = await setupHalfOpen({ halfOpen: { trials: 2 } });
    breaker.tryAcquire();
    expect(breaker.mayWait).toBe(false);
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ reason: 'trialsBusy' });
    await expect(breaker.acquire()).rejects.toMatchObject({ reason: 'trialsBusy' });
  });

  it('hands the place on to those that came first, in order', async () => {
    const { breaker, trial } = await setup({ trials: 3 });
    const started: string[] = [];
    const run = (name: string) =>
      breaker.execute(() => {
        started.push(name);
        return name;
      });
    const calls = [run('first'), run('second')];
    expect(breaker.stats()).toMatchObject({ waiting: 2, inFlight: 1 });
    await flush();
    expect(started).toEqual([]);
    trial?.success();
    await expect(Promise.all(calls)).resolves.toEqual(['first', 'second']);
    expect(started).toEqual(['first', 'second']);
    expect(breaker.stats()).toMatchObject({ state: 'closed', waiting: 0, inFlight: 0 });
  });

  it('hands the place on after a trial that is ignored', async () => {
    const { breaker, trial } = await setup();
    const call = breaker.execute(succeed);
    trial?.ignore();
    await expect(call).resolves.toBe('ok');
    expect(breaker.stats()).toMatchObject({ state: 'halfOpen', trials: { succeeded: 1 } });
  });

  it('is bounded: who comes to a full room is refused', async () => {
    const { breaker, names } = await setup();
    const calls = [breaker.acquire(), breaker.acquire()];
    for (const call of calls) call.catch(() => {});
    expect(breaker.mayWait).toBe(false);
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ reason: 'trialsBusy' });
    expect(names()).toEqual(['rejected']);
    expect(breaker.stats()).toMatchObject({ waiting: 2, totals: { rejected: 1 } });
  });

  it('ends by a refusal after its time, counted then and not before', async () => {
    const { breaker, clock, names } = await setup();
    const call = breaker.execute(succeed);
    const permit = breaker.acquire();
    clock.advance(499);
    await flush();
    expect(breaker.stats()).toMatchObject({ waiting: 2, totals: { rejected: 0 } });
    clock.advance(1);
    await expect(call).rejects.toMatchObject({ code: 'BREAKER_OPEN', reason: 'trialsBusy' });
    await expect(permit).rejects.toMatchObject({ code: 'BREAKER_OPEN', reason: 'trialsBusy' });
    expect(names()).toEqual(['rejected', 'rejected']);
    expect(breaker.stats()).toMatchObject({ waiting: 0, inFlight: 1, totals: { rejected: 2 } });
    expect(clock.pendingTimers).toBe(0);
  });

  it('is not offered while open or closed', async () => {
    const { breaker, trial } = await setup();
    trial?.failure();
    expect(breaker.mayWait).toBe(false);
    await expect(breaker.acquire()).rejects.toMatchObject({ reason: 'open' });
    breaker.reset();
    expect(breaker.mayWait).toBe(false);
  });
});

describe('a caller that waits', () => {
  it('and gives up leaves the room, and leaks neither permit nor listener', async () => {
    const { breaker, clock, trial } = await setup();
    for (const wait of [
      (signal: AbortSignal) => breaker.execute(succeed, { signal }),
      (signal: AbortSignal) => breaker.acquire({ signal }),
    ]) {
      const controller = new AbortController();
      const { signal } = controller;
      const add = vi.spyOn(signal, 'addEventListener');
      const remove = vi.spyOn(signal, 'removeEventListener');
      const call = wait(signal);
      expect(breaker.stats().waiting).toBe(1);
      controller.abort('enough');
      await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
      expect(breaker.stats().waiting).toBe(0);
      // A listener of kind `once` that was called is gone.
      expect(add.mock.calls.every(([, , options]) => (options as { once: boolean }).once)).toBe(
        true,
      );
      expect(remove).not.toHaveBeenCalled();
    }
    trial?.success();
    expect(breaker.stats()).toMatchObject({
      inFlight: 0,
      trials: { running: 0, succeeded: 1 },
      totals: { rejected: 0, ignored: 0 },
    });
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves no listener on its signal when it is let in or refused', async () => {
    const { breaker, clock, trial } = await setup();
    const signals = [new AbortController().signal, new AbortController().signal];
    const removed = signals.map((signal) => vi.spyOn(signal, 'removeEventListener'));
    const calls = signals.map((signal) => breaker.acquire({ signal }));
    trial?.success();
    const permit = await calls[0];
    clock.advance(500);
    await expect(calls[1]).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
    permit?.success();
    for (const remove of removed) expect(remove).toHaveBeenCalledTimes(1);
  });

  it('that gives up in the moment it is let in gives the place to the next', async () => {
    const { breaker, trial } = await setup();
    const controller = new AbortController();
    const operation = vi.fn();
    const call = breaker.execute(operation, { signal: controller.signal });
    const next = breaker.execute(succeed);
    trial?.ignore();
    controller.abort('now');
    await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: 'now' });
    expect(operation).not.toHaveBeenCalled();
    await expect(next).resolves.toBe('ok');
    expect(breaker.stats()).toMatchObject({ inFlight: 0, waiting: 0, totals: { ignored: 2 } });
  });

  it('whose signal is aborted while the breaker decides does not wait at all', async () => {
    const { breaker, clock, trial } = await setup();
    trial?.failure();
    const controller = new AbortController();
    breaker.events.on('halfOpened', () => {
      breaker.tryAcquire();
      controller.abort('now');
    });
    clock.jump(1000);
    const call = breaker.acquire({ signal: controller.signal });
    await expect(call).rejects.toMatchObject({ code: 'ABORTED', cause: 'now' });
    expect(breaker.stats()).toMatchObject({ waiting: 0, inFlight: 1 });
  });

  it('holds a permit once it is let in, which it must give back', async () => {
    const { breaker, trial } = await setup();
    const acquired = breaker.acquire();
    trial?.success();
    const permit = await acquired;
    expect(breaker.stats()).toMatchObject({ inFlight: 1, trials: { running: 1 } });
    permit.success();
    expect(breaker.state).toBe('closed');
  });

  it('is not kept in a room without a way out: a clock that sets no timer rejects it', async () => {
    const { breaker, clock } = await setup();
    Object.assign(clock, {
      setTimer: () => {
        throw new Error('no timers here');
      },
    });
    const { signal } = new AbortController();
    const listen = vi.spyOn(signal, 'addEventListener');
    await expect(breaker.acquire({ signal })).rejects.toThrow('no timers here');
    await expect(breaker.execute(succeed)).rejects.toThrow('no timers here');
    expect(listen).not.toHaveBeenCalled();
    expect(breaker.stats()).toMatchObject({ waiting: 0, inFlight: 1 });
  });
});

describe('the room', () => {
  it.each([
    [
      'a trial fails',
      'open',
      (_breaker: CircuitBreaker, trial: Permit | undefined) => trial?.failure(),
    ],
    ['it is tripped', 'open', (breaker: CircuitBreaker) => breaker.trip()],
    ['it is held open', 'heldOpen', (breaker: CircuitBreaker) => void breaker.holdOpen()],
  ] as const)('is refused at once when %s', async (_how, reason, open) => {
    const { breaker, clock, trial } = await setup();
    const calls = [breaker.execute(succeed), breaker.acquire()];
    open(breaker, trial);
    for (const call of calls) {
      await expect(call).rejects.toMatchObject({ code: 'BREAKER_OPEN', reason });
    }
    expect(breaker.stats()).toMatchObject({ waiting: 0, totals: { rejected: 2 } });
    expect(clock.pendingTimers).toBeLessThanOrEqual(1);
  });

  it('is refused for good when the breaker is shut down', async () => {
    const { breaker } = await setup();
    const call = breaker.acquire();
    breaker.shutDown();
    await expect(call).rejects.toMatchObject({ code: 'BREAKER_SHUT_DOWN' });
  });

  it('is refused when a look at the breaker finds that trials ran for too long', async () => {
    const { breaker, clock } = await setup({ maxDurationMs: 100, maxWaitMs: 60_000 });
    const call = breaker.acquire();
    clock.advance(100);
    expect(breaker.state).toBe('open');
    await expect(call).rejects.toMatchObject({ reason: 'open' });
  });

  it('is refused when its turn comes and trials have run for too long', async () => {
    const { breaker, clock } = await setup({ maxDurationMs: 100, maxWaitMs: 200 });
    const call = breaker.acquire();
    clock.advance(200);
    await expect(call).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
    expect(breaker.state).toBe('open');
  });

  it('is told the state that has come when its time is over', async () => {
    const { breaker, clock, names } = await setup({ maxDurationMs: 100, maxWaitMs: 100 });
    const call = breaker.acquire();
    clock.advance(100);
    await expect(call).rejects.toMatchObject({ reason: 'open', retryAfterMs: 1000 });
    expect(names()).toEqual(['opened', 'rejected']);
  });

  it('is let in at the end of its time if there is a place by then', async () => {
    const { breaker, clock } = await setup({ maxDurationMs: 100, maxWaitMs: 1100 });
    const call = breaker.acquire();
    // Open since 100 ms, and half-open again by now.
    clock.advance(1100);
    await expect(call).resolves.toMatchObject({ isSettled: false });
    expect(breaker.stats()).toMatchObject({ waiting: 0, trials: { running: 1 } });
  });

  it('is let in by a look at the breaker that finds it half-open anew', async () => {
    const { breaker, clock } = await setup({ maxDurationMs: 100, maxWaitMs: 60_000 });
    const call = breaker.acquire();
    // Open since 100 ms, and half-open again since 1,100.
    clock.jump(1500);
    expect(breaker.state).toBe('halfOpen');
    await expect(call).resolves.toMatchObject({ isSettled: false });
    expect(breaker.stats()).toMatchObject({ waiting: 0, trials: { running: 1 } });
  });

  it.each([
    ['is reset', 'reset'],
    ['is held closed', 'holdClosed'],
    ['is disabled', 'disabled'],
    ['only counts', 'shadow'],
  ] as const)('is let in when the breaker %s', async (_how, change) => {
    const { breaker } = await setup();
    const calls = [breaker.execute(succeed), breaker.acquire()];
    if (change === 'reset' || change === 'holdClosed') breaker[change]();
    else breaker.update({ mode: change });
    await expect(calls[0]).resolves.toBe('ok');
    await expect(calls[1]).resolves.toMatchObject({ isSettled: false });
    expect(breaker.stats()).toMatchObject({ waiting: 0, inFlight: 2 });
  });

  it('is let in, as far as there is room, when more trials may run at once', async () => {
    const { breaker } = await setup({ trials: 9, maxWaiting: 5 });
    const calls = Array.from({ length: 4 }, () => breaker.acquire());
    breaker.update({ halfOpen: { maxConcurrent: 3 } });
    await Promise.all(calls.slice(0, 2));
    expect(breaker.stats()).toMatchObject({ waiting: 2, trials: { running: 3 } });
    breaker.shutDown();
    await Promise.allSettled(calls);
  });

  it('of a thousand is let in one by one, also once the breaker is closed', async () => {
    const { breaker, trial } = await setup({ trials: 3, maxWaiting: 1000, maxWaitMs: 60_000 });
    let running = 0;
    let most = 0;
    const states = new Set<string>();
    const calls = Array.from({ length: 1000 }, () =>
      breaker.execute(async () => {
        running += 1;
        most = Math.max(most, running);
        states.add(breaker.state);
        await Promise.resolve();
        running -= 1;
      }),
    );
    expect(breaker.stats().waiting).toBe(1000);
    trial?.success();
    await Promise.all(calls);
    expect(most).toBe(1);
    expect(states).toEqual(new Set(['halfOpen', 'closed']));
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { late: 0, rejected: 0 } });
  });

  it.each([
    ['a success', false],
    ['a call that finds others hanging', true],
  ])('that the closed breaker still holds is refused when %s opens it', async (_what, hangs) => {
    const { breaker, clock, trial } = await setup(
      { trials: 1, maxWaiting: 5, maxWaitMs: 60_000 },
      hangs ? { slowCalls: { thresholdMs: 100, rate: 0.5 } } : {},
    );
    const calls = Array.from({ length: 3 }, () => breaker.execute(() => new Promise(() => {})));
    const refused = Promise.allSettled(calls.slice(1));
    trial?.success();
    expect(breaker.stats()).toMatchObject({ state: 'closed', waiting: 2 });
    if (hangs) {
      void breaker.execute(() => new Promise(() => {}));
      clock.advance(100);
    } else await breaker.execute(() => Promise.reject(new Error('down'))).catch(() => {});
    await breaker.execute(succeed).catch(() => {});
    expect(breaker.stats()).toMatchObject({ state: 'open', waiting: 0 });
    expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('is not kept waiting by one that was let in before the breaker opened, and hangs', async () => {
    const { breaker, clock, trial } = await setup({ maxDurationMs: 100, maxWaitMs: 60_000 });
    const hanging = breaker.execute(() => new Promise(() => {}));
    hanging.catch(() => {});
    trial?.ignore();
    clock.jump(1500);
    expect(breaker.state).toBe('halfOpen');
    const next = breaker.tryAcquire();
    const calls = [breaker.execute(succeed), breaker.execute(succeed)];
    next?.ignore();
    await expect(Promise.all(calls)).resolves.toEqual(['ok', 'ok']);
    expect(breaker.stats()).toMatchObject({ state: 'closed', waiting: 0, inFlight: 1 });
  });

  it('leaves the door open to others once the breaker is closed', async () => {
    const { breaker, trial } = await setup({ trials: 1, maxWaiting: 10, maxWaitMs: 60_000 });
    const gate = deferred();
    const calls = Array.from({ length: 10 }, () => breaker.execute(() => gate.promise));
    trial?.success();
    expect(breaker.stats()).toMatchObject({ state: 'closed', waiting: 9, inFlight: 1 });
    await expect(breaker.execute(succeed)).resolves.toBe('ok');
    expect(breaker.stats()).toMatchObject({ waiting: 9, inFlight: 1 });
    gate.resolve(undefined);
    await Promise.all(calls);
    expect(breaker.stats()).toMatchObject({ waiting: 0, inFlight: 0 });
  });

  it('loses nobody over a signal whose listener cannot be taken off', async () => {
    const { breaker, trial } = await setup({ trials: 1, maxWaiting: 5 });
    const { signal } = new AbortController();
    vi.spyOn(signal, 'removeEventListener').mockImplementation(() => {
      throw new Error('no way out');
    });
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const waiting = breaker.execute(succeed, { signal });
    expect(() => trial?.success()).not.toThrow();
    await expect(waiting).resolves.toBe('ok');
    expect(warn).toHaveBeenCalled();
    warn.mockRestore();
    expect(breaker.stats()).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  it('of a thousand empties by as many that give up, in no particular order', async () => {
    const { breaker, clock, trial } = await setup({ maxWaiting: 1000 });
    const controllers = Array.from({ length: 1000 }, () => new AbortController());
    const calls = controllers.map(({ signal }) => breaker.acquire({ signal }));
    const ended = Promise.allSettled(calls);
    for (const step of [3, 7, 1]) {
      controllers.forEach((controller, index) => {
        if (index % step === 0) controller.abort();
      });
    }
    expect(breaker.stats().waiting).toBe(0);
    expect((await ended).every(({ status }) => status === 'rejected')).toBe(true);
    expect(clock.pendingTimers).toBe(0);
    trial?.success();
    expect(breaker.stats()).toMatchObject({ inFlight: 0, trials: { succeeded: 1 } });
  });
});
