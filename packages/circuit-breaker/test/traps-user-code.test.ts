import { describe, expect, it, vi } from 'vitest';
import { recordEvents } from './support/record-events.js';
import { down, setup } from './support/trap-setup.js';

const broken = () => {
  throw new Error('user code');
};

describe('trap: a listener that throws', () => {
  it.each(['succeeded', 'failed', 'opened', 'halfOpened', 'closed', 'rejected'] as const)(
    'at %s changes the call or the state',
    async (event) => {
      const { breaker, clock } = setup({ minimumCalls: 1 });
      breaker.events.on(event, broken);
      await expect(breaker.execute(() => Promise.reject(down))).rejects.toBe(down);
      await expect(breaker.execute(() => 1)).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
      clock.advance(1000);
      await expect(breaker.execute(() => 2)).resolves.toBe(2);
      expect(breaker.stats()).toMatchObject({ state: 'closed', inFlight: 0 });
    },
  );

  it.each(['held', 'released', 'updated', 'shutDown', 'opened', 'closed'] as const)(
    'at %s reaches whoever changes the breaker by hand',
    (event) => {
      const { breaker } = setup();
      breaker.events.on(event, broken);
      breaker.holdOpen().release();
      breaker.update({ minimumCalls: 3 });
      breaker.reset();
      breaker.shutDown();
      expect(breaker.isShutDown).toBe(true);
    },
  );

  it.each(['ignored', 'lateResultDropped', 'wouldOpen', 'rampUpStarted'] as const)(
    'at %s loses a permit',
    (event) => {
      const { breaker, clock } = setup({ rampUp: {} });
      breaker.events.on(event, broken);
      const late = breaker.tryAcquire();
      breaker.tryAcquire()?.ignore();
      breaker.trip();
      clock.advance(1000);
      breaker.tryAcquire()?.success();
      late?.success();
      breaker.update({ mode: 'shadow' });
      breaker.trip();
      expect(breaker.stats()).toMatchObject({ state: 'closed', inFlight: 0 });
    },
  );
});

describe('trap: a callback that throws', () => {
  it('as classify leaves its caller waiting', async () => {
    const { breaker } = setup({ classify: broken });
    await expect(breaker.execute(() => Promise.reject(down))).rejects.toBe(down);
    await expect(breaker.execute(() => 1)).resolves.toBe(1);
    expect(breaker.stats().inFlight).toBe(0);
  });

  it('as openForMs leaves the breaker closed, or its caller waiting', async () => {
    const { breaker, clock } = setup({ openForMs: broken, minimumCalls: 1 });
    await expect(breaker.execute(() => Promise.reject(down))).rejects.toBe(down);
    expect(breaker.state).toBe('open');
    clock.advance(30_000);
    expect(breaker.state).toBe('halfOpen');
  });

  it('as random does so too', async () => {
    const openForMs = { kind: 'constant', delayMs: 500 } as const;
    const { breaker, clock } = setup({ openForMs, random: broken, minimumCalls: 1 });
    await expect(breaker.execute(() => Promise.reject(down))).rejects.toBe(down);
    clock.advance(499);
    expect(breaker.state).toBe('open');
    clock.advance(1);
    expect(breaker.state).toBe('halfOpen');
  });

  it('as onListenerError raises at the process', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    try {
      const { breaker } = setup({ classify: broken, onListenerError: broken });
      await expect(breaker.execute(() => 1)).resolves.toBe(1);
      expect(warned).toHaveBeenCalledTimes(2);
    } finally {
      warned.mockRestore();
    }
  });
});

describe('trap: bookkeeping that hangs on public events', () => {
  it('stops with the listeners that are removed', () => {
    const { breaker, halfOpen } = setup();
    const listener = () => {};
    const unsubscribe = breaker.events.on('opened', listener);
    breaker.events.on('halfOpened', listener);
    unsubscribe();
    breaker.events.off('halfOpened', listener);
    halfOpen();
    breaker.tryAcquire()?.success();
    expect(breaker.state).toBe('closed');
  });
});

describe('trap: listeners that call the breaker that refused', () => {
  it('never come to an end', async () => {
    const onListenerError = vi.fn();
    const { breaker, clock, fail } = setup({ onListenerError });
    breaker.events.on('rejected', () => {
      void breaker.execute(() => 1).catch(() => {});
    });
    fail(2);
    await expect(breaker.execute(() => 1)).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'listener', name: 'rejected' }]]);
    clock.advance(1000);
    await expect(breaker.execute(() => 2)).resolves.toBe(2);
    expect(breaker.stats()).toMatchObject({ state: 'closed', inFlight: 0 });
  });
});

describe('trap: a callback that uses the breaker in the middle of a change', () => {
  it.each([
    ['reset', 'closed', undefined, ['failed', 'failed']],
    ['holdClosed', 'closed', 'closed', ['failed', 'held', 'failed']],
    ['holdOpen', 'open', 'open', ['opened', 'held', 'failed', 'failed']],
    ['shutDown', 'open', undefined, ['opened', 'shutDown', 'failed', 'failed']],
    ['trip', 'open', undefined, ['failed', 'failed', 'opened']],
  ] as const)('as openForMs that calls %s is overruled by it', (change, state, held, told) => {
    const { breaker, fail } = setup({
      openForMs: () => {
        breaker[change]();
        return 5;
      },
    });
    const heard = recordEvents(breaker.events);
    fail(2);
    expect(breaker.stats()).toMatchObject({ state, held, inFlight: 0 });
    expect(breaker.isShutDown).toBe(change === 'shutDown');
    expect(heard.map(([name]) => name)).toEqual(expect.arrayContaining([...told]));
    expect(heard).toHaveLength(told.length);
  });

  it('as openForMs that looks at trials which ran for too long never comes to an end', () => {
    const onListenerError = vi.fn();
    const asked = vi.fn();
    const { breaker, clock, halfOpen } = setup({
      onListenerError,
      openForMs: ({ attempt }) => {
        asked(attempt, breaker.stats().state);
        return 1000;
      },
    });
    halfOpen();
    breaker.tryAcquire();
    clock.jump(60_000);
    expect(breaker.state).toBe('open');
    expect(asked.mock.calls).toEqual([
      [1, 'closed'],
      [2, 'halfOpen'],
    ]);
    expect(onListenerError).not.toHaveBeenCalled();
  });

  it('as openForMs is asked while the breaker is held open, where nobody knows how long', () => {
    const openForMs = vi.fn(() => 5);
    const { breaker } = setup({ openForMs });
    breaker.holdOpen();
    expect(breaker.retryAfterMs()).toBe(30_000);
    expect(breaker.stats().retryAfterMs).toBe(30_000);
    expect(openForMs).not.toHaveBeenCalled();
  });

  it('as classify that resets the breaker has its own call counted', async () => {
    const { breaker } = setup({
      classify: () => {
        breaker.reset();
        return 'failure';
      },
    });
    await expect(breaker.execute(() => Promise.reject(down))).rejects.toBe(down);
    expect(breaker.stats()).toMatchObject({
      inFlight: 0,
      window: { calls: 0 },
      totals: { late: 1 },
    });
  });
});
