import { PayTabsClient } from '@nestcms/paytabs-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EventRecorder } from '../support/event-recorder.js';
import {
  createPayment,
  type House,
  makeDeal,
  ok,
  openPage,
  processPayment,
  readPayment,
  settled,
  startHouse,
} from '../support/house.js';
import { booksOf, ledgerOf } from '../support/money.js';
import { questionsAbout } from '../support/notice.js';
import { ShiftedClock } from '../support/shifted-clock.js';

const MINUTE_MS = 60_000;

describe('while the gateway has trouble', () => {
  const clock = new ShiftedClock();
  const events = new EventRecorder();
  let house: House;

  beforeAll(async () => {
    house = await startHouse({
      variables: { JWT_TTL_SECONDS: '3600' },
      overrides: { clock, modules: [events.module] },
    });
  });

  afterEach(() => house.simulator.faults.clear());
  afterAll(() => house.stop());

  const invoice = async () => {
    const deal = await makeDeal(house.server);
    const { id } = await ok(createPayment(deal));
    return { client: deal.client, id };
  };

  const pageRequests = () =>
    house.simulator.requests().filter(({ path }) => path === '/payment/request').length;

  it('one try comes of a double click, and both clicks lead to the same page', async () => {
    const { client, id } = await invoice();
    const before = pageRequests();
    const clicks = await Promise.all(Array.from({ length: 5 }, () => processPayment(client, id)));
    expect(pageRequests() - before).toBe(1);
    const [page, ...others] = clicks.filter(({ status }) => status === 200);
    expect(page?.body.redirectUrl).toBeDefined();
    expect(others.every(({ body }) => body.redirectUrl === page?.body.redirectUrl)).toBe(true);
    for (const waiting of clicks.filter(({ status }) => status !== 200)) {
      expect(waiting).toMatchObject({ status: 202, body: { payment: { status: 'processing' } } });
      expect(waiting.headers.get('retry-after')).toBe('2');
    }
    const later = await ok(processPayment(client, id));
    expect(later.redirectUrl).toBe(page?.body.redirectUrl);
    expect(pageRequests() - before).toBe(1);
  });

  it('a lost answer leaves the payment processing, and a fresh try follows when it is safe', async () => {
    const { client, id } = await invoice();
    const before = pageRequests();
    house.simulator.faults.add({ kind: 'reset', route: 'request' });
    const lost = await processPayment(client, id);
    expect(lost).toMatchObject({
      status: 202,
      body: { payment: { status: 'processing', tries: 1 } },
    });
    expect(lost.body.redirectUrl).toBeUndefined();

    // At once the gateway is asked, knows nothing, and nothing is sent again.
    const questions = questionsAbout(house.simulator, id);
    const again = await processPayment(client, id);
    expect(again).toMatchObject({ status: 202, body: { payment: { tries: 1 } } });
    expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(60);
    expect(questionsAbout(house.simulator, id) - questions).toBe(1);
    expect(pageRequests() - before).toBe(1);

    clock.advance(3 * MINUTE_MS);
    const fresh = await ok(processPayment(client, id));
    expect(fresh.payment).toMatchObject({ status: 'processing', tries: 2 });
    expect(pageRequests() - before).toBe(2);
    await house.simulator.pay(fresh.redirectUrl ?? '');
    await house.simulator.idle();
    await settled(house.server);
    expect(await readPayment(client, id)).toMatchObject({ status: 'paid', tries: 2 });
    expect(await booksOf(house.server, id)).toEqual(ledgerOf(house.simulator, id));
    expect(await booksOf(house.server, id)).toHaveLength(1);
  });

  it('a page that nobody used expires after a long silence, and another one may be asked for', async () => {
    const { client, payment } = await openPage(house.server);
    clock.advance(22 * MINUTE_MS);
    await settled(house.server);
    expect((await readPayment(client, payment.id)).status).toBe('processing');
    clock.advance(15 * MINUTE_MS);
    await settled(house.server);
    const expired = await readPayment(client, payment.id);
    expect(expired.status).toBe('expired');
    expect(expired.history.at(-1)).toMatchObject({ reason: 'silence' });
    const next = await processPayment(client, payment.id);
    expect(next).toMatchObject({
      status: 200,
      body: { payment: { status: 'processing', tries: 2 } },
    });
  });

  it('a dead page is replaced by a new one as soon as it is asked for', async () => {
    const { client, payment, redirectUrl } = await openPage(house.server);
    clock.advance(21 * MINUTE_MS);
    const next = await ok(processPayment(client, payment.id));
    expect(next.payment.tries).toBe(2);
    expect(next.redirectUrl).not.toBe(redirectUrl);
  });

  it('money that comes twice is booked twice, told once, and leaves one paid payment', async () => {
    const { client, payment, redirectUrl } = await openPage(house.server);
    const { id } = payment;
    // Our clock is ahead of the gateway's: the first page is dead for us and alive for the gateway.
    clock.advance(21 * MINUTE_MS);
    const second = await ok(processPayment(client, id));
    for (const page of [redirectUrl, second.redirectUrl ?? '']) {
      await house.simulator.pay(page);
      await house.simulator.idle();
      await settled(house.server);
    }
    expect(await readPayment(client, id)).toMatchObject({ status: 'paid', tries: 2 });
    expect(await booksOf(house.server, id)).toEqual(ledgerOf(house.simulator, id));
    expect(await booksOf(house.server, id)).toHaveLength(2);
    const alerts = events.deliveries.filter(({ data }) => data.reason === 'paidTwice');
    expect(alerts).toMatchObject([{ type: 'alert.raised', aggregate: { id } }]);
    expect(events.of(id).filter((type) => type === 'payment.paid')).toHaveLength(1);
  });

  it('a key belongs to one try: it never starts another', async () => {
    const { client, id } = await invoice();
    const first = await ok(processPayment(client, id, 'click-1'));
    await house.simulator.pay(first.redirectUrl ?? '', { action: 'cancel' });
    await house.simulator.idle();
    await settled(house.server);
    expect((await readPayment(client, id)).status).toBe('cancelled');
    const replayed = await processPayment(client, id, 'click-1');
    expect(replayed).toMatchObject({
      status: 200,
      body: { payment: { status: 'cancelled', tries: 1 } },
    });
    const second = await ok(processPayment(client, id, 'click-2'));
    expect(second.payment).toMatchObject({ status: 'processing', tries: 2 });
  });

  it('a notice waits until the gateway can be asked about it', async () => {
    const { client, payment, redirectUrl } = await openPage(house.server);
    const disarm = house.simulator.faults.add({ kind: 'html', route: 'query', times: 'always' });
    await house.simulator.pay(redirectUrl, { closeTab: true });
    await house.simulator.idle();
    await settled(house.server);
    expect(house.simulator.deliveries().at(-1)?.status).toBe(200);
    expect((await readPayment(client, payment.id)).status).toBe('processing');
    disarm();
    clock.advance(MINUTE_MS);
    await settled(house.server);
    expect((await readPayment(client, payment.id)).status).toBe('paid');
  });

  it('an address that the gateway would not take does not keep its owner from paying', async () => {
    const { client, id } = await invoice();
    const me = await ok(client.get<{ email: string }>('/api/v2/users/me'));
    const users = house.server.db.collection('users');
    // The gateway takes 128 characters of a name; the last of these is half a flower there.
    const fullName = `${'S'.repeat(127)}🌸`;
    await users.updateOne(
      { email: me.email },
      { $set: { email: 'sara@house-.example', fullName } },
    );
    expect((await ok(processPayment(client, id))).redirectUrl).toBeDefined();
    const sent = house.simulator.requests().at(-1)?.body ?? '';
    expect(sent).not.toContain('house-');
    expect(JSON.parse(sent).customer_details).toEqual({ name: 'S'.repeat(127) });
  });

  it('a refusal is told as one and ends the try', async () => {
    const { client, id } = await invoice();
    house.simulator.faults.add({
      kind: 'reply',
      route: 'request',
      when: 'before',
      status: 400,
      body: { code: 206, message: 'Invalid currency code', trace: 'PMNT0101.6A000001.00000A01' },
    });
    const answer = await processPayment(client, id);
    expect(answer.status).toBe(502);
    expect(JSON.stringify(answer.body)).not.toContain('Invalid currency');
    expect(await readPayment(client, id)).toMatchObject({
      status: 'failed',
      history: [{}, {}, { to: 'failed', reason: 'refused' }],
    });
  });

  it('answers 503 when it is down, asks nothing once the breaker is open, and recovers by itself', async () => {
    const { client, id } = await invoice();
    const { write } = house.server.app.get(PayTabsClient).breakers;
    await house.simulator.refuseConnections();
    for (let calls = 0; write.state === 'closed' && calls < 40; calls += 1) {
      const answer = await processPayment(client, id);
      expect(answer).toMatchObject({ status: 503, body: { code: 'GATEWAY_UNAVAILABLE' } });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(write.state).toBe('open');
    const { tries, status } = await readPayment(client, id);
    expect(status).toBe('failed');

    // The gateway is back, but nobody asks it before the time is over; no try is used up either.
    await house.simulator.acceptConnections();
    const before = house.simulator.requests().length;
    const refused = await Promise.all(Array.from({ length: 10 }, () => processPayment(client, id)));
    expect(refused.map((answer) => answer.status)).toEqual(Array(10).fill(503));
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(1);
    expect(house.simulator.requests().length).toBe(before);
    expect((await readPayment(client, id)).tries).toBe(tries);

    clock.advance(31_000);
    const { redirectUrl } = await ok(processPayment(client, id));
    expect(write.state).not.toBe('open');
    await house.simulator.pay(redirectUrl ?? '');
    await house.simulator.idle();
    await settled(house.server);
    expect((await readPayment(client, id)).status).toBe('paid');
    expect(await booksOf(house.server)).toEqual(ledgerOf(house.simulator));
  });
});
