import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { timeout } from '../policy/timeout.js';
import { breakerMatchers, ManualClock, recordEvents, scripted } from './index.js';

describe('a scripted operation', () => {
  it('ends as its script says, then as its last outcome', async () => {
    const down = new Error('down');
    const operation = scripted([{ resolve: 1 }, { reject: down }, { resolve: 3 }]);
    await expect(operation()).resolves.toBe(1);
    await expect(operation()).rejects.toBe(down);
    await expect(operation()).resolves.toBe(3);
    await expect(operation()).resolves.toBe(3);
    expect(operation.calls).toHaveLength(4);
  });

  it('may end with an error once its script is used up', async () => {
    const operation = scripted([{ resolve: 1 }], { whenUsedUp: 'throw' });
    await operation();
    await expect(operation()).rejects.toThrow('The script has no outcome for call 2.');
  });

  it('takes its time on the clock given', async () => {
    const clock = new ManualClock();
    const slow = timeout({ timeoutMs: 100, clock });
    const operation = scripted(
      [
        { resolve: 'late', afterMs: 150 },
        { resolve: 'ok', afterMs: 50 },
      ],
      {
        clock,
      },
    );
    const late = slow.execute(operation);
    late.catch(() => {});
    await clock.advanceAsync(150);
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' });
    const inTime = slow.execute(operation);
    await clock.advanceAsync(50);
    await expect(inTime).resolves.toBe('ok');
  });

  it('hangs until its signal is aborted', async () => {
    const operation = scripted<never>([{ hang: true }]);
    const controller = new AbortController();
    const context = { signal: controller.signal, attempt: 1, remainingMs: 1 };
    const hanging = operation(context);
    controller.abort('enough');
    await expect(hanging).rejects.toBe('enough');
    await expect(operation(context)).rejects.toBe('enough');
    expect(operation.calls).toEqual([context, context]);
  });

  it('hangs for good without a signal, and without a context', async () => {
    const operation = scripted<never>([{ hang: true }]);
    const ends = Promise.race([
      operation(),
      operation({ attempt: 1, remainingMs: 1 } as never),
      new Promise((resolve) => setImmediate(resolve, 'hangs')),
    ]);
    expect(await ends).toBe('hangs');
  });

  it('is refused without an outcome, or without the clock it needs', () => {
    expect(() => scripted([])).toThrow(/needs at least one outcome/);
    const script = [{ resolve: 1 }, { resolve: 1, afterMs: 5 }];
    expect(() => scripted(script)).toThrow(/with afterMs needs a clock/);
  });
});

describe('the matchers', () => {
  const breaker = new CircuitBreaker({ name: 'redis', minimumCalls: 1 });
  const { toBeClosed, toBeHalfOpen, toBeOpen, toHaveCounted } = breakerMatchers;

  it('say what a breaker is, and what it is not', async () => {
    expect(toBeClosed(breaker).pass).toBe(true);
    expect(toBeOpen(breaker)).toMatchObject({ pass: false });
    await breaker.execute(scripted([{ reject: new Error('down') }])).catch(() => {});
    expect(toBeOpen(breaker).pass).toBe(true);
    expect(toBeOpen(breaker).message()).toBe(
      "expected breaker 'redis' not to be open (open, 1 of 1 calls failed)",
    );
    expect(toBeHalfOpen(breaker).message()).toBe(
      "expected breaker 'redis' to be halfOpen; it is open, 1 of 1 calls failed",
    );
    breaker.holdOpen();
    expect(toBeClosed(breaker).message()).toContain('held open');
  });

  it('compare what was counted', () => {
    const quiet = new CircuitBreaker({ name: 'quiet' });
    quiet.tryAcquire()?.failure();
    expect(toHaveCounted(quiet, { calls: 1, failures: 1 }).pass).toBe(true);
    expect(toHaveCounted(quiet, { calls: 1 }).message()).toContain('otherwise');
    expect(toHaveCounted(quiet, { calls: 2, slow: 1 })).toMatchObject({ pass: false });
    expect(toHaveCounted(quiet, { calls: 2, slow: 1 }).message()).toBe(
      "expected breaker 'quiet' to have counted calls 2, counted 1; slow 1, counted 0",
    );
  });

  it('can be given to expect', () => {
    expect.extend(breakerMatchers);
    const matchers = expect as unknown as (value: unknown) => { toBeClosed(): void };
    expect(() => matchers(new CircuitBreaker({ name: 'x' })).toBeClosed()).not.toThrow();
  });
});

describe('recorded events', () => {
  it('come in order, with their payloads', async () => {
    const breaker = new CircuitBreaker({ name: 'x', minimumCalls: 1 });
    const events = recordEvents(breaker.events);
    await breaker.execute(() => 1);
    breaker.trip({ openForMs: 5 });
    expect(events).toEqual([
      { event: 'succeeded', payload: { breaker: 'x', durationMs: undefined } },
      { event: 'opened', payload: expect.objectContaining({ reason: 'byHand', retryAfterMs: 5 }) },
    ]);
  });
});
