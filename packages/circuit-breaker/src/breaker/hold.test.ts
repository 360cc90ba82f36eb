import { describe, expect, it } from 'vitest';
import { down, setup, setupHalfOpen, succeed } from '../../test/support/breaker-setup.js';
import { deferred } from '../../test/support/deferred.js';
import { recordEvents } from '../../test/support/record-events.js';

const reasons = (heard: readonly (readonly [string, object])[]) =>
  heard.map(([name, payload]) => [name, 'reason' in payload && payload.reason]);

describe('a breaker held open', () => {
  it('lets nobody through, however long, until it is reset', async () => {
    const { breaker, clock, heard } = setup();
    breaker.holdOpen();
    breaker.holdOpen();
    clock.advance(3_600_000);
    await expect(breaker.execute(succeed)).rejects.toMatchObject({
      reason: 'heldOpen',
      retryAfterMs: 1000,
    });
    expect(breaker.stats()).toMatchObject({ state: 'open', held: 'open' });
    breaker.reset();
    await expect(breaker.execute(succeed)).resolves.toBe('ok');
    expect(breaker.stats()).toMatchObject({ state: 'closed', held: undefined });
    expect(reasons(heard)).toEqual([
      ['opened', 'byHand'],
      ['held', undefined],
      ['held', undefined],
      ['rejected', 'heldOpen'],
      ['closed', 'reset'],
      ['succeeded', false],
    ]);
  });

  it('is half-open once released, for nobody knows yet whether the other side works', async () => {
    const { breaker, names } = setup();
    breaker.holdOpen().release();
    expect(names()).toEqual(['opened', 'held', 'halfOpened', 'released']);
    expect(breaker.stats()).toMatchObject({ state: 'halfOpen', held: undefined });
    await breaker.execute(succeed);
    await breaker.execute(succeed);
    expect(breaker.state).toBe('closed');
  });

  it('while trials run makes their results late', async () => {
    const { breaker } = await setupHalfOpen();
    const trial = breaker.tryAcquire();
    breaker.holdOpen();
    trial?.success();
    expect(breaker.stats()).toMatchObject({ state: 'open', held: 'open', totals: { late: 1 } });
  });

  it('while calls run makes their results late, also after the release', async () => {
    const { breaker } = setup();
    const work = deferred();
    const call = breaker.execute(() => work.promise);
    breaker.holdOpen().release();
    work.resolve('late');
    await expect(call).resolves.toBe('late');
    expect(breaker.stats()).toMatchObject({
      state: 'halfOpen',
      inFlight: 0,
      trials: { running: 0, succeeded: 0 },
      totals: { late: 1 },
    });
  });

  it('while it was open for a time says nothing twice, and is half-open once released', async () => {
    const { breaker, clock, names, failTimes } = setup();
    await failTimes(2);
    const hold = breaker.holdOpen();
    clock.advance(60_000);
    expect(breaker.state).toBe('open');
    expect(names()).toEqual(['failed', 'failed', 'opened', 'held']);
    hold.release();
    expect(breaker.state).toBe('halfOpen');
  });
});

describe('a breaker held closed', () => {
  it('lets everybody through, whatever fails, until it is reset', async () => {
    const { breaker, heard, failTimes } = setup();
    await failTimes(2);
    heard.length = 0;
    breaker.holdClosed();
    expect(heard).toEqual([
      ['closed', { breaker: 'gateway', from: 'open', reason: 'byHand' }],
      ['held', { breaker: 'gateway', kind: 'closed', reason: undefined }],
    ]);
    await failTimes(50);
    expect(breaker.stats()).toMatchObject({
      state: 'closed',
      held: 'closed',
      window: { failures: 50 },
    });
    breaker.reset();
    expect(breaker.stats()).toMatchObject({
      state: 'closed',
      held: undefined,
      window: { failures: 0 },
    });
    await failTimes(2);
    expect(breaker.state).toBe('open');
  });

  it('keeps what it counted once released, and looks at its rules at the next result', async () => {
    const { breaker, names, failTimes } = setup();
    const hold = breaker.holdClosed();
    await failTimes(3);
    names();
    hold.release();
    expect(names()).toEqual(['released']);
    expect(breaker.stats()).toMatchObject({ state: 'closed', window: { failures: 3 } });
    await failTimes(1);
    expect(breaker.state).toBe('open');
  });

  it('is not opened by a classification that asks for it', async () => {
    const { breaker } = setup({ classify: () => ({ outcome: 'failure', openForMs: 5000 }) });
    breaker.holdClosed();
    await breaker.execute(succeed);
    breaker.trip();
    expect(breaker.state).toBe('closed');
  });

  it('counts the calls begun before, for nothing changed for them', async () => {
    const { breaker } = setup();
    const running = breaker.tryAcquire();
    const hold = breaker.holdClosed();
    running?.failure(down);
    hold.release();
    expect(breaker.stats()).toMatchObject({ window: { failures: 1 }, totals: { late: 0 } });
  });
});

