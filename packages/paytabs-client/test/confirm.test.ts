import { systemClock } from '@nestcms/circuit-breaker';
import { describe, expect, it } from 'vitest';
import {
  PayTabsClient as Client,
  type Expected,
  type HostedPageRequest,
  type IntentStore,
  MemoryIntentStore,
  money,
  type NoticeClaim,
  type PayTabsClient,
  readNotification,
} from '../src/index.js';
import { startShop } from './shop.js';
import {
  intentOf,
  openPage,
  pageRequest,
  rejection,
  startPair,
  stateOf,
} from './with-simulator.js';

const profileId = 98765;

/** Somebody has paid on the page, and the notice of it has come. */
const startPaid = async (
  more: Partial<HostedPageRequest> = {},
  client: Parameters<typeof startPair>[0] = {},
) => {
  const pair = await startPair(client);
  const shop = await startShop();
  const { callbackUrl } = shop;
  const request = pageRequest({ callbackUrl, ...more });
  const page = await openPage(pair.client, request);
  await pair.simulator.pay(page.redirectUrl);
  await pair.simulator.idle();
  const notice = readNotification(JSON.parse(String(shop.callbacks.at(-1)?.body)));
  const { cartId, amount } = request;
  const expected = { profileId, cartId, amount } satisfies Expected;
  return { ...pair, notice, expected, cartId, amount };
};

const namesOf = (events: readonly { readonly name: string }[], ...wanted: string[]) =>
  events.map(({ name }) => name).filter((name) => wanted.includes(name));

describe('a notice is confirmed by the client', () => {
  it('as paid, and the intent of its reference has ended then', async () => {
    const { client, intents, events, notice, expected, cartId } = await startPaid();
    expect(notice.kind).toBe('reportedPaid');
    expect((await stateOf(intents, cartId))?.name).toBe('pageOpen');
    expect(await client.confirm(notice, expected)).toMatchObject({
      confirmed: true,
      kind: 'paid',
      effectKey: `98765:${notice.tranRef}:A`,
    });
    expect(await stateOf(intents, cartId)).toMatchObject({
      name: 'done',
      seen: { tranRef: notice.tranRef, status: 'A' },
    });
    expect(namesOf(events, 'ended', 'corrected')).toEqual(['ended']);
  });

  it('as often as it comes, with one end', async () => {
    const { client, events, notice, expected } = await startPaid();
    const confirmed = await Promise.all(
      Array.from({ length: 5 }, () => client.confirm(notice, expected)),
    );
    expect(new Set(confirmed.map((each) => each.confirmed && each.effectKey)).size).toBe(1);
    expect(namesOf(events, 'ended')).toEqual(['ended']);
  });

  it('for a reference that was never begun here, and no error is told', async () => {
    const { simulator, events, notice, expected } = await startPaid();
    const stranger = new Client({
      profileId,
      serverKey: simulator.serverKey,
      baseUrl: simulator.baseUrl,
    });
    const told: unknown[] = [];
    stranger.events.on('intentNotSettled', (event) => told.push(event));
    expect(await stranger.confirm(notice, expected)).toMatchObject({ kind: 'paid' });
    expect(told).toEqual([]);
    expect(await stranger.findIntent({ cartId: notice.cartId })).toBeUndefined();
    expect(namesOf(events, 'ended')).toEqual([]);
    await stranger.close();
  });

  it('with what the shopper chose to give', async () => {
    const donation = { min: money(1000n, 'AED'), max: money(20000n, 'AED') };
    const { client, simulator, intents, notice, expected, cartId } = await startPaid({ donation });
    const { raw } = await client.query({ tranRef: notice.tranRef });
    const body = { ...raw, cart_amount: '25.00', tran_total: '25.00' };
    simulator.faults.add({ kind: 'reply', body, times: 'always' });
    const given = money(2500n, 'AED');
    const claim = { ...notice, cartAmount: given, total: given };
    expect(await client.confirm(claim, expected)).toMatchObject({ reason: 'notBound' });
    expect(await client.confirm(claim, { ...expected, amountRange: donation })).toMatchObject({
      kind: 'paid',
      transaction: { total: given },
    });
    expect((await stateOf(intents, cartId))?.name).toBe('done');
  });
});

