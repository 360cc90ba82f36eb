import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { BreakerOpenError, CircuitBreaker, exportState, importState } from '../src/index.js';
import { ManualClock } from '../src/testing/index.js';
import { flush } from './support/deferred.js';
import { recordEvents } from './support/record-events.js';
import { down, HOUR, setup } from './support/trap-setup.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('trap: a breaker that was shut down', () => {
  it('is opened again by a late failure', () => {
    const { breaker } = setup({ minimumCalls: 1 });
    const late = breaker.tryAcquire();
    breaker.shutDown();
    const heard = recordEvents(breaker.events);
    late?.failure(down);
    expect(breaker.isShutDown).toBe(true);
    expect(breaker.tryAcquire()).toBeUndefined();
    expect(heard.map(([name]) => name)).toEqual(['lateResultDropped', 'rejected']);
  });

  it('goes on by a timer: at half-open, at trials, at callers that wait', async () => {
    const { breaker, clock, fail } = setup({ halfOpen: { trials: 1, maxWaiting: 5 } });
    const heard = recordEvents(breaker.events);
    fail(2);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(1000);
    breaker.tryAcquire();
    const waiting = breaker.acquire();
    breaker.shutDown();
    await expect(waiting).rejects.toMatchObject({ code: 'BREAKER_SHUT_DOWN' });
    expect(clock.pendingTimers).toBe(0);
    heard.length = 0;
    clock.advance(HOUR);
    expect(heard).toEqual([]);
    expect(breaker.state).toBe('open');
  });

  it('while it was open keeps the timer that would have told of half-open', () => {
    const { breaker, clock, fail } = setup();
    breaker.events.on('halfOpened', () => {});
    fail(2);
    breaker.shutDown();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('trap: weight', () => {
  it('as a timer, open or closed, used or idle', async () => {
    const { breaker, clock, halfOpen } = setup();
    expect(clock.pendingTimers).toBe(0);
    await breaker.execute(() => 1);
    halfOpen();
    breaker.tryAcquire();
    expect(clock.pendingTimers).toBe(0);
  });

  it('as a stack trace for each refused call', async () => {
    const { breaker, fail } = setup();
    fail(2);
    const error = await breaker.execute(() => 1).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BreakerOpenError);
    expect((error as BreakerOpenError).stack).not.toContain('\n');
  });

  it('as a breaker that was dropped and is never freed, open or closed, used or not', async () => {
    const clock = new ManualClock();
    const drop = (
      name: string,
      use: (breaker: CircuitBreaker) => void,
    ): WeakRef<CircuitBreaker> => {
      const breaker: CircuitBreaker = new CircuitBreaker({
        name,
        clock,
        latency: true,
        window: { kind: 'time' },
        // A closure of its own, which the options kept for the next breaker must not hold.
        classify: () => (breaker.name === '' ? 'success' : 'failure'),
      });
      use(breaker);
      return new WeakRef(breaker);
    };
    const dropped = [
      drop('idle', () => {}),
      drop('used', (breaker) => breaker.tryAcquire()?.success()),
      drop('running', (breaker) => {
        void breaker.execute(() => new Promise(() => {}));
      }),
      drop('open', (breaker) => breaker.trip()),
      drop('refusing', (breaker) => {
        breaker.trip();
        breaker.execute(() => 1).catch(() => {});
      }),
      drop('held', (breaker) => breaker.holdOpen()),
      drop('listened to', (breaker) => breaker.events.on('halfOpened', () => {})),
    ];
    drop('last', () => {});
    await flush();
    await vi.waitFor(() => {
      collectGarbage();
      expect(dropped.map((breaker) => breaker.deref()?.name)).toEqual(dropped.map(() => undefined));
    });
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('trap: an exported state', () => {
  it('tells the time the breaker was made for the time it opened', () => {
    const { breaker, clock, fail } = setup();
    clock.advance(HOUR);
    fail(2);
    const openedAt = clock.wallTime();
    clock.advance(400);
    expect(exportState(breaker)).toMatchObject({ state: 'open', opening: { openedAt } });
    const { breaker: next } = setup({ clock: new ManualClock({ wallTime: openedAt + 400 }) });
    importState(next, JSON.parse(JSON.stringify(exportState(breaker))));
    expect(next.retryAfterMs()).toBe(600);
  });

  it('of a breaker that was held isolates the next one for good', () => {
    const { breaker } = setup();
    breaker.holdOpen({ reason: 'migration' });
    const { breaker: next } = setup();
    importState(next, JSON.parse(JSON.stringify(exportState(breaker))));
    for (const hold of next.holds) hold.release();
    expect(next.stats().held).toBeUndefined();
    next.reset();
    expect(next.tryAcquire()).toBeDefined();
  });

  it('set back to another calendar keeps the next one open for years', () => {
    const { breaker, clock, fail } = setup();
    fail(2);
    const wallTime = clock.wallTime() - 365 * 24 * HOUR;
    const { breaker: next } = setup({ clock: new ManualClock({ wallTime }) });
    importState(next, JSON.parse(JSON.stringify(exportState(breaker))));
    expect(next.retryAfterMs()).toBeLessThanOrEqual(1000);
  });
});
