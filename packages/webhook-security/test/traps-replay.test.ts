import { describe, expect, it } from 'vitest';
import {
  adyen,
  createMemoryReplayStore,
  github,
  hubSpot,
  type ReplayStore,
  square,
  standardWebhooks,
  twilio,
  type Verdict,
  type WebhookEvent,
  type WebhookRequest,
  type WebhookVerifier,
} from '../src/index.js';
import { createRedisReplayStore } from '../src/stores/redis/index.js';
import { ManualClock } from '../src/testing/index.js';
import { hookUrl, now, pairOf, secret, told, withHeaders } from './support/signed.js';

const claimOf = (verdict: Verdict) => {
  expect(verdict.verdict).toBe('accepted');
  return (verdict as Extract<Verdict, { verdict: 'accepted' }>).claim;
};

const storeAt = (maxEntries?: number) => {
  const clock = new ManualClock({ wallTime: now });
  const store = createMemoryReplayStore({ clock, ...(maxEntries && { maxEntries }) });
  return { clock, store };
};

describe('trap: a replay store', () => {
  it('that is asked first and told later lets two copies in at once', async () => {
    const { store } = storeAt();
    const { verifier, sign } = pairOf(github(), { replay: { store } });
    const copies = Array.from({ length: 200 }, () => verifier.verify(sign()));
    const accepted = (await Promise.all(copies)).filter((one) => one.verdict === 'accepted');
    expect(accepted).toHaveLength(1);
  });

  it('that is asked first and told later needs two commands', async () => {
    const commands: string[] = [];
    const redis = {
      eval: async (_script: string, _keys: number, key: string) => {
        commands.push(key);
        return 'claimed';
      },
    };
    const { verifier, sign } = pairOf(github(), {
      replay: { store: createRedisReplayStore({ redis }) },
    });
    expect(told(await verifier.verify(sign()))).toBe('accepted');
    expect(commands).toHaveLength(1);
  });

  it('that is told before the signature held is filled by anybody', async () => {
    const { store } = storeAt(10);
    const { verifier, sign } = pairOf(standardWebhooks(), { replay: { store } });
    for (let index = 0; index < 100; index += 1) {
      const forged = { ...sign('{"a":1}', { id: `msg_${index}` }), body: Buffer.from('{"a":2}') };
      expect(told(await verifier.verify(forged))).toBe('signature');
    }
    expect(store.size).toBe(0);
  });

  it('that is told before the signature held lets anybody squat an id', async () => {
    const { store } = storeAt();
    const { verifier, sign } = pairOf(standardWebhooks(), { replay: { store } });
    const genuine = sign('{"a":1}', { id: 'msg_squat' });
    const forged = withHeaders(genuine, { 'webhook-signature': `v1,${'A'.repeat(43)}=` });
    expect(told(await verifier.verify(forged))).toBe('signature');
    expect(told(await verifier.verify(genuine))).toBe('accepted');
  });

  it('that holds what was not done yet refuses the retry, and the payment is lost', async () => {
    const { store, clock } = storeAt();
    const { verifier, sign } = pairOf(github(), { clock, replay: { store, claimMs: 30_000 } });
    const failed = claimOf(await verifier.verify(sign()));
    expect(await verifier.verify(sign())).toMatchObject({
      repeat: 'claimedElsewhere',
      status: 409,
    });
    await failed.release();
    claimOf(await verifier.verify(sign()));
    // Its worker crashes: nobody confirms, nobody releases.
    clock.advance(30_000);
    const done = claimOf(await verifier.verify(sign()));
    await done.confirm();
    expect(await verifier.verify(sign())).toMatchObject({ repeat: 'confirmed', status: 200 });
  });

  it('without a bound takes all memory, and one that is full lets copies in', async () => {
    const { store, clock } = storeAt(3);
    const events: WebhookEvent[] = [];
    const { verifier, sign } = pairOf(github(), {
      clock,
      replay: { store },
      observer: (event) => events.push(event),
    });
    const send = async (number: number) => told(await verifier.verify(sign(`[${number}]`)));
    expect(await Promise.all([1, 2, 3].map(send))).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await send(4)).toBe('replay-store-failed');
    expect(await send(1)).toBe('replay');
    expect(events.find(({ event }) => event === 'storeFailed')).toMatchObject({
      error: { code: 'STORE_FULL' },
    });
    expect(store.size).toBe(3);
    // Claims that have run out make room.
    clock.advance(60_000);
    expect(await send(4)).toBe('accepted');
  });

  it('that sweeps all it holds on each call grows slow', () => {
    const { store, clock } = storeAt();
    for (let index = 0; index < 40_000; index += 1) {
      store.claim(`old ${index}`, { claimMs: 1_000, token: 'a' });
    }
    clock.advance(1_000);
    for (let index = 0; index < 100; index += 1) {
      const before = store.size;
      store.claim(`new ${index}`, { claimMs: 1_000, token: 'a' });
      const swept = before + 1 - store.size;
      expect(swept).toBeGreaterThan(0);
      expect(swept).toBeLessThan(50);
    }
  });

  it('of one process’s memory lets each process behind a load balancer accept its copy', () => {
    const workers = [0, 1].map(() =>
      pairOf(github(), { replay: { store: createMemoryReplayStore() } }),
    );
    // So its name says what it is.
    expect(createMemoryReplayStore.name).toMatch(/Memory/);
    expect(workers.map(({ verifier, sign }) => told(verifier.verifySync(sign())))).toEqual([
      'accepted',
      'accepted',
    ]);
    const { store } = storeAt();
    const sharing = [0, 1].map(() => pairOf(github(), { replay: { store } }));
    expect(sharing.map(({ verifier, sign }) => told(verifier.verifySync(sign())))).toEqual([
      'accepted',
      'replay',
    ]);
  });

  it('that is down or silent lets copies in', async () => {
    const down = () => Promise.reject(new Error('down'));
    const store: ReplayStore = { claim: down, confirm: down, release: down };
    const { verifier, sign } = pairOf(github(), { replay: { store } });
    expect(await verifier.verify(sign())).toMatchObject({
      reason: 'replay-store-failed',
      status: 503,
    });
  });
});