describe('what was found', () => {
  const startTimed = async () => {
    let time = Date.now();
    const clock = { ...systemClock, now: () => systemClock.now(), wallTime: () => time };
    const paid = await startPaid({}, { client: { clock } });
    return { ...paid, now: () => time, pass: (ms: number) => (time += ms) };
  };

  it('was so before it was asked for, however late the answer', async () => {
    const { client, intents, notice, expected, cartId, now, pass } = await startTimed();
    pass(60_000);
    const asked = now();
    client.events.on('answered', () => pass(3_600_000));
    await client.confirm(notice, expected);
    expect((await intentOf(intents, cartId))?.since.getTime()).toBe(asked);
  });

  it('says nothing of what else there may be: a refund alone ends no page', async () => {
    const { client, simulator, intents, notice, expected, cartId, pass } = await startTimed();
    const { raw } = await client.query({ tranRef: notice.tranRef });
    const body = { ...raw, tran_type: 'Refund' };
    simulator.faults.add({ kind: 'reply', body, times: 'always' });
    for (let time = 0; time < 6; time += 1) {
      pass(3_600_000);
      expect(await client.confirm(notice, expected)).toMatchObject({ kind: 'refunded' });
    }
    expect((await stateOf(intents, cartId))?.name).toBe('pageOpen');
  });
});

describe('late money', () => {
  /** The reference ended as never having reached the gateway; then its money shows up. */
  const afterNothing = async (change: (client: PayTabsClient, cartId: string) => Promise<void>) => {
    const paid = await startPaid();
    const { intents, cartId } = paid;
    const intent = await intentOf(intents, cartId);
    if (intent === undefined) throw new Error('It was begun.');
    const revision = intent.revision + 1;
    await intents.replace({ ...intent, revision, state: { name: 'notFound' } });
    await change(paid.client, cartId);
    return paid;
  };

  it('on a reference that had ended without any is told as a correction', async () => {
    const { client, intents, events, notice, expected, cartId } = await afterNothing(
      async () => undefined,
    );
    expect(await client.confirm(notice, expected)).toMatchObject({ kind: 'paid' });
    expect((await stateOf(intents, cartId))?.name).toBe('done');
    expect(namesOf(events, 'corrected', 'ended')).toEqual(['corrected', 'ended']);
  });

  it('is told again, though its end without money was heard', async () => {
    const { client, intents, notice, expected, cartId } = await afterNothing(
      async (client, cartId) => client.acknowledge({ cartId, state: { name: 'notFound' } }),
    );
    expect((await intentOf(intents, cartId))?.acknowledged).toBe(true);
    await client.confirm(notice, expected);
    expect((await intentOf(intents, cartId))?.acknowledged).toBe(false);
  });

  it('of another amount than the books have makes the intent one for a person, and is not confirmed', async () => {
    const { client, intents, events, notice, cartId } = await startPaid();
    const intent = await intentOf(intents, cartId);
    if (intent === undefined) throw new Error('It was begun.');
    const amount = money(1n, 'AED');
    const revision = intent.revision + 1;
    await intents.replace({ ...intent, revision, amount, state: { name: 'notFound' } });
    const claim = { ...notice, cartAmount: amount, total: amount };
    expect(await client.confirm(claim, { profileId, cartId, amount })).toMatchObject({
      confirmed: false,
      source: 'gateway',
    });
    expect(await stateOf(intents, cartId)).toMatchObject({
      name: 'disputed',
      reason: 'otherAmount',
    });
    expect(namesOf(events, 'corrected', 'ended')).toEqual(['corrected', 'ended']);
  });
});

