import { getEventListeners } from 'node:events';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AttemptAbout, race } from './race.js';

interface Started extends AttemptAbout {
  readonly answer: (value: string | undefined) => void;
  readonly fail: (error: Error) => void;
}

const open = (hedgeDelayMs: number | undefined, attempts = 3, signal?: AbortSignal) => {
  const clock = new ManualClock();
  const started: Started[] = [];
  const end = race<string>({
    clock,
    hedgeDelayMs,
    signal,
    start: (about) => {
      if (started.length === attempts) return undefined;
      return new Promise<string | undefined>((answer, fail) => {
        started.push({ ...about, answer, fail });
      });
    },
  });
  const at = (index: number) => started[index] as Started;
  return { clock, started, at, end };
};

type Step = 'answer' | 'pass' | 'fail' | 'wait';

describe('a race', () => {
  it('keeps its rules, however its attempts end', async () => {
    const steps = fc.array(
      fc.tuple(fc.constantFrom<Step>('answer', 'pass', 'fail', 'wait'), fc.nat(3)),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(4), async (list, attempts) => {
        const { clock, started, end } = open(50, attempts);
        const outstanding = new Set<number>();
        const ended = new Set<Started | undefined>();
        let settled = 0;
        const count = () => {
          settled += 1;
        };
        void end.then(count, count);
        let hasAnswered = false;
        let hasFailed = false;
        await clock.advanceAsync(0);
        for (const [step, pick] of list) {
          for (const index of started.keys())
            if (!ended.has(started[index])) outstanding.add(index);
          expect(outstanding.size).toBeLessThanOrEqual(2);
          const running = [...outstanding];
          const index = running[pick % Math.max(1, running.length)];
          if (step === 'wait' || index === undefined) await clock.advanceAsync(50);
          else {
            outstanding.delete(index);
            const attempt = started[index] as Started;
            ended.add(attempt);
            if (step === 'answer') attempt.answer('a');
            else if (step === 'pass') attempt.answer(undefined);
            else attempt.fail(new Error('no'));
            hasAnswered ||= step === 'answer';
            hasFailed ||= step === 'fail';
            await clock.advanceAsync(0);
          }
          expect(started.filter(({ isHedge }) => isHedge).length).toBeLessThanOrEqual(1);
          // An answer ends it at once; without one it ends when nothing runs and nothing may follow.
          const isIdle = started.every((attempt) => ended.has(attempt));
          const mustEnd = hasAnswered || (isIdle && (hasFailed || started.length === attempts));
          expect(settled).toBe(mustEnd ? 1 : 0);
        }
        expect(clock.pendingTimers).toBeLessThanOrEqual(1 - settled);
      }),
      { numRuns: 300 },
    );
  });

  it('begins one attempt, and another only when it had no answer', async () => {
    const { clock, started, at, end } = open(undefined);
    await clock.advanceAsync(60_000);
    expect(started).toHaveLength(1);
    at(0).answer(undefined);
    await clock.advanceAsync(0);
    expect(started.map(({ isHedge }) => isHedge)).toEqual([false, false]);
    at(1).answer('b');
    expect(await end).toBe('b');
  });

  it('begins one beside another that takes long, once', async () => {
    const { clock, started, at, end } = open(50);
    await clock.advanceAsync(49);
    expect(started).toHaveLength(1);
    await clock.advanceAsync(1);
    expect(started.map(({ isHedge }) => isHedge)).toEqual([false, true]);
    await clock.advanceAsync(10_000);
    expect(started).toHaveLength(2);
    expect(at(0).isOver()).toBe(false);
    at(1).answer('b');
    expect(await end).toBe('b');
    expect(at(0).isOver()).toBe(true);
    at(0).answer('a');
    expect(clock.pendingTimers).toBe(0);
  });

  it('is won by the first one too, and leaves no timer', async () => {
    const { clock, at, end } = open(50);
    await clock.advanceAsync(50);
    at(0).answer('a');
    expect(await end).toBe('a');
    const quick = open(50);
    quick.at(0).answer('a');
    expect(await quick.end).toBe('a');
    expect([clock.pendingTimers, quick.clock.pendingTimers]).toEqual([0, 0]);
  });

  it('begins no second one beside another', async () => {
    const { clock, started, at } = open(50, 4);
    await clock.advanceAsync(50);
    at(0).answer(undefined);
    at(1).answer(undefined);
    await clock.advanceAsync(500);
    expect(started.map(({ isHedge }) => isHedge)).toEqual([false, true, false]);
  });

  it('counts the delay from the begin of the attempt that runs', async () => {
    const { clock, started, at } = open(50);
    await clock.advanceAsync(40);
    at(0).answer(undefined);
    await clock.advanceAsync(40);
    expect(started).toHaveLength(2);
    await clock.advanceAsync(10);
    expect(started).toHaveLength(3);
  });

  it.each([0, 1])('waits for the other one when attempt %i fails', async (failing) => {
    const { clock, started, at, end } = open(50);
    await clock.advanceAsync(50);
    at(failing).fail(new Error('no'));
    await clock.advanceAsync(0);
    expect(started).toHaveLength(2);
    at(1 - failing).answer('other');
    expect(await end).toBe('other');
  });

  it('fails when the other one has no answer either, without another attempt', async () => {
    const { clock, started, at, end } = open(50);
    const error = end.catch((reason: unknown) => reason);
    await clock.advanceAsync(50);
    at(0).fail(new Error('no'));
    at(1).answer(undefined);
    expect(await error).toEqual(new Error('no'));
    expect(started).toHaveLength(2);
  });

  it('has no answer when no attempt had one', async () => {
    const { clock, at, end } = open(50, 2);
    await clock.advanceAsync(50);
    at(0).answer(undefined);
    at(1).answer(undefined);
    expect(await end).toBeUndefined();
    expect(await open(50, 0).end).toBeUndefined();
  });

  it('ends with the signal of its caller, and begins nothing after it', async () => {
    const controller = new AbortController();
    const { clock, started, end } = open(50, 3, controller.signal);
    controller.abort(new Error('enough'));
    await expect(end).rejects.toThrow('enough');
    await clock.advanceAsync(100);
    expect(started).toHaveLength(1);
    const late = open(50, 3, controller.signal);
    await expect(late.end).rejects.toThrow('enough');
    expect(late.started).toHaveLength(0);
  });

  it('lets go of the signal, however it ends', async () => {
    const { signal } = new AbortController();
    const listeners = () => getEventListeners(signal, 'abort').length;
    const won = open(50, 3, signal);
    expect(listeners()).toBe(1);
    won.at(0).answer('a');
    await won.end;
    expect(listeners()).toBe(0);
    const lost = open(50, 0, signal);
    await lost.end;
    expect(listeners()).toBe(0);
    const start = () => {
      throw new Error('broken');
    };
    const broken = race({ clock: new ManualClock(), hedgeDelayMs: 50, signal, start });
    await expect(broken).rejects.toThrow('broken');
    expect(listeners()).toBe(0);
  });
});