describe('holds', () => {
  it('are counted: the last release ends them', () => {
    const { breaker } = setup();
    const holds = [breaker.holdOpen(), breaker.holdOpen(), breaker.holdOpen()];
    for (const hold of holds.slice(1)) hold.release();
    expect(breaker.state).toBe('open');
    holds[0]?.release();
    expect(breaker.state).toBe('halfOpen');
  });

  it('are released once, however often they are told', () => {
    const { breaker, names } = setup();
    const [first] = [breaker.holdOpen(), breaker.holdOpen()];
    first?.release();
    first?.release();
    first?.[Symbol.dispose]();
    expect(breaker.state).toBe('open');
    expect(names()).toEqual(['opened', 'held', 'held', 'released']);
  });

  it('carry their kind and reason, in the list and in the events', () => {
    const { breaker, heard } = setup();
    const migration = breaker.holdOpen({ reason: 'migration' });
    const demo = breaker.holdClosed({ reason: 'demo' });
    expect(breaker.holds).toEqual([migration, demo]);
    expect(breaker.holds.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['open', 'migration'],
      ['closed', 'demo'],
    ]);
    migration.release();
    expect(breaker.holds).toEqual([demo]);
    expect(heard.filter(([name]) => name === 'held' || name === 'released')).toEqual([
      ['held', { breaker: 'gateway', kind: 'open', reason: 'migration' }],
      ['held', { breaker: 'gateway', kind: 'closed', reason: 'demo' }],
      ['released', { breaker: 'gateway', kind: 'open', reason: 'migration' }],
    ]);
  });

  it('can be held for a block by using', () => {
    const { breaker } = setup();
    {
      using hold = breaker.holdClosed({ reason: 'test' });
      expect(hold.kind).toBe('closed');
      expect(breaker.stats().held).toBe('closed');
    }
    expect(breaker.holds).toEqual([]);
  });

  it.each([
    ['open', 'closed'],
    ['closed', 'open'],
  ] as const)('of both kinds: open wins, whether %s came first, or %s', (first, _second) => {
    const { breaker } = setup();
    const open = () => breaker.holdOpen();
    const closed = () => breaker.holdClosed();
    const [openHold, closedHold] =
      first === 'open' ? [open(), closed()] : [closed(), open()].reverse();
    expect(breaker.stats()).toMatchObject({ state: 'open', held: 'open' });
    openHold?.release();
    expect(breaker.stats()).toMatchObject({ state: 'closed', held: 'closed' });
    closedHold?.release();
    expect(breaker.stats()).toMatchObject({ state: 'closed', held: undefined });
  });

  it('of both kinds: released in the other order it ends half-open', () => {
    const { breaker } = setup();
    const open = breaker.holdOpen();
    breaker.holdClosed().release();
    expect(breaker.stats().held).toBe('open');
    open.release();
    expect(breaker.state).toBe('halfOpen');
  });

  it('do nothing any more after a reset, whoever still has them', async () => {
    const { breaker, names, failTimes } = setup();
    const holds = [breaker.holdOpen(), breaker.holdOpen(), breaker.holdClosed()];
    breaker.reset();
    expect(breaker.holds).toEqual([]);
    await failTimes(2);
    names();
    for (const hold of holds) hold.release();
    expect(breaker.stats()).toMatchObject({ state: 'open', held: undefined });
    expect(names()).toEqual([]);
    const again = breaker.holdOpen();
    again.release();
    expect(breaker.state).toBe('halfOpen');
  });

  it.each([
    ['an unknown key', { why: 'x' }, 'why'],
    ['a blank reason', { reason: ' ' }, 'reason'],
    ['a reason that is no text', { reason: 5 }, 'reason'],
    ['no object', null, 'options'],
  ])('with %s are refused, and nothing is held', (_what, options, option) => {
    const { breaker } = setup();
    for (const hold of ['holdOpen', 'holdClosed'] as const) {
      expect(() => breaker[hold](options as never)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION', option }),
      );
    }
    expect(breaker.holds).toEqual([]);
    expect(breaker.state).toBe('closed');
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
    breaker.events.on('halfOpened', () => breaker.holdOpen());
    clock.jump(1000);
    await expect(breaker.execute(succeed)).rejects.toMatchObject({ reason: 'heldOpen' });
    expect(breaker.stats().inFlight).toBe(0);
  });

  it('that release a hold as soon as they hear of it leave the breaker half-open', () => {
    const { breaker, names } = setup();
    breaker.events.on('opened', () => {
      for (const hold of breaker.holds) hold.release();
    });
    breaker.holdOpen();
    expect(breaker.state).toBe('halfOpen');
    expect(names()).toEqual(expect.arrayContaining(['opened', 'halfOpened', 'released', 'held']));
    expect(breaker.holds).toEqual([]);
  });
});