describe('trap: ids', () => {
  it('of two tenants meet in one space', () => {
    const { store } = storeAt();
    const tenantOf = (tenant: string) => {
      const { verifier, sign } = pairOf(standardWebhooks(), { replay: { store }, tenant });
      return () => told(verifier.verifySync(sign('{"a":1}', { id: 'evt_1' })));
    };
    const [north, south] = [tenantOf('north'), tenantOf('south')];
    expect([north(), south(), north(), south()]).toEqual([
      'accepted',
      'accepted',
      'replay',
      'replay',
    ]);
  });

  it('of two tenants meet where the name of one holds the separator', () => {
    const { store } = storeAt();
    const names = [
      ['a', 'b:c'],
      ['a:b', 'c'],
      ['a%3Ab', 'c'],
      ['', 'a:b:c'],
    ] as const;
    for (const [tenant, id] of names) {
      const { verifier, sign } = pairOf(standardWebhooks(), {
        replay: { store },
        ...(tenant !== '' && { tenant }),
      });
      expect(told(verifier.verifySync(sign('{}', { id })))).toBe('accepted');
    }
    expect(store.size).toBe(names.length);
  });

  it('are opened again by a new key', async () => {
    const { store } = storeAt();
    const { verifier, sign } = pairOf(standardWebhooks(), { replay: { store } });
    await claimOf(verifier.verifySync(sign())).confirm();
    const newer = Buffer.from('another secret of thirty-two byte');
    const keys = [newer, Buffer.from(secret)];
    const rotated = pairOf(standardWebhooks(), { replay: { store }, keys });
    expect(told(rotated.verifier.verifySync(sign()))).toBe('replay');
    // The sender signs its retry with the new key already.
    expect(told(rotated.verifier.verifySync(sign('{"a":1}', { key: newer })))).toBe('replay');
  });
});

describe('trap: a delivery named by a digest of bytes that are not signed as they stand', () => {
  const accepts = async (verifier: WebhookVerifier, request: WebhookRequest) => {
    const verdict = await verifier.verify(request);
    if (verdict.verdict === 'accepted') await verdict.claim.confirm();
    return told(verdict);
  };

  it.each([
    ['its fields in another order', '/hook', 'To=2&Body=hi'],
    ['its letters escaped', '/hook', 'Body=%68i&To=2'],
    ['its names cut elsewhere', '/hook', 'Bodyh=i&To=2'],
    ['a field moved into the query', '/hook?a=bBodyhi', 'To=2', '/hook?a=b'],
  ])('comes again with %s (Twilio)', async (_how, url, body, firstUrl = '/hook') => {
    const { store } = storeAt();
    const { verifier, sign } = pairOf(twilio(), { replay: { store } });
    const query = firstUrl.slice('/hook'.length);
    const first = sign('Body=hi&To=2', { url: `${hookUrl}${query}` });
    expect(await accepts(verifier, { ...first, url: firstUrl })).toBe('accepted');
    expect(await accepts(verifier, { ...first, url, body: Buffer.from(body) })).toBe('replay');
  });

  it.each([square(), hubSpot()])(
    'comes again with its start in the query ($name)',
    async (scheme) => {
      const { store } = storeAt();
      const { verifier, sign } = pairOf(scheme, { replay: { store } });
      const first = sign('{"a":1}', { url: `${hookUrl}?q=` });
      expect(await accepts(verifier, { ...first, url: '/hook?q=' })).toBe('accepted');
      const cut = { ...first, url: '/hook?q={"a":', body: Buffer.from('1}') };
      expect(await accepts(verifier, cut)).toBe('replay');
    },
  );

  it('comes again with a blank where values alone are signed, and one is too long for a name (Adyen)', async () => {
    const { store } = storeAt();
    const { verifier, sign } = pairOf(adyen(), { replay: { store } });
    const item = { pspReference: 'r'.repeat(101), eventCode: 'REPORT_AVAILABLE', success: 'true' };
    const text = JSON.stringify({
      notificationItems: [
        {
          NotificationRequestItem: {
            ...item,
            merchantAccountCode: 'shop',
            merchantReference: 'm',
            amount: { value: 1, currency: 'EUR' },
          },
        },
      ],
    });
    const first = sign(text);
    expect(await accepts(verifier, first)).toBe('accepted');
    const spaced = Buffer.concat([first.body, Buffer.from(' ')]);
    expect(await accepts(verifier, { ...first, body: spaced })).toBe('replay');
  });

  it('is still one delivery when it comes again with another signed time (HubSpot)', async () => {
    const { clock, store } = storeAt();
    const { verifier, sign } = pairOf(hubSpot(), { replay: { store } });
    expect(await accepts(verifier, sign())).toBe('accepted');
    const later = sign('{"a":1}', { time: clock.wallTime() + 1_000 });
    expect(await accepts(verifier, later)).toBe('replay');
  });
});
