import { ManualClock } from '@nestcms/circuit-breaker/testing';
import type { Dispatcher } from 'undici';
import { describe, expect, it } from 'vitest';
import {
  MemoryIntentStore,
  PayTabsClient,
  type PayTabsClientOptions,
  parseMajor,
} from '../src/index.js';
import { doneReply, profileId, reply, serverKey, talk } from './with-dispatcher.js';
import { intentOf, recordEvents, rejection } from './with-simulator.js';

/** A gateway that answers when it is told to. */
function start(options: Partial<Omit<PayTabsClientOptions, 'region' | 'baseUrl'>> = {}) {
  const waiting: (() => void)[] = [];
  const intents = new MemoryIntentStore();
  const control = { abort: () => undefined } as unknown as Dispatcher.DispatchController;
  const client = new PayTabsClient({
    profileId,
    serverKey,
    region: 'ARE',
    intents,
    dispatcher: {
      dispatch({ body }, handler) {
        handler.onRequestStart?.(control, null);
        waiting.push(() => {
          const asked = JSON.parse(body as string) as Record<string, string>;
          const { tran_ref = 'TST1', cart_id = 'order-1' } = asked;
          handler.onResponseStart?.(control, 200, {});
          handler.onResponseData?.(
            control,
            Buffer.from(JSON.stringify(doneReply({ tran_ref, cart_id }))),
          );
          handler.onResponseEnd?.(control, {});
        });
        return true;
      },
    },
    ...options,
  });
  return { client, intents, events: recordEvents(client), waiting };
}

const charge = (cartId: string) => ({
  cartId,
  amount: parseMajor('149.50', 'AED'),
  description: 'Two tickets',
  card: { token: 'x', tranRef: 'TST0' },
});

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a bulkhead', () => {
  it('lets so many reads through, so many wait, and refuses the others at once', async () => {
    const { client, waiting, events } = start({
      bulkheads: { read: { maxConcurrent: 2, maxQueue: 1 } },
    });
    const works = ['TST1', 'TST2', 'TST3'].map((tranRef) => client.query({ tranRef }));
    const error = await rejection(client.query({ tranRef: 'TST4' }));
    expect(error).toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
      message: expect.stringContaining('Too many reads'),
      tranRef: 'TST4',
    });
    expect(waiting).toHaveLength(2);
    expect(events.find(({ name }) => name === 'failed')).toMatchObject({ sent: false });
    expect(events.filter(({ name }) => name === 'retried')).toEqual([]);
    for (let answered = 0; answered < 3; answered += 1) {
      waiting[answered]?.();
      await settle();
    }
    expect((await Promise.all(works)).map(({ tranRef }) => tranRef)).toEqual([
      'TST1',
      'TST2',
      'TST3',
    ]);
  });

  it('refuses a write before it is remembered, so that no reference is used up', async () => {
    const { client, intents, waiting } = start({
      bulkheads: { write: { maxConcurrent: 1, maxQueue: 0 } },
    });
    const first = client.chargeToken(charge('order-1'));
    await settle();
    const error = await rejection(client.chargeToken(charge('order-2')));
    expect(error).toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
      message: expect.stringContaining('Too many writes'),
      cartId: 'order-2',
    });
    expect(await intentOf(intents, 'order-2')).toBeUndefined();
    waiting[0]?.();
    expect(await first).toMatchObject({ kind: 'completed' });
    const second = client.chargeToken(charge('order-2'));
    await settle();
    waiting[1]?.();
    expect(await second).toMatchObject({ kind: 'completed' });
  });

  it('ends a write as not sent that was remembered when the last place went', async () => {
    const { client, intents, waiting } = start({
      bulkheads: { write: { maxConcurrent: 1, maxQueue: 0 } },
    });
    const both = [
      client.chargeToken(charge('order-1')),
      rejection(client.chargeToken(charge('order-2'))),
    ];
    await settle();
    waiting[0]?.();
    expect(await Promise.all(both)).toMatchObject([
      { kind: 'completed' },
      { code: 'GATEWAY_UNAVAILABLE' },
    ]);
    expect(await intentOf(intents, 'order-2')).toMatchObject({ state: { name: 'notSent' } });
    expect(waiting).toHaveLength(1);
  });

  it('takes no place of the other kind', async () => {
    const { client, waiting } = start({ bulkheads: { read: { maxConcurrent: 1, maxQueue: 0 } } });
    const read = client.query({ tranRef: 'TST1' });
    await settle();
    const written = client.chargeToken(charge('order-1'));
    await settle();
    for (const answer of waiting) answer();
    expect(await written).toMatchObject({ kind: 'completed' });
    expect(await read).toMatchObject({ tranRef: 'TST1' });
  });

  it('lets nobody wait longer than he may', async () => {
    const clock = new ManualClock();
    const { client, waiting } = start({
      clock,
      bulkheads: { read: { maxConcurrent: 1, maxQueue: 5, maxQueueMs: 500 } },
    });
    const first = client.query({ tranRef: 'TST1' });
    const second = rejection(client.query({ tranRef: 'TST2' }));
    await clock.advanceAsync(500);
    expect(await second).toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    waiting[0]?.();
    expect(await first).toMatchObject({ tranRef: 'TST1' });
    expect(waiting).toHaveLength(1);
  });

  it('lets a caller who waits go, and sends nothing for him', async () => {
    const { client, waiting } = start({ bulkheads: { read: { maxConcurrent: 1, maxQueue: 5 } } });
    const first = client.query({ tranRef: 'TST1' });
    const caller = new AbortController();
    const second = rejection(client.query({ tranRef: 'TST2' }, { signal: caller.signal }));
    caller.abort();
    expect(await second).toMatchObject({ code: 'ABORTED' });
    waiting[0]?.();
    await first;
    await settle();
    expect(waiting).toHaveLength(1);
  });

  it('counts the wait for a place into the time of the call', async () => {
    const clock = new ManualClock();
    const { client, waiting } = start({
      clock,
      timeoutMs: 1000,
      maxAttempts: 1,
      bulkheads: { read: { maxConcurrent: 1, maxQueue: 5 } },
    });
    const first = client.query({ tranRef: 'TST1' });
    let ended: unknown;
    void rejection(client.query({ tranRef: 'TST2' })).then((error) => {
      ended = error;
    });
    await clock.advanceAsync(600);
    waiting[0]?.();
    await first;
    await settle();
    expect(waiting).toHaveLength(2);
    await clock.advanceAsync(400);
    expect(ended).toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
  });

  it('has half of the connections by default', async () => {
    const { client, waiting } = start({ maxConnections: 6, bulkheads: { read: { maxQueue: 0 } } });
    const works = Array.from({ length: 5 }, () =>
      client.query({ tranRef: 'TST1' }).catch(() => 'no'),
    );
    await settle();
    expect(waiting).toHaveLength(3);
    for (const answer of waiting) answer();
    expect((await Promise.all(works)).filter((each) => each === 'no')).toHaveLength(2);
  });

  it.each([
    [
      'a number that is none',
      { bulkheads: { read: { maxConcurrent: 0 } } },
      "bulkheads.read: Option 'maxConcurrent'",
    ],
    ['an unknown option', { bulkheads: { write: { size: 1 } } }, 'bulkheads.write:'],
    ['an unknown kind', { bulkheads: { both: {} } }, 'bulkheads:'],
    ['no object', { bulkheads: { read: 5 } }, 'bulkheads.read: must be an object'],
    ['a share that is none', { retryBudget: { ratio: 2 } }, "retryBudget: Option 'ratio'"],
  ])('is refused with %s', (_, options, message) => {
    expect(() => start(options as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(message),
      }),
    );
  });
});

