import { describe, expect, it } from 'vitest';
import { down, setup, setupHalfOpen, succeed } from '../../test/support/breaker-setup.js';
import { recordEvents } from '../../test/support/record-events.js';

describe('by hand', () => {
  it('is held open until it is released', async () => {
    const { breaker, clock, heard } = setup();
    breaker.forceOpen();
    breaker.forceOpen();
    clock.advance(3_600_000);
    await expect(breaker.execute(succeed)).rejects.toMatchObject({
      reason: 'heldOpen',
      retryAfterMs: 1000,
    });
    expect(breaker.stats()).toMatchObject({ state: 'open', held: true });
    breaker.reset();
    await expect(breaker.execute(succeed)).resolves.toBe('ok');
    expect(breaker.stats()).toMatchObject({ state: 'closed', held: false });
    expect(heard.map(([name, payload]) => [name, 'reason' in payload && payload.reason])).toEqual([
      ['opened', 'forced'],
      ['rejected', 'heldOpen'],
      ['closed', 'reset'],
      ['succeeded', false],
    ]);
  });

  it('is held closed whatever fails, until it is released', async () => {
    const { breaker, heard, failTimes } = setup();
    await failTimes(2);
    heard.length = 0;
    breaker.forceClosed();
    expect(heard).toEqual([['closed', { breaker: 'gateway', from: 'open', reason: 'forced' }]]);
    await failTimes(50);
    expect(breaker.stats()).toMatchObject({
      state: 'closed',
      held: true,
      window: { failures: 50 },
    });
    breaker.reset();
    expect(breaker.stats()).toMatchObject({
      state: 'closed',
      held: false,
      window: { failures: 0 },
    });
    await failTimes(2);
    expect(breaker.state).toBe('open');
  });

  it('forgets counted calls by reset, and does not count those still running', async () => {
    const { breaker, heard, failTimes } = setup();
    const running = breaker.tryAcquire();
    await failTimes(1);
    breaker.reset();
    running?.failure(down);
    await failTimes(1);
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { calls: 1, failures: 1 } });
    expect(heard.map(([name]) => name)).toEqual(['failed', 'lateResultDropped', 'failed']);
  });

  it('held open while trials run makes their results late', async () => {
    const { breaker } = await setupHalfOpen();
    const trial = breaker.tryAcquire();
    breaker.forceOpen();
    trial?.success();
    expect(breaker.stats()).toMatchObject({ state: 'open', held: true, totals: { late: 1 } });
  });
});

describe('listeners', () => {
  it('that change the breaker leave every other listener with one order of events', async () => {
    const { breaker, failTimes } = setup();
    breaker.events.on('opened', () => breaker.reset());
    const heard = recordEvents(breaker.events);
    await failTimes(2);
    expect(heard.map(([name]) => name)).toEqual(['failed', 'failed', 'opened', 'closed']);
    expect(breaker.state).toBe('closed');
  });

  it('that hold the breaker open as it becomes half-open keep the call out', async () => {
    const { breaker, clock, failTimes } = setup();
    await failTimes(2);
    breaker.events.on('halfOpened', () => breaker.forceOpen());
    clock.advance(1000);
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ reason: 'heldOpen' });
    expect(breaker.stats().inFlight).toBe(0);
  });
});
