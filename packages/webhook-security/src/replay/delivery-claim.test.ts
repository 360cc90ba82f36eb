import { describe, expect, it } from 'vitest';
import type { WebhookEvent } from '../observer.js';
import type { ReplayStore } from '../ports/replay-store.js';
import { ManualClock } from '../testing/manual-clock.js';
import type { DeliveryClaim } from '../verdict.js';
import { claimDelivery, noClaim } from './delivery-claim.js';

/** A store that has everything at once, but for the parts that are given. */
function setUp(parts: Partial<ReplayStore> = {}, keepAnswers = false) {
  const clock = new ManualClock();
  const events: WebhookEvent[] = [];
  const store: ReplayStore = {
    claim: () => 'claimed',
    confirm: () => {},
    release: () => {},
    ...parts,
  };
  const place = {
    scheme: 'mine',
    settings: {
      store,
      claimMs: 60_000,
      keepMs: 90_000,
      timeoutMs: 2_000,
      repeatStatus: 200 as const,
      keepAnswers,
    },
    clock,
    emit: (event: WebhookEvent) => events.push(event),
  };
  const outcome = () => claimDelivery(place, 'key', 'delivery 7');
  const claim = () => (outcome() as { readonly claim: DeliveryClaim }).claim;
  return { clock, events, outcome, claim };
}

const never = () => new Promise<never>(() => {});

const down = new Error('down');
const fails: readonly [string, () => PromiseLike<never>][] = [
  ['rejects', () => Promise.reject(down)],
  [
    'throws',
    () => {
      throw down;
    },
  ],
];

describe('a claim', () => {
  it('that finds a handled delivery gives its answer, where one was kept', () => {
    const found = (answer: Awaited<ReturnType<ReplayStore['claim']>>) =>
      setUp({ claim: () => answer }).outcome();
    expect(found('confirmed')).toStrictEqual({ result: 'confirmed', answer: undefined });
    expect(found({ result: 'confirmed', answer: '[202,"text/plain","7"]' })).toStrictEqual({
      result: 'confirmed',
      answer: { status: 202, contentType: 'text/plain', body: '7' },
    });
    expect(found({ result: 'confirmed', answer: 'odd' })).toStrictEqual({
      result: 'confirmed',
      answer: undefined,
    });
  });

  it.each([undefined, null, 'sure', {}, { result: 'claimed' }])(
    'fails where the store answers %j, at once or later',
    async (answer) => {
      const atOnce = setUp({ claim: () => answer as never });
      const later = setUp({ claim: () => Promise.resolve(answer as never) });
      for (const { outcome, events } of [atOnce, later]) {
        expect(await outcome()).toEqual({ result: 'failed' });
        expect(events).toEqual([
          {
            event: 'storeFailed',
            scheme: 'mine',
            operation: 'claim',
            deliveryId: 'delivery 7',
            error: new TypeError('the store answered with none of the three results'),
          },
        ]);
      }
    },
  );

  it('that the store leaves open fails with words that say so', async () => {
    const { outcome, clock, events } = setUp({ claim: never });
    const waiting = outcome();
    clock.advance(2_000);
    expect(await waiting).toEqual({ result: 'failed' });
    const message = 'the replay store gave no answer within 2000 ms';
    expect(events).toMatchObject([{ error: { code: 'STORE_TIMEOUT', message } }]);
  });

  it.each([
    ['claimed', 1],
    ['claimedElsewhere', 0],
    ['confirmed', 0],
  ] as const)('that is answered too late with %s is released %i times', async (late, times) => {
    let answer = (_result: typeof late) => {};
    let released = 0;
    const { outcome, clock } = setUp({
      claim: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
      release: () => {
        released += 1;
      },
    });
    const waiting = outcome();
    await clock.advanceAsync(2_000);
    await waiting;
    answer(late);
    await clock.advanceAsync(0);
    expect(released).toBe(times);
  });
});

describe.each(['confirm', 'release'] as const)('to %s a claim', (end) => {
  it('takes no timer where the store does it at once', async () => {
    const { claim, clock } = setUp({}, true);
    const done = claim()[end]();
    expect(clock.pendingTimers).toBe(0);
    expect(await done).toBe(true);
  });

  it('is true where the store does it later', async () => {
    const { claim, clock } = setUp({ [end]: () => Promise.resolve() });
    const done = claim()[end]();
    expect(clock.pendingTimers).toBe(1);
    expect(await done).toBe(true);
  });

  it.each(fails)('is false where the store %s, and the observer is told', async (_how, act) => {
    const { claim, events } = setUp({ [end]: act });
    expect(await claim()[end]()).toBe(false);
    expect(events).toMatchObject([{ event: 'storeFailed', operation: end, error: down }]);
  });

  it('is true where there is no store', async () => {
    expect(await noClaim[end]()).toBe(true);
  });
});