describe('the retry budget', () => {
  const failing = [{ error: new Error('cut'), when: 'afterSending' as const }];

  it('bounds the further tries of all reads together', async () => {
    const clock = new ManualClock();
    const { client, requests } = talk(failing, {
      clock,
      random: () => 1,
      retryDelayMs: 100,
      retryBudget: { ratio: 0, minConcurrent: 2 },
      // Stays out of it.
      breakers: { read: { minimumCalls: 100 } },
    });
    const works = Array.from({ length: 10 }, () => rejection(client.query({ tranRef: 'TST1' })));
    for (let time = 0; time < 20; time += 1) await clock.advanceAsync(100);
    await Promise.all(works);
    // Ten first tries, and each of two that got a further one got both.
    expect(requests).toHaveLength(14);
  });

  it('gives the last error as it is to who gets none', async () => {
    const { client, requests } = talk([reply('<html></html>', 503)], {
      retryBudget: { ratio: 0, minConcurrent: 0 },
    });
    const error = await rejection(client.query({ tranRef: 'TST1' }));
    expect(error).toMatchObject({ code: 'GATEWAY_UNAVAILABLE', httpStatus: 503 });
    expect(requests).toHaveLength(1);
  });

  it('is not asked by a write of which no byte has left', async () => {
    const refused = [{ error: new Error('refused'), when: 'beforeSending' as const }];
    const { client, requests } = talk(refused, { retryBudget: { ratio: 0, minConcurrent: 0 } });
    await rejection(client.chargeToken(charge('order-1')));
    expect(requests).toHaveLength(3);
  });
});