describe('a store that fails', () => {
  const broken = new Error('the store is down');

  class Failing extends MemoryIntentStore {
    fails: 'find' | 'replace' | 'hang' | undefined;

    override async find(key: Parameters<IntentStore['find']>[0]) {
      if (this.fails === 'find') throw broken;
      if (this.fails === 'hang') return new Promise<never>(() => undefined);
      return super.find(key);
    }

    override async replace(intent: Parameters<IntentStore['replace']>[0]) {
      if (this.fails === 'replace') throw broken;
      return super.replace(intent);
    }
  }

  it.each(['find', 'replace', 'hang'] as const)(
    'at %s is told, and the confirmation stands',
    async (fails) => {
      const store = new Failing();
      const paid = await startPaid({}, { client: { intents: store, settleTimeoutMs: 50 } });
      store.fails = fails;
      const { client, events, notice, expected, cartId } = paid;
      expect(await client.confirm(notice, expected)).toMatchObject({ kind: 'paid' });
      const told = events.filter(({ name }) => name === 'intentNotSettled');
      const error = fails === 'hang' ? { code: 'TIMEOUT' } : broken;
      expect(told).toMatchObject([{ cartId, error }]);
    },
  );
});

describe('a notice is not confirmed by the client', () => {
  it('when it is not what the books expect: nobody is asked, nothing is stored', async () => {
    const { client, simulator, intents, notice, expected, cartId } = await startPaid();
    const asked = simulator.requests().length;
    const claim = { ...notice, total: money(1n, 'AED') };
    expect(await client.confirm(claim, expected)).toMatchObject({ source: 'notice' });
    expect(simulator.requests()).toHaveLength(asked);
    expect((await stateOf(intents, cartId))?.name).toBe('pageOpen');
  });

  it('when the gateway speaks of another profile; that is no news of an own reference', async () => {
    const { client, simulator, intents, notice, expected, cartId } = await startPaid();
    const { raw } = await client.query({ tranRef: notice.tranRef });
    simulator.faults.add({ kind: 'reply', body: { ...raw, profileId: 98766 } });
    expect(await client.confirm(notice, expected)).toMatchObject({
      source: 'gateway',
      mismatches: [{ field: 'profileId' }],
    });
    expect((await stateOf(intents, cartId))?.name).toBe('pageOpen');
  });

  it('when the gateway does not know it', async () => {
    const { client, intents, notice, expected, cartId } = await startPaid();
    const claim = { ...notice, tranRef: 'TST0000000000000' };
    expect(await client.confirm(claim, expected)).toEqual({
      confirmed: false,
      reason: 'notFound',
    });
    expect((await stateOf(intents, cartId))?.name).toBe('pageOpen');
  });

  it('when nobody can be asked: it rejects, and nothing is decided', async () => {
    const { client, simulator, notice, expected } = await startPaid();
    simulator.faults.add({ kind: 'reset', times: 'always' });
    expect(await rejection(client.confirm(notice, expected))).toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
    });
    const signal = AbortSignal.abort();
    expect(await rejection(client.confirm(notice, expected, { signal }))).toMatchObject({
      code: 'ABORTED',
    });
  });

  it.each<[string, object, object]>([
    ['a notice without amounts', { total: undefined }, {}],
    ['a reference that is none', { tranRef: '' }, {}],
    ['an amount in a float', {}, { amount: 149.5 }],
    ['an unknown expectation', {}, { allowTip: true }],
    [
      'a discount on a price that is open',
      {},
      { allowDiscount: true, amountRange: { min: money(1n, 'AED'), max: money(2n, 'AED') } },
    ],
  ])('with %s, which is refused as the request it cannot be', async (_, notice, expected) => {
    const { client } = await startPair();
    const amount = money(1n, 'AED');
    const claim = { tranRef: 'TST1', profileId, cartId: 'a', cartAmount: amount, total: amount };
    const books = { profileId, cartId: 'a', amount };
    const work = client.confirm(
      { ...claim, ...notice } as NoticeClaim,
      { ...books, ...expected } as Expected,
    );
    expect(await rejection(work)).toMatchObject({ code: 'INVALID_REQUEST' });
  });
});
