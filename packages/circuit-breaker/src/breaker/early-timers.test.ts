import { describe, expect, it } from 'vitest';
import { fail } from '../../test/support/breaker-setup.js';
import { recordEvents } from '../../test/support/record-events.js';
import type { Clock } from '../ports/clock.js';
import { ManualClock } from '../testing/index.js';
import { CircuitBreaker } from './circuit-breaker.js';

describe('someone who listens for halfOpened', () => {
  it('hears of it in time, though timers come a moment too soon', async () => {
    const manual = new ManualClock();
    const early: Clock = {
      now: () => manual.now(),
      wallTime: () => manual.wallTime(),
      setTimer: (callback, delayMs) => manual.setTimer(callback, delayMs - 0.6),
    };
    const options = { name: 'x', minimumCalls: 1, openForMs: 1000 };
    const breaker = new CircuitBreaker({ ...options, clock: early });
    const heard = recordEvents(breaker.events);
    await breaker.execute(fail).catch(() => {});
    manual.advance(999.9);
    expect(heard.map(([name]) => name)).toEqual(['failed', 'opened']);
    manual.advance(0.1);
    manual.advance(1);
    expect(heard.map(([name]) => name)).toEqual(['failed', 'opened', 'halfOpened']);
    expect(manual.pendingTimers).toBe(0);
  });
});
