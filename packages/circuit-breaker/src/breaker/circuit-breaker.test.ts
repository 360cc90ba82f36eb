import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { CircuitBreaker } from './circuit-breaker.js';

const boom = () => Promise.reject(new Error('down'));

describe('a breaker', () => {
  it('opens at the failure rate, refuses, tries again and closes', async () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({
      name: 'x',
      minimumCalls: 2,
      clock,
      halfOpen: { trials: 1 },
    });
    await expect(breaker.execute(boom)).rejects.toThrow('down');
    await expect(breaker.execute(boom)).rejects.toThrow('down');
    expect(breaker.state).toBe('open');
    await expect(breaker.execute(() => 1)).rejects.toMatchObject({
      code: 'BREAKER_OPEN',
      breaker: 'x',
      retryAfterMs: 30_000,
    });
    clock.advance(30_000);
    expect(breaker.state).toBe('halfOpen');
    await expect(breaker.execute(() => 1)).resolves.toBe(1);
    expect(breaker.state).toBe('closed');
  });
});
