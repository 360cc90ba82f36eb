import { describe, expect, it } from 'vitest';
import { setup as setupBreaker } from '../../test/support/breaker-setup.js';
import type { CircuitBreakerOptions } from '../options.js';

const setup = (
  openForMs: CircuitBreakerOptions['openForMs'],
  options: Partial<CircuitBreakerOptions> = {},
) => {
  const parts = setupBreaker({ openForMs, halfOpen: { trials: 1 }, ...options });
  /** Opens it and lets `times - 1` trials fail; gives the waits. */
  const waits = (times: number) => {
    const found: number[] = [];
    parts.breaker.trip();
    for (;;) {
      found.push(parts.breaker.retryAfterMs());
      if (found.length === times) return found;
      parts.clock.advance(found.at(-1) ?? 0);
      parts.breaker.tryAcquire()?.failure();
    }
  };
  return { ...parts, waits };
};

describe('the wait while open', () => {
  it('is the same each time where it is a number', () => {
    expect(setup(700).waits(4)).toEqual([700, 700, 700, 700]);
  });

  it.each([
    [{ kind: 'constant', delayMs: 50 }, [50, 50, 50, 50]],
    [{ kind: 'linear', initialMs: 100, stepMs: 50, maxMs: 220 }, [100, 150, 200, 220]],
    [{ kind: 'exponential', initialMs: 100, factor: 3, maxMs: 1000 }, [100, 300, 900, 1000]],
  ] as const)('grows with each opening as %j says', (backoff, expected) => {
    expect(setup({ ...backoff, jitter: 'none' }).waits(4)).toEqual(expected);
  });

  it('is spread by the randomness given', () => {
    const backoff = { kind: 'exponential', initialMs: 100 } as const;
    expect(setup({ ...backoff, jitter: 'full' }, { random: () => 0.25 }).waits(3)).toEqual([
      25, 50, 100,
    ]);
    expect(setup({ ...backoff, jitter: 'equal' }, { random: () => 0.5 }).waits(3)).toEqual([
      75, 150, 300,
    ]);
  });

  it('is drawn from the one before where it is decorrelated', () => {
    const backoff = { kind: 'decorrelated', initialMs: 100, maxMs: 1000 } as const;
    expect(setup(backoff, { random: () => 1 }).waits(4)).toEqual([300, 900, 1000, 1000]);
  });

  it('is a moment at least, whatever chance gives', () => {
    const { breaker, waits } = setup({ kind: 'exponential', jitter: 'full' }, { random: () => 0 });
    expect(waits(2)).toEqual([1, 1]);
    expect(breaker.state).toBe('open');
  });

  it('keeps half of itself by default, whatever chance gives', () => {
    const { waits } = setup({ kind: 'exponential', initialMs: 100 }, { random: () => 0 });
    expect(waits(2)).toEqual([50, 100]);
  });

  it('is told in whole milliseconds, as it is to those who are refused', () => {
    const told: number[] = [];
    const { breaker, waits } = setup(
      { kind: 'constant', delayMs: 25, jitter: 'full' },
      { random: () => 0.5 },
    );
    const note = ({ retryAfterMs }: { readonly retryAfterMs: number }) => told.push(retryAfterMs);
    breaker.events.on('opened', note);
    breaker.events.on('wouldOpen', note);
    waits(1);
    breaker.update({ mode: 'shadow' });
    breaker.trip();
    expect(told).toEqual([13, 13]);
  });

  it('is a moment at least for one that is held open', () => {
    const { breaker } = setup({ kind: 'exponential', initialMs: 0 });
    breaker.holdOpen();
    expect(breaker.retryAfterMs()).toBe(1);
  });

  it('begins anew once it was closed', () => {
    const { breaker, clock, waits } = setup({
      kind: 'exponential',
      initialMs: 100,
      jitter: 'none',
    });
    expect(waits(3)).toEqual([100, 200, 400]);
    clock.advance(400);
    breaker.tryAcquire()?.success();
    expect(breaker.state).toBe('closed');
    expect(waits(2)).toEqual([100, 200]);
  });

  it('is given by a function that is told which opening it is', () => {
    const asked: unknown[] = [];
    const { waits } = setup((opening) => {
      asked.push(opening);
      return opening.attempt * 10;
    });
    expect(waits(3)).toEqual([10, 20, 30]);
    expect(asked).toEqual([{ attempt: 1 }, { attempt: 2 }, { attempt: 3 }]);
  });

  it('may be thirty days by a function', () => {
    const thirtyDaysMs = 30 * 24 * 3600 * 1000;
    expect(setup(() => thirtyDaysMs).waits(1)).toEqual([thirtyDaysMs]);
  });

  it('says what a function may give that gives something else', () => {
    const { breaker, reported } = setup(() => 0);
    breaker.trip();
    const message = 'openForMs must return milliseconds above 0, to 30 days.';
    expect(reported).toMatchObject([{ name: 'openForMs', error: { message } }]);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no idea');
      },
    ],
    ['gives nothing', () => undefined],
    ['gives no number', () => Number.NaN],
    ['gives a text', () => '5000'],
    ['gives no time', () => 0],
    ['gives less than none', () => -5],
    ['gives an endless time', () => Number.POSITIVE_INFINITY],
    ['gives more than thirty days', () => 31 * 24 * 3600 * 1000],
    ['gives a promise', async () => 5000],
    ['gives a promise that is rejected', () => Promise.reject(new Error('later'))],
  ])('is half a minute where the function %s, which is reported', async (_how, openForMs) => {
    const { breaker, reported } = setup(openForMs as never);
    breaker.trip();
    expect(breaker.retryAfterMs()).toBe(30_000);
    expect(reported).toMatchObject([{ kind: 'callback', name: 'openForMs' }]);
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('is the whole of it where randomness fails, which is reported', () => {
    const { reported, waits } = setup(
      { kind: 'constant', delayMs: 80 },
      { random: () => Number.NaN },
    );
    expect(waits(1)).toEqual([80]);
    expect(reported).toMatchObject([{ kind: 'callback', name: 'random' }]);
  });

  it('asked for by hand or by an answer is what the next grows from', () => {
    const { breaker, clock } = setup(
      { kind: 'decorrelated', initialMs: 100, maxMs: 10_000 },
      { random: () => 1 },
    );
    breaker.trip({ openForMs: 500 });
    clock.advance(500);
    breaker.tryAcquire()?.failure();
    expect(breaker.retryAfterMs()).toBe(1500);
  });

  it.each([
    [700, 700],
    [{ kind: 'exponential', initialMs: 400 }, 400],
    [{ kind: 'constant', delayMs: 400, jitter: 'equal' }, 400],
    [() => 5, 30_000],
  ] as const)('of %o is proposed as %d while it is held open', (openForMs, proposed) => {
    const { breaker, heard } = setup(openForMs);
    breaker.holdOpen();
    expect(breaker.retryAfterMs()).toBe(proposed);
    expect(heard[0]).toMatchObject(['opened', { retryAfterMs: proposed }]);
  });
});
