import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  classifyHttp,
  isCircuitBreakerError,
  type RampUpOptions,
  type WindowOptions,
} from '../index.js';
import { ManualClock } from '../testing/manual-clock.js';
import { type SimulateOptions, simulate, type TraceCall } from './index.js';

const at = (atMs: number, outcome: TraceCall['outcome'], durationMs = 10): TraceCall => ({
  atMs,
  durationMs,
  outcome,
});

const breaker = { minimumCalls: 2, openForMs: 1000, halfOpen: { trials: 1 } } as const;

describe('a simulation', () => {
  it('tells when the breaker would have opened and closed, what it would have refused and saved', () => {
    const outage = [
      at(0, 'success'),
      at(100, 'failure'),
      at(200, 'failure', 500),
      at(300, 'success'),
      at(400, 'ignored'),
      at(1200, 'success', 300),
      at(1300, 'success'),
      at(2000, 'success'),
    ];
    expect(simulate(outage, { breaker })).toEqual({
      transitions: [
        { atMs: 110, event: 'opened', from: 'closed', reason: 'failureRate' },
        { atMs: 1110, event: 'halfOpened', from: 'open', reason: undefined },
        { atMs: 1500, event: 'closed', from: 'halfOpen', reason: 'trialsSucceeded' },
      ],
      admitted: { calls: 4, successes: 3, failures: 1, ignored: 0 },
      refused: {
        calls: 4,
        successes: 2,
        failures: 1,
        ignored: 1,
        reasons: { open: 3, trialsBusy: 1 },
      },
      saved: { failures: 1, waitedMs: 500 },
      openMs: 1000,
      state: 'closed',
    });
  });

  it('keeps the time of the trace, in whatever order its calls stand', () => {
    const start = 1_700_000_000_000;
    const { transitions } = simulate([at(start + 50, 'failure'), at(start, 'failure')], {
      breaker,
    });
    expect(transitions).toEqual([
      { atMs: start + 60, event: 'opened', from: 'closed', reason: 'failureRate' },
    ]);
    const early = simulate([at(-50, 'failure'), at(-40, 'failure')], { breaker });
    expect(early.transitions[0]?.atMs).toBe(-30);
  });

  it('lets calls that end at one moment end in the order in which they began', () => {
    const long = { atMs: 50, durationMs: 300, outcome: 'success' } as const;
    const before = [at(0, 'failure'), at(1, 'success'), long];
    const first = { atMs: 100, durationMs: 300 };
    const second = { atMs: 200, durationMs: 200 };
    const breaker = {
      minimumCalls: 3,
      failureRate: 0.5,
      window: { kind: 'count', size: 5 },
    } as const;
    const opened = (ends: readonly [TraceCall['outcome'], TraceCall['outcome']]) =>
      simulate([...before, { ...second, outcome: ends[1] }, { ...first, outcome: ends[0] }], {
        breaker,
      }).transitions.length;
    expect(opened(['success', 'failure'])).toBe(0);
    expect(opened(['failure', 'success'])).toBe(1);
  });

  it('lets a call end before another begins at the same moment', () => {
    const { refused } = simulate([at(0, 'failure'), at(0, 'failure'), at(10, 'success')], {
      breaker,
    });
    expect(refused.calls).toBe(1);
  });

  it('counts late results nowhere', () => {
    const trace = [at(0, 'success', 5000), at(1, 'failure'), at(2, 'failure'), at(4000, 'success')];
    const { transitions, state } = simulate(trace, {
      breaker: { ...breaker, halfOpen: { trials: 2 } },
    });
    expect(transitions.map(({ event }) => event)).toEqual(['opened', 'halfOpened']);
    expect(state).toBe('halfOpen');
  });

  it('sees calls that hang', () => {
    const slowCalls = { thresholdMs: 100, rate: 0.5 };
    const { transitions } = simulate(
      [at(0, 'success', 60_000), at(1, 'success', 60_000), at(200, 'success')],
      { breaker: { ...breaker, slowCalls } },
    );
    expect(transitions[0]).toMatchObject({ atMs: 200, event: 'opened', reason: 'slowRate' });
  });

  it('counts the time it is open to the end of the last call', () => {
    const trace = [at(0, 'failure'), at(0, 'failure'), at(200, 'failure'), at(205, 'failure', 0)];
    expect(simulate(trace, { breaker })).toMatchObject({ openMs: 200, state: 'open' });
  });

  it('only tells what would have happened in mode shadow', () => {
    const trace = [at(0, 'failure'), at(0, 'failure'), at(50, 'failure')];
    expect(simulate(trace, { breaker: { ...breaker, mode: 'shadow' } })).toMatchObject({
      transitions: [{ atMs: 10, event: 'wouldOpen', reason: 'failureRate' }],
      refused: { calls: 0 },
      openMs: 0,
      state: 'closed',
    });
  });

  it('judges each status as classifyHttp does', () => {
    for (let status = 100; status <= 599; status += 1) {
      const { admitted } = simulate([{ atMs: 0, durationMs: 0, status }]);
      const settled = { status: 'fulfilled', value: { status } } as const;
      expect([status, admitted.failures]).toEqual([
        status,
        classifyHttp(settled) === 'failure' ? 1 : 0,
      ]);
    }
  });

  it('takes answers for outcomes by their status', () => {
    const of = (status: number) => ({ atMs: 0, durationMs: 0, status });
    const { admitted } = simulate([200, 302, 404, 429, 499, 500, 503].map(of));
    expect(admitted).toEqual({ calls: 7, successes: 4, failures: 3, ignored: 0 });
    const both = simulate([{ atMs: 0, durationMs: 0, status: 200, outcome: 'ignored' }]);
    expect(both.admitted.ignored).toBe(1);
  });

  it('lets someone else say what a call counts as, weights and waits too', () => {
    const trace = [
      { atMs: 0, durationMs: 10, tenant: 'a', retryAfterMs: 5000 },
      { atMs: 4000, durationMs: 10, tenant: 'b', retryAfterMs: 0 },
    ];
    const { transitions, refused, admitted } = simulate(trace, {
      outcomeOf: ({ retryAfterMs }) =>
        retryAfterMs > 0 ? { outcome: 'failure', openForMs: retryAfterMs } : 'success',
    });
    expect(transitions).toMatchObject([{ atMs: 10, event: 'opened', reason: 'retryAfter' }]);
    expect(refused.successes).toBe(1);
    expect(admitted).toEqual({ calls: 1, successes: 0, failures: 1, ignored: 0 });
  });

  it('ends the same each time, unless it is given randomness', () => {
    const trace = [at(0, 'failure'), at(0, 'failure'), at(5000, 'success', 0)];
    const openForMs = { kind: 'exponential', initialMs: 1000, jitter: 'full' } as const;
    const opened = (more: object) =>
      simulate(trace, { breaker: { ...breaker, openForMs, ...more } }).openMs;
    expect([opened({}), opened({}), opened({ random: () => 0.25 })]).toEqual([500, 500, 250]);
  });

  it('goes by the options alone: another’s name, clock and classifier are of no account', () => {
    const live: CircuitBreakerOptions = {
      name: 'live',
      ...breaker,
      clock: new ManualClock({ now: 7 }),
      classify: () => 'ignored',
    };
    expect(simulate([at(0, 'failure'), at(0, 'failure')], { breaker: live }).state).toBe('open');
  });

  it('does nothing with nothing', () => {
    expect(simulate([])).toMatchObject({ transitions: [], openMs: 0, state: 'closed' });
  });

  it.each([
    [{}, {}, 'trace'],
    [[null], {}, 'trace[0]'],
    [[5], {}, 'trace[0]'],
    [[at(0, 'success'), { durationMs: 1, outcome: 'success' }], {}, 'trace[1].atMs'],
    [[at(Number.NaN, 'success')], {}, 'trace[0].atMs'],
    [[at(0, 'success', -1)], {}, 'trace[0].durationMs'],
    [[{ atMs: 0, durationMs: 0 }], {}, 'trace[0].outcome'],
    [[at(0, 'good' as never)], {}, 'trace[0].outcome'],
    [[{ atMs: 0, durationMs: 0, status: 600 }], {}, 'trace[0].status'],
    [[{ atMs: 0, durationMs: 0, status: 200.5 }], {}, 'trace[0].status'],
    [[at(0, 'success')], { outcomeOf: () => 'good' }, 'outcomeOf'],
    [[], { outcomeOf: 'status' }, 'outcomeOf'],
    [[], { options: {} }, 'options'],
    [[], { breaker: { failureRate: 2 } }, 'failureRate'],
  ])('refuses %j with %j', (trace, options, option) => {
    expect(() => simulate(trace as never, options as SimulateOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });
});

describe('what is refused', () => {
  it.each([
    ['x', {}, 'a list of calls'],
    [[5], {}, 'an object'],
    [[at(Number.NaN, 'success')], {}, `from ${-(2 ** 53 - 1)} to ${2 ** 53 - 1} (ms)`],
    [[at(0, 'success', -1)], {}, 'a number from 0 to 2592000000 (ms)'],
    [[at(0, 'success')], { outcomeOf: () => 5 }, "a function that gives 'success', 'failure'"],
  ])('is told by what is allowed (%#)', (trace, options, allowed) => {
    expect(() => simulate(trace as never, options as SimulateOptions)).toThrow(allowed);
  });
});

const call: fc.Arbitrary<TraceCall> = fc.record({
  atMs: fc.nat(2000),
  durationMs: fc.nat(300),
  outcome: fc.constantFrom('success', 'failure', 'ignored'),
});

const options = fc.record({
  minimumCalls: fc.integer({ min: 1, max: 4 }),
  openForMs: fc.integer({ min: 50, max: 400 }),
  window: fc.constantFrom<WindowOptions[]>(
    { kind: 'count', size: 5 },
    { kind: 'time', durationMs: 500 },
  ),
  halfOpen: fc.record({ trials: fc.integer({ min: 2, max: 3 }), maxConcurrent: fc.constant(2) }),
  rampUp: fc.constantFrom<(RampUpOptions | false)[]>(false, { durationMs: 300 }),
});

describe('any simulation', () => {
  it('refuses or lets through each call once', () => {
    fc.assert(
      fc.property(fc.array(call), options, (trace, tried) => {
        const { admitted, refused, openMs, saved } = simulate(trace, { breaker: tried });
        for (const [field, outcome] of [
          ['successes', 'success'],
          ['failures', 'failure'],
          ['ignored', 'ignored'],
        ] as const) {
          const all = trace.filter((one) => one.outcome === outcome).length;
          expect(admitted[field] + refused[field]).toBe(all);
        }
        expect(admitted.calls + refused.calls).toBe(trace.length);
        const counted = Object.values(refused.reasons).reduce((sum, count) => sum + count, 0);
        expect(counted).toBe(refused.calls);
        expect(saved.failures).toBe(refused.failures);
        expect(openMs).toBeLessThanOrEqual(2300);
      }),
    );
  });

  it('does what a breaker does that is really called at those times', async () => {
    const ended = new Error('failed');
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 15 }), options, async (trace, tried) => {
        const clock = new ManualClock();
        const live = new CircuitBreaker({ name: 'live', ...tried, clock });
        const heard: string[] = [];
        for (const event of ['opened', 'halfOpened', 'rampUpStarted', 'closed'] as const) {
          live.events.on(event, () => heard.push(`${clock.now()} ${event}`));
        }
        let refused = 0;
        const begin = ({ durationMs, outcome }: TraceCall) =>
          live
            .execute(
              () =>
                new Promise<void>((resolve, reject) => {
                  clock.setTimer(() => {
                    if (outcome === 'success') resolve();
                    else if (outcome === 'failure') reject(ended);
                    else reject(new DOMException('given up', 'AbortError'));
                  }, durationMs);
                }),
            )
            .catch((error: unknown) => {
              if (isCircuitBreakerError(error, 'BREAKER_OPEN')) refused += 1;
            });
        const sorted = trace.toSorted((one, other) => one.atMs - other.atMs);
        for (const one of sorted) {
          await clock.advanceAsync(one.atMs - clock.now());
          void begin(one);
        }
        const end = Math.max(0, ...trace.map(({ atMs, durationMs }) => atMs + durationMs));
        await clock.advanceAsync(end - clock.now());
        const { state } = live;
        const simulated = simulate(trace, { breaker: tried });
        expect(simulated.state).toBe(state);
        const told = simulated.transitions.map(({ atMs, event }) => `${atMs} ${event}`);
        expect([told, simulated.refused.calls]).toEqual([heard, refused]);
      }),
      { numRuns: 30 },
    );
  });
});
