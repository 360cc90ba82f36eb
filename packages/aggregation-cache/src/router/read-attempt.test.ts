import { describe, expect, it } from 'vitest';
import { openAttempt, settled } from '../../test/support/fake-attempt.js';
import { AttemptFailed } from './member-reader.js';

describe('an attempt that is answered', () => {
  it('is good for the member, and tells how long it took', async () => {
    const { attempt, answer, clock, page, recorded, passedOver } = openAttempt();
    const one = attempt();
    const running = one.run();
    expect([one.isDone, one.route.id]).toEqual([false, 'a']);
    await settled();
    clock.advance(30);
    answer('rows');
    expect(await running).toBe('rows');
    expect([one.isDone, recorded, passedOver]).toEqual([true, [30], []]);
    expect([page.asked, page.hedged, page.breaker.state]).toEqual([1, 0, 'closed']);
  });

  it('counts as a hedge if it is one', async () => {
    const { attempt, answer, page } = openAttempt({ isHedge: true });
    const running = attempt().run();
    await settled();
    answer('rows');
    await running;
    expect([page.asked, page.hedged]).toEqual([1, 1]);
  });

  it('when nobody waits any more is given up, and its time is not told again', async () => {
    const { attempt, answer, state, recorded, discarded } = openAttempt();
    const running = attempt({ discard: (rows) => discarded.push(rows) }).run();
    const other = attempt();
    await settled();
    state.isOver = true;
    answer('rows');
    expect(await running).toBe('rows');
    expect([discarded, recorded]).toEqual([['rows'], []]);
    expect(await other.run()).toBeUndefined();
  });

  it('when nobody waits any more needs nobody to give it up', async () => {
    const { attempt, answer, state } = openAttempt();
    const running = attempt().run();
    await settled();
    state.isOver = true;
    answer('rows');
    expect(await running).toBe('rows');
  });

  it('is not given up while somebody waits', async () => {
    const { attempt, answer, discarded } = openAttempt();
    const running = attempt({ discard: (rows) => discarded.push(rows) }).run();
    await settled();
    answer('rows');
    await running;
    expect(discarded).toEqual([]);
  });

  it('without having been sent has no time', async () => {
    const { attempt, recorded } = openAttempt();
    expect(await attempt({ send: async () => 'rows' }).run()).toBe('rows');
    expect(recorded).toEqual([]);
  });
});

describe('an attempt that fails', () => {
  const cause = new Error('cause');

  it.each(['network', 'timeout', 'gone', 'unavailable'] as const)(
    'is bad for the member: %s',
    async (failure) => {
      const { attempt, fail, page, passedOver } = openAttempt();
      const running = attempt().run();
      await settled();
      fail(new AttemptFailed(failure, cause));
      expect(await running).toBeUndefined();
      expect(passedOver).toEqual([{ member: 'a', reason: failure, error: cause }]);
      expect(page.breaker.state).toBe('open');
    },
  );

  it.each(['lagging', 'busy', 'timeUnknown'] as const)(
    'may say nothing of the health of the member: %s',
    async (failure) => {
      const { attempt, fail, page, passedOver } = openAttempt();
      const running = attempt().run();
      await settled();
      fail(new AttemptFailed(failure, undefined));
      expect(await running).toBeUndefined();
      expect(passedOver).toEqual([{ member: 'a', reason: failure }]);
      expect(Object.keys(passedOver[0] ?? {})).toEqual(['member', 'reason']);
      expect(page.breaker.state).toBe('closed');
      expect(page.breaker.tryAcquire()).toBeDefined();
    },
  );

  it.each([
    ['query', 'QUERY_FAILED'],
    ['maxTime', 'MAX_TIME_EXCEEDED'],
  ] as const)('may end the read: %s', async (failure, code) => {
    const { attempt, fail, page, passedOver } = openAttempt();
    const running = attempt().run();
    await settled();
    fail(new AttemptFailed(failure, cause));
    await expect(running).rejects.toMatchObject({ code, cause });
    expect([passedOver, page.breaker.state]).toEqual([[], 'closed']);
  });

  it('for a reason that nobody foresaw is a fault of the question', async () => {
    const { attempt, fail, page } = openAttempt();
    const running = attempt().run();
    await settled();
    fail(cause);
    await expect(running).rejects.toMatchObject({ code: 'QUERY_FAILED', cause });
    expect(page.breaker.state).toBe('closed');
  });

  it('gives its permit back, so that a member on trial can be tried again', async () => {
    const { attempt, fail, page, clock } = openAttempt();
    page.breaker.trip();
    clock.advance(1_000);
    for (const failure of ['lagging', 'busy', 'timeUnknown'] as const) {
      const running = attempt().run();
      await settled();
      fail(new AttemptFailed(failure, cause));
      expect(await running).toBeUndefined();
    }
    for (const failure of ['query', 'maxTime'] as const) {
      const running = attempt().run();
      await settled();
      fail(new AttemptFailed(failure, cause));
      await expect(running).rejects.toMatchObject({ cause });
    }
    expect(page.breaker.state).toBe('halfOpen');
  });

  it('opens the breaker of an overloaded member at once, whatever it was before', async () => {
    const { attempt, fail, page } = openAttempt();
    for (let n = 0; n < 20; n += 1) page.breaker.tryAcquire()?.success();
    const running = attempt().run();
    await settled();
    fail(new AttemptFailed('overloaded', cause));
    await running;
    expect(page.breaker.state).toBe('open');
  });

  it('when nobody waits any more is told to nobody', async () => {
    const { attempt, fail, state, passedOver } = openAttempt();
    const running = attempt().run();
    await settled();
    state.isOver = true;
    fail(new AttemptFailed('network', cause));
    expect(await running).toBeUndefined();
    expect(passedOver).toEqual([]);
  });
});

describe('an attempt that is not made', () => {
  it('at a member whose breaker is open', async () => {
    const { attempt, page, passedOver } = openAttempt();
    page.breaker.trip();
    const one = attempt();
    expect(await one.run()).toBeUndefined();
    expect([one.isDone, page.asked]).toEqual([true, 0]);
    expect(passedOver).toEqual([{ member: 'a', reason: 'breakerOpen' }]);
  });

  it('at the primary that had no place for as long as the class may take', async () => {
    const { attempt, share, clock, passedOver, page, answer } = openAttempt({ isFailover: true });
    await share.enter(0);
    const running = attempt().run();
    await clock.advanceAsync(499);
    expect(passedOver).toEqual([]);
    await clock.advanceAsync(1);
    expect(await running).toBeUndefined();
    expect([passedOver, page.asked]).toEqual([[{ member: 'a', reason: 'primaryShare' }], 0]);
    share.leave();
    // Its place is given back, whatever became of it.
    for (let n = 0; n < 3; n += 1) {
      const next = attempt().run();
      await settled();
      answer('rows');
      expect(await next).toBe('rows');
    }
    expect(share.hasPlace).toBe(true);
  });

  it('when another answered while it waited for its turn', async () => {
    const { attempt, answer, state, page } = openAttempt({ maxPoolSize: 1 });
    const first = attempt().run();
    const second = attempt().run();
    await settled();
    expect(page.asked).toBe(1);
    state.isOver = true;
    answer('rows');
    await first;
    expect(await second).toBeUndefined();
    expect(page.asked).toBe(1);
  });
});
