import { describe, expect, it, vi } from 'vitest';
import { down, fail, setup, setupHalfOpen, succeed } from '../../test/support/breaker-setup.js';

describe('in mode shadow', () => {
  const shadow = (options: object = {}) => setup({ mode: 'shadow', ...options });

  it('tells what would have opened it, and lets everybody through', async () => {
    const { breaker, heard, failTimes } = shadow();
    await failTimes(2);
    expect(heard.at(-1)).toEqual([
      'wouldOpen',
      {
        breaker: 'gateway',
        from: 'closed',
        reason: 'failureRate',
        retryAfterMs: 1000,
        calls: 2,
        failures: 2,
        slow: 0,
      },
    ]);
    expect(breaker.stats()).toMatchObject({ state: 'closed', mode: 'shadow', retryAfterMs: 0 });
    await expect(breaker.execute(succeed)).resolves.toBe('ok');
  });

  it('tells it once for as long as a real breaker would be open', async () => {
    const { clock, names, failTimes } = shadow();
    await failTimes(2);
    names();
    clock.advance(999);
    await failTimes(20);
    expect(names()).not.toContain('wouldOpen');
    clock.advance(1);
    await failTimes(2);
    expect(names()).toContain('wouldOpen');
  });

  it('begins to count anew after it told, as a real breaker would', async () => {
    const { breaker, names, failTimes, report } = shadow({ minimumCalls: 4 });
    await failTimes(4);
    names();
    expect(breaker.stats()).toMatchObject({ failuresInARow: 0, window: { calls: 0 } });
    report('success', 3);
    await failTimes(1);
    expect(names()).not.toContain('wouldOpen');
  });

  it('asks for the wait only when it tells', async () => {
    const openForMs = vi.fn(() => 1000);
    const { failTimes } = shadow({ openForMs });
    await failTimes(10);
    expect(openForMs.mock.calls).toEqual([[{ attempt: 1 }]]);
  });

  it('opens by no rule, trip or classification, but by a hold', () => {
    const { breaker, names } = shadow({
      consecutiveFailures: 1,
      classify: () => ({ outcome: 'failure', openForMs: 70 }),
    });
    breaker.tryAcquire()?.report({ status: 'rejected', error: down });
    breaker.trip();
    expect(breaker.state).toBe('closed');
    const hold = breaker.holdOpen();
    expect(breaker.tryAcquire()).toBeUndefined();
    hold.release();
    expect(breaker.state).toBe('closed');
    expect(names()).toEqual([
      'failed',
      'wouldOpen',
      'opened',
      'held',
      'rejected',
      'closed',
      'released',
    ]);
  });

  it('tells of an answer that asks to stay away with the time asked for', () => {
    const { breaker, heard } = shadow({ classify: () => ({ outcome: 'ignored', openForMs: 70 }) });
    breaker.tryAcquire()?.report({ status: 'rejected', error: down });
    expect(heard.at(-1)).toMatchObject(['wouldOpen', { reason: 'retryAfter', retryAfterMs: 70 }]);
  });

  it('tells of slow calls that still run at the next call, not when that ends', async () => {
    const { breaker, clock, names } = shadow({ slowCalls: { thresholdMs: 100, rate: 1 } });
    for (let call = 0; call < 2; call += 1) void breaker.execute(() => new Promise(() => {}));
    clock.advance(100);
    void breaker.execute(() => new Promise(() => {}));
    expect(names()).toEqual(['wouldOpen']);
    clock.advance(1000);
    breaker.tryAcquire();
    expect(names()).toEqual(['wouldOpen']);
  });

  it('lets a call in before it tells, so that a listener who holds it open makes that call late', () => {
    const { breaker, clock } = shadow({ slowCalls: { thresholdMs: 100, rate: 1 } });
    for (let call = 0; call < 2; call += 1) breaker.tryAcquire();
    breaker.events.on('wouldOpen', () => breaker.holdOpen());
    clock.advance(100);
    breaker.tryAcquire()?.success();
    expect(breaker.stats()).toMatchObject({
      held: 'open',
      window: { calls: 0 },
      totals: { late: 1, succeeded: 0 },
    });
  });

  it('is quiet no longer once it has enforced its rules in between', async () => {
    const { breaker, names, failTimes } = shadow();
    await failTimes(2);
    breaker.update({ mode: 'enforcing' });
    await failTimes(2);
    expect(breaker.state).toBe('open');
    breaker.update({ mode: 'shadow' });
    names();
    await failTimes(2);
    expect(names()).toContain('wouldOpen');
  });

  it('is quiet no longer once it is reset', async () => {
    const { breaker, names, failTimes } = shadow();
    await failTimes(2);
    breaker.reset();
    names();
    await failTimes(2);
    expect(names()).toContain('wouldOpen');
  });
});

