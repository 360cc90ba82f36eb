import { describe, expect, it } from 'vitest';
import { succeed } from '../../test/support/breaker-setup.js';
import { ManualClock } from '../testing/manual-clock.js';
import { CircuitBreaker } from './circuit-breaker.js';

/** A breaker on a clock that ticks. */
const setup = (wiring: object = {}) => {
  const clock = Object.assign(new ManualClock(), { slackMs: 50 });
  const breaker = new CircuitBreaker({ name: 'x', openForMs: 1000, clock }, wiring);
  const refused = (times = 1) =>
    Promise.all(
      Array.from({ length: times }, () =>
        breaker.execute(succeed).then(
          () => undefined,
          (error: { reason: string }) => error.reason,
        ),
      ),
    );
  return { clock, breaker, refused };
};

describe('refusals', () => {
  it('are told each, though they are refused by a short way', async () => {
    const { breaker, refused } = setup();
    const told: string[] = [];
    breaker.events.on('rejected', ({ reason }) => told.push(reason));
    breaker.trip();
    await refused(3);
    expect(told).toEqual(['open', 'open', 'open']);
    expect(breaker.stats().totals.rejected).toBe(3);
  });

  it('are told to a sink from when on it hears them', async () => {
    const wanted = new Set<string>();
    const told: string[] = [];
    const publishTo = {
      hears: (event: string) => wanted.has(event),
      emit: (event: string) => told.push(event),
    };
    const { breaker, refused } = setup({ publishTo });
    breaker.trip();
    await refused(3);
    wanted.add('rejected');
    await refused(2);
    expect(told).toEqual(['rejected', 'rejected']);
  });

  it('are the same on a clock without ticks, and where nobody listens', async () => {
    const { clock, breaker, refused } = setup();
    Object.assign(clock, { slackMs: 0 });
    breaker.trip();
    expect(await refused(2)).toEqual(['open', 'open']);
  });

  it('are over at once where it only watches from now on', async () => {
    const { breaker, refused } = setup();
    breaker.trip();
    await refused(3);
    breaker.update({ mode: 'shadow' });
    expect(await refused(2)).toEqual([undefined, undefined]);
  });

  it('are told for being open where it is shut down', async () => {
    const { breaker, refused } = setup();
    const told: string[] = [];
    breaker.events.on('rejected', ({ reason }) => told.push(reason));
    breaker.shutDown();
    await refused();
    expect(told).toEqual(['open']);
  });

  it('are for its own reason where it is held open', async () => {
    const { breaker, refused } = setup();
    breaker.holdOpen();
    expect(await refused(2)).toEqual(['heldOpen', 'heldOpen']);
  });

  it('are for theirs where trials run', async () => {
    const { clock, breaker, refused } = setup();
    breaker.trip();
    clock.advance(1000);
    for (let trial = 0; trial < 3; trial += 1) breaker.tryAcquire();
    expect(await refused(2)).toEqual(['trialsBusy', 'trialsBusy']);
  });
});

describe('an opening', () => {
  it('is told with its whole wait, whatever floating point makes of the time', () => {
    const { clock, breaker } = setup();
    const told = new Set<number>();
    breaker.events.on('opened', ({ retryAfterMs }) => told.add(retryAfterMs));
    clock.advance(1000.05);
    for (let opening = 0; opening < 400; opening += 1) {
      clock.advance(0.1);
      breaker.trip({ openForMs: 5 });
      breaker.reset();
    }
    expect([...told]).toEqual([5]);
  });

  it('that is only told, in mode shadow, is not where its wait changes the breaker', () => {
    const told: string[] = [];
    const breaker: CircuitBreaker = new CircuitBreaker({
      name: 'x',
      mode: 'shadow',
      openForMs: () => {
        breaker.reset();
        return 5;
      },
      clock: new ManualClock(),
    });
    breaker.events.on('wouldOpen', () => told.push('wouldOpen'));
    breaker.trip();
    expect(told).toEqual([]);
  });
});
