import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type AcceptedVerdict,
  createMemoryReplayStore,
  type ReplayOptions,
  type ReplayStore,
  type WebhookEvent,
  type WebhookVerifierOptions,
} from '../src/index.js';
import { ManualClock } from '../src/testing/index.js';
import { callback, key, notice, now, verifierWith } from './requests.js';

function setUp(replay: Partial<ReplayOptions> = {}, more: Partial<WebhookVerifierOptions> = {}) {
  const clock = new ManualClock({ wallTime: now });
  const store = createMemoryReplayStore({ clock });
  const events: WebhookEvent[] = [];
  const verifier = verifierWith({
    clock,
    observer: (event) => events.push(event),
    replay: { store, ...replay },
    ...more,
  });
  return { clock, store, events, verifier };
}

const accepted = (verdict: unknown) => {
  expect(verdict).toMatchObject({ verdict: 'accepted' });
  return verdict as AcceptedVerdict;
};

/** A store whose answers are given by hand. */
function storeWith(parts: Partial<ReplayStore>): ReplayStore {
  return {
    claim: () => Promise.resolve('claimed'),
    confirm: () => Promise.resolve(),
    release: () => Promise.resolve(),
    ...parts,
  };
}

const never = () => new Promise<never>(() => {});

describe('replay protection', () => {
  it('answers a handled delivery 200, as PayTabs wants it', async () => {
    const { verifier, events } = setUp();
    await accepted(await verifier.verify(callback())).claim.confirm();
    expect(await verifier.verify(callback())).toEqual({
      verdict: 'refused',
      reason: 'replay',
      stage: 'replay',
      status: 200,
      repeat: 'confirmed',
      clientAddress: '203.0.113.7',
    });
    expect(events.map(({ event }) => event)).toEqual(['accepted', 'replayed']);
  });

  it('answers it 409 by option', async () => {
    const { verifier } = setUp({ repeatStatus: 409 });
    await accepted(await verifier.verify(callback())).claim.confirm();
    expect(await verifier.verify(callback())).toMatchObject({ status: 409, repeat: 'confirmed' });
  });

  it('never acknowledges a delivery that another worker has not finished', async () => {
    const { verifier } = setUp();
    accepted(await verifier.verify(callback()));
    expect(await verifier.verify(callback())).toMatchObject({
      reason: 'replay',
      status: 409,
      repeat: 'claimedElsewhere',
    });
  });

  it('accepts the retry after a release', async () => {
    const { verifier } = setUp();
    await accepted(await verifier.verify(callback())).claim.release();
    expect((await verifier.verify(callback())).verdict).toBe('accepted');
  });

  it('accepts the retry after a crash, once the claim has run out', async () => {
    const { verifier, clock } = setUp({ claimMs: 30_000 });
    accepted(await verifier.verify(callback()));
    clock.advance(29_999);
    expect((await verifier.verify(callback())).verdict).toBe('refused');
    clock.advance(1);
    accepted(await verifier.verify(callback()));
  });

  it('forgets a handled delivery after keepMs', async () => {
    const { verifier, clock } = setUp({ keepMs: 60_000 });
    await accepted(await verifier.verify(callback())).claim.confirm();
    clock.advance(60_000);
    expect((await verifier.verify(callback())).verdict).toBe('accepted');
  });

  it('tells a later event of the same cart from a repeat', async () => {
    const { verifier } = setUp();
    accepted(await verifier.verify(callback()));
    expect(
      (await verifier.verify(callback({ ...notice, tran_ref: 'TST2625600009999' }))).verdict,
    ).toBe('accepted');
  });

  it('knows a repeat with other bytes by its profile, transaction and status', async () => {
    const { verifier } = setUp();
    accepted(await verifier.verify(callback()));
    const resent = callback({ ...notice, ipn_trace: 'IPNS0001.6A000002.00000002' });
    expect(await verifier.verify(resent)).toMatchObject({ reason: 'replay' });
  });

  it.each([
    ['a part is missing', { profile_id: 1, tran_ref: 'T' }],
    ['a part is no text', { ...notice, tran_ref: ['T'] }],
    ['a part is very long', { ...notice, tran_ref: 'T'.repeat(101) }],
    ['a part is no text that can be stored', { ...notice, tran_ref: '\ud800' }],
  ])('goes by the digest of the message where %s', async (_name, content) => {
    const { verifier } = setUp();
    const { deliveryId } = accepted(await verifier.verify(callback(content)));
    expect(deliveryId).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await verifier.verify(callback(content))).toMatchObject({ reason: 'replay' });
    accepted(await verifier.verify(callback({ ...content, other: 1 })));
  });

  it('cannot be confused by separators inside the parts', async () => {
    const { verifier } = setUp();
    const one = accepted(await verifier.verify(callback({ ...notice, tran_ref: 'a:b' })));
    expect(one.deliveryId).toBe('98765:a%3Ab:A');
  });

  it('keeps tenants apart in one store', async () => {
    const { verifier, store, clock } = setUp({}, { tenant: 'north' });
    const south = verifierWith({ clock, tenant: 'south', replay: { store } });
    accepted(await verifier.verify(callback()));
    expect((await south.verify(callback())).verdict).toBe('accepted');
  });

  it('is not reopened by a new key', async () => {
    const { verifier, store, clock } = setUp();
    await accepted(await verifier.verify(callback())).claim.confirm();
    const keys = ['the newer key of this profile', key];
    const rotated = verifierWith({ clock, keys, replay: { store } });
    expect(await rotated.verify(callback())).toMatchObject({ reason: 'replay' });
  });

  it('claims nothing for a forged request', async () => {
    const { verifier, store } = setUp();
    await verifier.verify(callback(notice, { body: Buffer.from(`${JSON.stringify(notice)} `) }));
    expect(store.size).toBe(0);
  });

  it('releases the claim of a refused payload', async () => {
    const { verifier, store } = setUp({}, { payload: z.object({ never: z.string() }) });
    expect(await verifier.verify(callback())).toMatchObject({ reason: 'payload-invalid' });
    expect(store.size).toBe(0);
  });

  it('lets only the first end of a claim count', async () => {
    const { verifier } = setUp();
    const { claim } = accepted(await verifier.verify(callback()));
    expect(await claim.confirm()).toBe(true);
    await claim.release();
    expect(await verifier.verify(callback())).toMatchObject({ repeat: 'confirmed' });
  });

  it('accepts one of a thousand concurrent copies', async () => {
    const { verifier } = setUp();
    const verdicts = await Promise.all(
      Array.from({ length: 1_000 }, () => verifier.verify(callback())),
    );
    expect(verdicts.filter(({ verdict }) => verdict === 'accepted')).toHaveLength(1);
  });
});