describe('in mode disabled', () => {
  it('lets all through, counts nothing and tells nothing', async () => {
    const { breaker, heard, failTimes } = setup({ mode: 'disabled', latency: true });
    await failTimes(50);
    await breaker.execute(succeed);
    expect(breaker.executeSync(() => 1)).toBe(1);
    breaker.tryAcquire()?.ignore();
    expect(heard).toEqual([]);
    expect(breaker.stats()).toMatchObject({
      state: 'closed',
      mode: 'disabled',
      inFlight: 0,
      window: { calls: 0 },
      failuresInARow: 0,
      latency: undefined,
      totals: { succeeded: 0, failed: 0, ignored: 0, rejected: 0, late: 0 },
    });
  });

  it('knows how many calls run', () => {
    const { breaker } = setup({ mode: 'disabled' });
    const permit = breaker.tryAcquire();
    expect(breaker.stats().inFlight).toBe(1);
    permit?.success();
    expect(breaker.stats().inFlight).toBe(0);
  });

  it('is opened by no trip and no classification, but by a hold', async () => {
    const { breaker } = setup({
      mode: 'disabled',
      classify: () => ({ outcome: 'failure', openForMs: 5000 }),
    });
    await breaker.execute(succeed);
    breaker.trip();
    expect(breaker.state).toBe('closed');
    const hold = breaker.holdOpen();
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ reason: 'heldOpen' });
    hold.release();
    await breaker.execute(succeed);
    expect(breaker.stats()).toMatchObject({ state: 'closed', totals: { succeeded: 0 } });
  });

  it('may be shut down', () => {
    const { breaker } = setup({ mode: 'disabled' });
    breaker.shutDown();
    expect(breaker.tryAcquire()).toBeUndefined();
  });
});

describe('a change of mode', () => {
  it.each(['shadow', 'disabled'] as const)(
    'to %s closes what is open, and lets everybody in',
    async (mode) => {
      const { breaker, heard, failTimes } = setup();
      await failTimes(2);
      heard.length = 0;
      breaker.update({ mode });
      expect(heard[0]).toEqual([
        'closed',
        { breaker: 'gateway', from: 'open', reason: 'modeChanged' },
      ]);
      await expect(breaker.execute(succeed)).resolves.toBe('ok');
    },
  );

  it.each(['shadow', 'disabled'] as const)(
    'to %s lets everybody into a half-open one',
    async (mode) => {
      const { breaker } = await setupHalfOpen();
      const trial = breaker.tryAcquire();
      breaker.update({ mode });
      for (let call = 0; call < 5; call += 1) await breaker.execute(succeed);
      trial?.failure();
      expect(breaker.stats()).toMatchObject({
        state: 'closed',
        inFlight: 0,
        totals: { rejected: 0 },
      });
    },
  );

  it('from disabled begins with an empty window, and takes calls of before for late', async () => {
    const { breaker, failTimes } = setup({ mode: 'disabled' });
    const running = breaker.tryAcquire();
    breaker.update({ mode: 'enforcing' });
    running?.failure();
    expect(breaker.stats()).toMatchObject({ window: { calls: 0 }, totals: { late: 1 } });
    await failTimes(2);
    expect(breaker.state).toBe('open');
  });

  it('from shadow to enforcing keeps what was counted, and enforces at the next failure', async () => {
    const { breaker, report } = setup({ mode: 'shadow', minimumCalls: 3 });
    report('failure', 2);
    breaker.update({ mode: 'enforcing' });
    expect(breaker.state).toBe('closed');
    await expect(breaker.execute(fail)).rejects.toBe(down);
    expect(breaker.state).toBe('open');
  });

  it.each(['shadow', 'disabled', 'enforcing'] as const)(
    'to %s leaves a hold what it is',
    (mode) => {
      const { breaker } = setup({ mode: mode === 'enforcing' ? 'shadow' : 'enforcing' });
      const hold = breaker.holdOpen();
      breaker.update({ mode });
      expect(breaker.stats()).toMatchObject({ state: 'open', held: 'open' });
      hold.release();
      expect(breaker.state).toBe(mode === 'enforcing' ? 'halfOpen' : 'closed');
    },
  );

  it('to disabled and back leaves a hold of the closed kind what it is', () => {
    const { breaker, report } = setup();
    const hold = breaker.holdClosed();
    breaker.update({ mode: 'disabled' });
    breaker.update({ mode: 'enforcing' });
    expect(breaker.stats().held).toBe('closed');
    report('failure', 2);
    expect(breaker.state).toBe('closed');
    hold.release();
    report('failure', 1);
    expect(breaker.state).toBe('open');
  });

  it('leaves a breaker that was shut down as it is', () => {
    const { breaker } = setup();
    breaker.shutDown();
    breaker.update({ mode: 'disabled' });
    expect(breaker.isShutDown).toBe(true);
    expect(breaker.tryAcquire()).toBeUndefined();
  });
});
