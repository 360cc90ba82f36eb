import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CircuitBreaker, type CircuitBreakerOptions } from '../index.js';
import { ManualClock } from '../testing/manual-clock.js';
import { recordTrace, simulate } from './index.js';

const setup = (options: Partial<CircuitBreakerOptions> = {}) => {
  const clock = new ManualClock({ now: 777 });
  const breaker = new CircuitBreaker({
    name: 'x',
    mode: 'shadow',
    latency: true,
    clock,
    ...options,
  });
  const call = (ms: number, outcome: 'success' | 'failure' | 'ignore') => {
    const permit = breaker.tryAcquire();
    clock.advance(ms);
    permit?.[outcome]();
  };
  return { clock, breaker, call };
};

describe('a recorder', () => {
  it('writes down when calls began, how long they took and how they ended', () => {
    const { clock, breaker, call } = setup();
    call(100, 'success');
    const recorder = recordTrace(breaker);
    call(10, 'success');
    clock.advance(5);
    call(20, 'failure');
    call(0, 'ignore');
    expect(recorder.trace).toEqual([
      { atMs: 0, durationMs: 10, outcome: 'success' },
      { atMs: 15, durationMs: 20, outcome: 'failure' },
      { atMs: 35, durationMs: 0, outcome: 'ignored' },
    ]);
    expect([recorder.dropped, recorder.refused]).toEqual([0, 0]);
  });

  it('takes a call that is not timed, or whose result was late, for one that began when it ended', () => {
    const { clock, breaker, call } = setup({ latency: false });
    using recorder = recordTrace(breaker);
    call(10, 'failure');
    const late = breaker.tryAcquire();
    breaker.reset();
    clock.advance(10);
    late?.success();
    expect(recorder.trace).toEqual([
      { atMs: 10, durationMs: 0, outcome: 'failure' },
      { atMs: 20, durationMs: 0, outcome: 'success' },
    ]);
  });

  it('counts the calls that were refused, and cannot know how they would have ended', () => {
    const { breaker, call } = setup({ mode: 'enforcing' });
    using recorder = recordTrace(breaker);
    breaker.holdOpen();
    call(1, 'success');
    expect([recorder.refused, recorder.trace]).toEqual([1, []]);
  });

  it('keeps the latest calls, in their order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(14), (maxCalls, calls) => {
        const { breaker, call } = setup();
        using recorder = recordTrace(breaker, { maxCalls });
        for (let made = 0; made < calls; made += 1) call(1, 'success');
        const all = Array.from({ length: calls }, (_, index) => index);
        expect(recorder.trace.map(({ atMs }) => atMs)).toEqual(all.slice(-maxCalls));
        expect(recorder.dropped).toBe(Math.max(0, calls - maxCalls));
      }),
    );
  });

  it('ends when it is told to, and keeps what it has', () => {
    const { breaker, call } = setup();
    const before = breaker.events.hears('succeeded');
    const recorder = recordTrace(breaker);
    call(1, 'success');
    const early = recorder.trace;
    recorder.stop();
    call(1, 'success');
    expect(recorder.trace).toEqual(early);
    expect([before, breaker.events.hears('succeeded')]).toEqual([false, false]);
    {
      using other = recordTrace(breaker);
      expect([other.dropped, breaker.events.hears('succeeded')]).toEqual([0, true]);
    }
    expect(breaker.events.hears('succeeded')).toBe(false);
  });

  it.each([
    [{ maxCalls: 0 }, 'maxCalls'],
    [{ maxCalls: 1.5 }, 'maxCalls'],
    [{ max: 1 }, 'max'],
  ])('refuses %o', (options, option) => {
    expect(() => recordTrace(setup().breaker, options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });

  it('says what is allowed', () => {
    expect(() => recordTrace(setup().breaker, { maxCalls: 0 })).toThrow(
      'a whole number from 1 to 10000000 (calls)',
    );
  });

  it('gives a trace that opens when the breaker in shadow said it would, first', () => {
    const { clock, breaker, call } = setup({ minimumCalls: 3 });
    const would: number[] = [];
    breaker.events.on('wouldOpen', () => would.push(clock.now() - 777));
    using recorder = recordTrace(breaker);
    for (const outcome of ['success', 'failure', 'success', 'failure', 'failure'] as const) {
      call(10, outcome);
    }
    const { transitions } = simulate(recorder.trace, { breaker: { minimumCalls: 3 } });
    expect(transitions.map(({ atMs }) => atMs)).toEqual(would);
  });
});
