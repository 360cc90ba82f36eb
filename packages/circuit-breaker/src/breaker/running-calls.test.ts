import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunningCall, RunningCalls } from './running-calls.js';

type Step =
  | { readonly do: 'begin' }
  | { readonly do: 'end'; readonly pick: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'ask'; readonly thresholdMs: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'begin' as const }) },
  { weight: 3, arbitrary: fc.nat(20).map((pick) => ({ do: 'end' as const, pick })) },
  { weight: 2, arbitrary: fc.nat(60).map((ms) => ({ do: 'wait' as const, ms })) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(100, 100, 100, 50, 200)
      .map((thresholdMs) => ({ do: 'ask' as const, thresholdMs })),
  },
);

/** Takes one step in both, and gives what they say of slow calls: the same, if nothing was asked. */
const take = (step: Step, running: RunningCalls, list: RunningCall[], now: number) => {
  if (step.do === 'begin') {
    const call = new RunningCall();
    running.add(call, now);
    list.push(call);
  } else if (step.do === 'end' && list.length > 0) {
    const [call] = list.splice(step.pick % list.length, 1) as [RunningCall];
    running.remove(call);
  } else if (step.do === 'ask') {
    const slow = list.filter(({ startedAt }) => now - startedAt >= step.thresholdMs);
    return [running.slowAt(now, step.thresholdMs), slow.length];
  }
  return [0, 0];
};

describe('the calls that run', () => {
  it('know how many are slow like a list that is searched, whatever begins, ends and is asked', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const running = new RunningCalls();
        const list: RunningCall[] = [];
        let now = 0;
        for (const step of steps) {
          if (step.do === 'wait') now += step.ms;
          const [found, real] = take(step, running, list, now);
          expect(found).toBe(real);
          expect(list.every((call) => call.isListed)).toBe(true);
        }
      }),
    );
  });

  it('take a call again that has ended, as a new one', () => {
    const running = new RunningCalls();
    const call = new RunningCall();
    running.add(call, 0);
    expect(running.slowAt(100, 100)).toBe(1);
    running.remove(call);
    expect(call.isListed).toBe(false);
    running.add(call, 100);
    expect(running.slowAt(199, 100)).toBe(0);
    expect(running.slowAt(200, 100)).toBe(1);
  });

  describe('of three', () => {
    it.each([0, 1, 2])('are two without number %i, by each threshold', (gone) => {
      const running = new RunningCalls();
      const calls = [new RunningCall(), new RunningCall(), new RunningCall()];
      for (const call of calls) running.add(call, 0);
      running.remove(calls[gone] as RunningCall);
      expect(running.slowAt(100, 100)).toBe(2);
      expect(running.slowAt(100, 50)).toBe(2);
      running.add(new RunningCall(), 60);
      expect(running.slowAt(160, 100)).toBe(3);
    });
  });
});