describe('a replay store that fails', () => {
  const failing: readonly [string, ReplayStore['claim']][] = [
    ['rejects', () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['answers nonsense', () => Promise.resolve('sure' as never)],
  ];

  it.each(failing)('by a claim that %s: refused, never open', async (_name, claim) => {
    const { verifier, events } = setUp({ store: storeWith({ claim }) });
    expect(await verifier.verify(callback())).toMatchObject({
      reason: 'replay-store-failed',
      stage: 'replay',
      status: 503,
    });
    expect(events).toMatchObject([
      { event: 'storeFailed', operation: 'claim', deliveryId: '98765:TST2625600001234:A' },
      { event: 'refused', reason: 'replay-store-failed' },
    ]);
  });

  it('by staying silent: refused after timeoutMs', async () => {
    const { verifier, clock, events } = setUp({ store: storeWith({ claim: never }) });
    const verdict = verifier.verify(callback());
    await expect.poll(() => clock.pendingTimers).toBe(1);
    clock.advance(2_000);
    expect(await verdict).toMatchObject({ reason: 'replay-store-failed' });
    expect(events[0]).toMatchObject({ error: { code: 'STORE_TIMEOUT' } });
  });

  it('by answering late: the claim that nobody waited for is released', async () => {
    let answer = (_result: 'claimed') => {};
    const released: string[] = [];
    const claim = () =>
      new Promise<'claimed'>((resolve) => {
        answer = resolve;
      });
    const store = storeWith({
      claim,
      release: async (_key, { token }) => {
        released.push(token);
      },
    });
    const { verifier, clock } = setUp({ store });
    const verdict = verifier.verify(callback());
    await expect.poll(() => clock.pendingTimers).toBe(1);
    clock.advance(2_000);
    expect((await verdict).verdict).toBe('refused');
    answer('claimed');
    await expect.poll(() => released).toHaveLength(1);
  });

  it('on confirming: the handler is told false, nothing is thrown', async () => {
    const store = storeWith({ confirm: () => Promise.reject(new Error('down')) });
    const { verifier, events } = setUp({ store });
    expect(await accepted(await verifier.verify(callback())).claim.confirm()).toBe(false);
    expect(events.at(-1)).toMatchObject({ event: 'storeFailed', operation: 'confirm' });
  });

  it('on releasing after a refused payload: the refusal stands', async () => {
    const store = storeWith({ release: never });
    const payload = z.object({ never: z.string() });
    const { verifier, clock } = setUp({ store }, { payload });
    const verdict = verifier.verify(callback());
    await expect.poll(() => clock.pendingTimers).toBe(1);
    clock.advance(2_000);
    expect(await verdict).toMatchObject({ reason: 'payload-invalid' });
  });
});

describe('the first answer', () => {
  const setUp = (more: { readonly keepAnswers?: boolean }) => {
    const clock = new ManualClock({ wallTime: now });
    const store = createMemoryReplayStore({ clock });
    return verifierWith({ clock, replay: { store, keepMs: 60_000, ...more } });
  };
  const answer = { status: 202, contentType: 'text/plain', body: 'stored as 7' };

  it('is given to repeats where it is kept', async () => {
    const verifier = setUp({ keepAnswers: true });
    await ((await verifier.verify(callback())) as AcceptedVerdict).claim.confirm(answer);
    expect(await verifier.verify(callback())).toMatchObject({ reason: 'replay', answer });
  });

  it('is not kept unless that is asked for, and not where it is long', async () => {
    for (const [keeps, body] of [
      [{}, 'short'],
      [{ keepAnswers: false }, 'short'],
      [{ keepAnswers: true }, 'x'.repeat(9_000)],
    ] as const) {
      const verifier = setUp(keeps);
      const first = (await verifier.verify(callback())) as AcceptedVerdict;
      expect(await first.claim.confirm({ ...answer, body })).toBe(true);
      const second = await verifier.verify(callback());
      expect(second).toMatchObject({ reason: 'replay', repeat: 'confirmed', status: 200 });
      expect(second).not.toHaveProperty('answer');
    }
  });

  it('is left out where something else was written into the store', async () => {
    const store: ReplayStore = {
      claim: () => ({ result: 'confirmed', answer: '{"status":200}' }),
      confirm: () => {},
      release: () => {},
    };
    const verdict = await verifierWith({ replay: { store, keepAnswers: true } }).verify(callback());
    expect(verdict).toMatchObject({ reason: 'replay', repeat: 'confirmed' });
    expect(verdict).not.toHaveProperty('answer');
  });
});
