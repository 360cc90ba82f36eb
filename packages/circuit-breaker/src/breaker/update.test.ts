import { describe, expect, it } from 'vitest';
import { setup, succeed } from '../../test/support/breaker-setup.js';
import { deferred } from '../../test/support/deferred.js';
import type { ChangeableOptions, WindowOptions } from '../options.js';

const WINDOWS: readonly WindowOptions[] = [
  { kind: 'count', size: 20 },
  { kind: 'time', durationMs: 10_000 },
  // So slow that nothing fades while the states are reached.
  { kind: 'ewma', halfLifeMs: 2_000_000_000 },
  { kind: 'consecutive' },
];

type Parts = ReturnType<typeof setup>;

/** Brings a closed breaker into a state. */
const STATES = {
  closed: () => {},
  open: ({ breaker }: Parts) => breaker.trip(),
  halfOpen: ({ breaker, clock }: Parts) => {
    breaker.trip();
    clock.advance(1000);
    breaker.tryAcquire()?.success();
  },
  rampUp: ({ breaker, clock }: Parts) => {
    breaker.trip();
    clock.advance(1000);
    for (let trial = 0; trial < 2; trial += 1) breaker.tryAcquire()?.success();
    clock.advance(100);
  },
  heldOpen: ({ breaker }: Parts) => void breaker.holdOpen(),
  heldClosed: ({ breaker }: Parts) => void breaker.holdClosed(),
  shutDown: ({ breaker }: Parts) => breaker.shutDown(),
} as const;
const states = Object.keys(STATES) as (keyof typeof STATES)[];

const begin = (state: keyof typeof STATES, window: WindowOptions = { kind: 'count' }) => {
  const parts = setup({ window, minimumCalls: 10, rampUp: { durationMs: 1000 } });
  parts.report('failure', 1);
  parts.report('success', 2);
  STATES[state](parts);
  parts.heard.length = 0;
  return parts;
};

const changes = states.flatMap((state) =>
  WINDOWS.flatMap((from) => WINDOWS.map((to) => ({ state, from, to }))),
);

describe('an update of the window', () => {
  it('finds no calls to keep where there were none', () => {
    const { breaker, report } = setup();
    breaker.trip();
    breaker.reset();
    breaker.update({ window: { kind: 'time', durationMs: 1000 } });
    report('success', 1);
    expect(breaker.stats().window.calls).toBe(1);
  });

  it.each(changes)(
    'keeps the state $state and the calls, from $from.kind to $to.kind',
    ({ state, from, to }) => {
      const { breaker, heard } = begin(state, from);
      const before = breaker.stats();
      heard.length = 0;
      breaker.update({ window: to });
      const after = breaker.stats();
      const { window: _was, failuresInARow: _run, ...kept } = before;
      expect(after).toMatchObject(kept);
      // A window of runs knows one call, and of sums alone not which.
      const isRuns = to.kind === 'consecutive';
      const most = isRuns ? 1 : Number.POSITIVE_INFINITY;
      expect(after.window.calls).toBeCloseTo(Math.min(before.window.calls, most), 4);
      const rates = isRuns ? after.window : before.window;
      for (const name of ['failures', 'slow', 'failureRate', 'slowRate'] as const) {
        expect(after.window[name]).toBeCloseTo(rates[name], 4);
      }
      expect(heard).toEqual([['updated', { breaker: 'gateway', changes: { window: to } }]]);
    },
  );

  it('keeps in a smaller one the newest calls, and in a larger one all', () => {
    const { breaker, report } = setup({ window: { kind: 'count', size: 4 }, minimumCalls: 4 });
    report('failure', 1);
    report('success', 2);
    breaker.update({ window: { kind: 'count', size: 2 }, minimumCalls: 2 });
    expect(breaker.stats().window).toMatchObject({ calls: 2, failures: 0 });
    breaker.update({ window: { kind: 'count', size: 9 }, minimumCalls: 9 });
    report('failure', 3);
    expect(breaker.stats().window).toMatchObject({ calls: 5, failures: 3 });
  });

  it('keeps the time of each call where both are windows of time', () => {
    const { breaker, clock, report } = setup({
      window: { kind: 'time', durationMs: 1000 },
      minimumCalls: 50,
    });
    report('failure', 1);
    clock.advance(900);
    report('success', 1);
    breaker.update({ window: { kind: 'time', durationMs: 2000 } });
    clock.advance(1000);
    expect(breaker.stats().window).toMatchObject({ calls: 2 });
    clock.advance(100);
    expect(breaker.stats().window).toMatchObject({ calls: 1, failures: 0 });
  });

  it('of another thing leaves the window as it is', () => {
    const { breaker, clock, report } = setup({
      window: { kind: 'ewma', halfLifeMs: 1000 },
      minimumCalls: 50,
    });
    report('failure', 4);
    breaker.update({ failureRate: 0.9, halfOpen: { trials: 9 } });
    clock.advance(1000);
    expect(breaker.stats().window).toMatchObject({ calls: 2, failures: 2 });
  });
});

