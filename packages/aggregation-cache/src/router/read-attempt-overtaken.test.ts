import { describe, expect, it } from 'vitest';
import { openAttempt, settled } from '../../test/support/fake-attempt.js';

describe('an attempt that was overtaken', () => {
  const overtaken = async (tookMs: number, delayMs: number) => {
    const set = openAttempt();
    const attempt = set.attempt();
    const running = attempt.run();
    await settled();
    set.clock.advance(tookMs);
    set.state.isOver = true;
    attempt.overtaken(delayMs);
    return { ...set, running };
  };

  it('tells how long it took so far, and is slow after three times the delay', async () => {
    const { clock, recorded, page, timers } = await overtaken(40, 50);
    expect(recorded).toEqual([40]);
    expect(timers).toEqual([[110, { background: true }]]);
    await clock.advanceAsync(109);
    expect(page.breaker.state).toBe('closed');
    await clock.advanceAsync(1);
    expect(page.breaker.state).toBe('open');
  });

  it.each([150, 151])('is slow at once if that is over: %i ms', async (tookMs) => {
    const { page, timers } = await overtaken(tookMs, 50);
    expect([page.breaker.state, timers]).toEqual(['open', []]);
  });

  it('tells its breaker why', async () => {
    const set = openAttempt();
    const errors: unknown[] = [];
    const attempt = set.attempt();
    void attempt.run();
    await settled();
    const told = set.page.breaker.events;
    told.on('failed', ({ error }) => errors.push(error));
    set.clock.advance(150);
    attempt.overtaken(50.1);
    await set.clock.advanceAsync(1);
    expect(errors).toMatchObject([{ message: 'No answer within 150 ms.' }]);
  });

  it('is as good as any if it answers before that', async () => {
    const { clock, page, answer, running } = await overtaken(40, 50);
    answer('rows');
    await running;
    await clock.advanceAsync(1_000);
    expect(page.breaker.state).toBe('closed');
  });

  it('takes the late answer for none', async () => {
    const { clock, page, answer, running } = await overtaken(40, 50);
    await clock.advanceAsync(110);
    expect(page.breaker.state).toBe('open');
    answer('rows');
    await running;
    expect(page.breaker.state).toBe('open');
  });

  it('says nothing if it was done, not sent, or not begun', async () => {
    const set = openAttempt();
    const idle = set.attempt();
    idle.overtaken(0);
    const unsent = set.attempt({ send: () => new Promise(() => {}) });
    void unsent.run();
    await settled();
    unsent.overtaken(0);
    const done = set.attempt();
    const running = done.run();
    await settled();
    set.answer('rows');
    await running;
    done.overtaken(0);
    await set.clock.advanceAsync(1_000);
    expect([set.recorded, set.timers, set.page.breaker.state]).toEqual([[0], [], 'closed']);
  });
});
