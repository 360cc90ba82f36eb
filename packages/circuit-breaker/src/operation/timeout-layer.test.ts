import { describe, expect, it, vi } from 'vitest';
import { clockByHand } from '../../test/support/deadlines.js';
import { flush } from '../../test/support/deferred.js';
import { outcomeOf } from '../../test/support/operations.js';
import type { Clock } from '../ports/clock.js';
import { ManualClock } from '../testing/manual-clock.js';
import { Call } from './call.js';
import type { Layer, Sink } from './layer.js';
import { OPERATION_LAYER } from './operation-layer.js';
import { runCall } from './run-call.js';
import { ENDLESS, Scope } from './scope.js';
import { TimeoutLayer } from './timeout-layer.js';

const never = () => new Promise(() => {});
const callOf = (operation: () => unknown) => new Call(operation, {}, true);

/** What is inside a time limit, with everything it was given. */
const innermost = () => {
  const held: { scope: Scope; sink: Sink; abandoned: unknown[] }[] = [];
  const next: Layer = {
    run: (_call, scope, sink) => {
      const abandoned: unknown[] = [];
      scope.join({ abandoned: (reason) => abandoned.push(reason) });
      held.push({ scope, sink, abandoned });
    },
  };
  return { next, held };
};

describe('a time limit around a layer', () => {
  it('gives up what is held inside, then the signal, then tells, then answers', () => {
    const clock = new ManualClock();
    const { next, held } = innermost();
    const order: string[] = [];
    const layer = new TimeoutLayer({
      next,
      clock,
      limit: 100,
      onTimeout: () => order.push('told'),
    });
    layer.run(callOf(never), ENDLESS, { settled: () => order.push('answered') });
    held[0]?.scope.signal.addEventListener('abort', () => order.push('signal'));
    held[0]?.scope.join({ abandoned: () => order.push('held') });
    clock.advance(100);
    expect(order).toEqual(['held', 'signal', 'told', 'answered']);
  });

  it('says what is left, all of it until the tick with which a long limit begins', () => {
    const clock = Object.assign(new ManualClock(), { slackMs: 50 });
    const { next, held } = innermost();
    const layer = new TimeoutLayer({ next, clock, limit: 2000 });
    const left = () => held.map(({ scope }) => scope.remainingMs);
    layer.run(callOf(never), ENDLESS, { settled: () => {} });
    clock.advance(20);
    layer.run(callOf(never), ENDLESS, { settled: () => {} });
    expect(left()).toEqual([1980, 2000]);
    clock.advance(30);
    expect(left()).toEqual([1950, 2000]);
    clock.advance(100);
    expect(left()).toEqual([1850, 1900]);
  });

  it('says less is left of a long limit while its tick is late: the call may be that old', () => {
    const { clock, inner } = clockByHand(50);
    const { next, held } = innermost();
    const layer = new TimeoutLayer({ next, clock, limit: 2000 });
    const run = () => layer.run(callOf(never), ENDLESS, { settled: () => {} });
    run();
    inner.jump(10);
    run();
    inner.jump(40);
    expect(held[1]?.scope.remainingMs).toBe(2000);
    inner.jump(500);
    expect(held[1]?.scope.remainingMs).toBe(1450);
    inner.jump(5000);
    expect(held[1]?.scope.remainingMs).toBe(0);
  });

  it('answers once, whatever comes when its time is over', () => {
    const clock = new ManualClock();
    const { next, held } = innermost();
    const settled = vi.fn();
    new TimeoutLayer({ next, clock, limit: 100 }).run(callOf(never), ENDLESS, { settled });
    held[0]?.scope.signal.addEventListener('abort', () => held[0]?.sink.settled(false, 'now'));
    clock.advance(100);
    held[0]?.sink.settled(false, 'later');
    expect(settled.mock.calls).toMatchObject([[true, { code: 'TIMEOUT' }]]);
  });

  it('is over once what is inside has ended', () => {
    const clock = new ManualClock();
    const { next, held } = innermost();
    const settled = vi.fn();
    const outer = new Scope();
    new TimeoutLayer({ next, clock, limit: 100 }).run(callOf(never), outer, { settled });
    held[0]?.sink.settled(false, 'first');
    held[0]?.sink.settled(false, 'second');
    expect(settled.mock.calls).toEqual([[false, 'first']]);
    outer.abort(new Error('given up'));
    expect(held[0]?.abandoned).toEqual([]);
  });

  it('answers nobody once it is given up from outside, and hands the reason in', () => {
    const clock = new ManualClock();
    const { next, held } = innermost();
    const settled = vi.fn();
    const outer = new Scope();
    new TimeoutLayer({ next, clock, limit: 100 }).run(callOf(never), outer, { settled });
    const reason = new Error('given up');
    outer.abort(reason);
    clock.advance(1000);
    held[0]?.sink.settled(false, 'later');
    expect(settled).not.toHaveBeenCalled();
    expect(held[0]?.abandoned).toEqual([reason]);
    expect(held[0]?.scope.signal.reason).toBe(reason);
    expect(clock.pendingTimers).toBe(0);
  });

  it('knows only of its own end and of ends further out', () => {
    const clock = new ManualClock();
    const inner = innermost();
    const outer = new TimeoutLayer({
      next: new TimeoutLayer({ next: inner.next, clock, limit: 50 }),
      clock,
      limit: 100,
    });
    outer.run(callOf(never), ENDLESS, { settled: () => {} });
    clock.advance(50);
    expect(inner.held[0]?.scope.isAborted).toBe(true);
    expect(inner.held[0]?.scope.reason).toMatchObject({ timeoutMs: 50 });
  });

  it('that ends together with an inner one counts as what began first', async () => {
    const clock = new ManualClock();
    const told: string[] = [];
    const layer = new TimeoutLayer({
      next: new TimeoutLayer({
        next: OPERATION_LAYER,
        clock,
        limit: 100,
        onTimeout: () => told.push('inner'),
      }),
      clock,
      limit: 100,
      onTimeout: () => told.push('outer'),
    });
    const call = outcomeOf(runCall(layer, callOf(never)));
    await clock.advanceAsync(100);
    expect(call.error).toMatchObject({ code: 'TIMEOUT' });
    expect(told).toEqual(['outer']);
  });

  it('lets a call without a limit pass untouched', async () => {
    const clock = new ManualClock();
    const layer = new TimeoutLayer({ next: OPERATION_LAYER, clock, limit: () => undefined });
    await expect(
      runCall(
        layer,
        callOf(() => 1),
      ),
    ).resolves.toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('clocks', () => {
  it('that go backwards neither prolong nor end a wait', async () => {
    const clock = new ManualClock({ now: 10_000 });
    const call = outcomeOf(
      runCall(new TimeoutLayer({ next: OPERATION_LAYER, clock, limit: 100 }), callOf(never)),
    );
    clock.advance(50);
    clock.jump(-5000);
    await flush();
    expect(call.isSettled).toBe(false);
    // The timer that was set keeps its time by the clock, which now needs longer to get there.
    await clock.advanceAsync(5050);
    expect(call.error).toMatchObject({ code: 'TIMEOUT' });
  });

  it('that call a cancelled timer all the same end nothing', async () => {
    const clock = new ManualClock();
    const stubborn: Clock = {
      now: () => clock.now(),
      wallTime: () => 0,
      setTimer: (callback, ms) => {
        clock.setTimer(callback, ms);
        return () => {};
      },
    };
    const layer = new TimeoutLayer({ next: OPERATION_LAYER, clock: stubborn, limit: 100 });
    await expect(
      runCall(
        layer,
        callOf(() => 1),
      ),
    ).resolves.toBe(1);
    clock.advance(60);
    const call = outcomeOf(runCall(layer, callOf(never)));
    await clock.advanceAsync(99);
    expect(call.isSettled).toBe(false);
    await clock.advanceAsync(1);
    expect(call.error).toMatchObject({ code: 'TIMEOUT' });
  });

  it('that give no function to cancel with, or one that throws, lose nobody', async () => {
    const clock = new ManualClock();
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const cancels = [
      undefined,
      () => {
        throw new Error('cannot cancel');
      },
    ];
    const odd: Clock = {
      now: () => clock.now(),
      wallTime: () => 0,
      setTimer: (callback, ms) => {
        clock.setTimer(callback, ms);
        return cancels.shift() as () => void;
      },
    };
    const layer = new TimeoutLayer({ next: OPERATION_LAYER, clock: odd, limit: 100 });
    await expect(
      runCall(
        layer,
        callOf(() => 1),
      ),
    ).resolves.toBe(1);
    await expect(
      runCall(
        layer,
        callOf(() => 2),
      ),
    ).resolves.toBe(2);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  it('with slack keep one timer for a while after the last call, and then none', async () => {
    const clock = new ManualClock();
    const slack: Clock = {
      now: () => clock.now(),
      wallTime: () => 0,
      setTimer: (callback, ms) => clock.setTimer(callback, ms),
      slackMs: 50,
    };
    const layer = new TimeoutLayer({ next: OPERATION_LAYER, clock: slack, limit: 10_000 });
    for (let n = 0; n < 100; n += 1)
      await runCall(
        layer,
        callOf(() => n),
      );
    expect(clock.pendingTimers).toBe(1);
    clock.advance(50);
    expect(clock.pendingTimers).toBe(0);
    const call = outcomeOf(runCall(layer, callOf(never)));
    await clock.advanceAsync(9999);
    expect(call.isSettled).toBe(false);
    await clock.advanceAsync(1);
    expect(call.error).toMatchObject({ code: 'TIMEOUT' });
    expect(clock.pendingTimers).toBe(0);
  });
});