describe('an update', () => {
  it('of a rule counts from the next result on', () => {
    const { breaker, report } = setup({ minimumCalls: 10 });
    report('failure', 5);
    breaker.update({ minimumCalls: 3 });
    expect(breaker.state).toBe('closed');
    report('success', 1);
    expect(breaker.state).toBe('open');
  });

  it('of the rule about runs knows the run there is', () => {
    const { breaker, report } = setup({ minimumCalls: 50 });
    report('failure', 3);
    breaker.update({ consecutiveFailures: 4 });
    report('failure', 1);
    expect(breaker.state).toBe('open');
  });

  it('to a window of runs and back keeps the run', () => {
    const { breaker, report } = setup({ minimumCalls: 50 });
    report('failure', 4);
    breaker.update({ window: { kind: 'consecutive' } });
    expect(breaker.stats().failuresInARow).toBe(4);
    report('failure', 1);
    expect(breaker.state).toBe('open');
  });

  it('of the wait counts from the next opening on', () => {
    const { breaker, clock } = setup();
    breaker.trip();
    breaker.update({ openForMs: 50 });
    expect(breaker.retryAfterMs()).toBe(1000);
    clock.advance(1000);
    breaker.trip();
    expect(breaker.retryAfterMs()).toBe(50);
  });

  it('of classify counts for calls that run', async () => {
    const { breaker } = setup({ minimumCalls: 10 });
    const work = deferred();
    const call = breaker.execute(() => work.promise);
    breaker.update({ classify: () => 'ignored' });
    work.resolve('ok');
    await call;
    expect(breaker.stats().totals).toMatchObject({ ignored: 1, succeeded: 0 });
  });

  it('of timing leaves calls that run counted, and none of them twice', async () => {
    const { breaker, clock } = setup({ minimumCalls: 10 });
    const works = [deferred(), deferred(), deferred()];
    const run = (index: number) => breaker.execute(() => works[index]?.promise);
    const calls = [run(0)];
    breaker.update({ latency: true });
    calls.push(run(1));
    breaker.update({ latency: false });
    calls.push(run(2));
    clock.advance(50);
    for (const work of works) work.resolve('ok');
    await Promise.all(calls);
    expect(breaker.stats()).toMatchObject({
      inFlight: 0,
      window: { calls: 3 },
      totals: { succeeded: 3, late: 0 },
    });
  });

  it('to a shared rejection and back counts for the next refusal', async () => {
    const { breaker } = setup();
    breaker.trip();
    const own = [breaker.execute(succeed), breaker.execute(succeed)];
    expect(own[0]).not.toBe(own[1]);
    breaker.update({ sharedRejection: true });
    const shared = [breaker.execute(succeed), breaker.execute(succeed)];
    expect(shared[0]).toBe(shared[1]);
    for (const call of [...own, ...shared]) {
      await expect(call).rejects.toBe(breaker.openError());
    }
  });

  it.each<[ChangeableOptions]>([
    [{ failureRate: 2 }],
    [{ window: { kind: 'time', buckets: 0 } }],
    [{ halfOpen: { maxConcurrent: 99 } }],
    [{ name: 'other' } as never],
    [{ clock: {} } as never],
    [{ size: 5 } as never],
  ])('that is impossible (%j) is refused, and changes and tells nothing', (impossible) => {
    const { breaker, heard, report } = setup({ minimumCalls: 3 });
    report('failure', 1);
    heard.length = 0;
    const before = breaker.stats();
    expect(() => breaker.update({ minimumCalls: 1, ...impossible })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
    expect(breaker.stats()).toEqual(before);
    expect(heard).toEqual([]);
    report('failure', 1);
    expect(breaker.state).toBe('closed');
  });

  it.each([
    ['the time of trials', 'halfOpen', { halfOpen: { maxDurationMs: 50 } }, 'opened'],
    ['the end of a ramp-up', 'rampUp', { rampUp: false }, 'closed'],
  ] as const)('that makes %s due makes the change at once', (_what, state, changes, told) => {
    const { breaker, clock, names } = begin(state);
    breaker.tryAcquire();
    clock.advance(100);
    breaker.update(changes);
    expect(names()).toEqual([told, 'updated']);
  });

  it('of nothing changes nothing', () => {
    const { breaker, heard } = begin('halfOpen');
    const before = breaker.stats();
    breaker.update({});
    expect(breaker.stats()).toEqual(before);
    expect(heard).toEqual([['updated', { breaker: 'gateway', changes: {} }]]);
  });
});
