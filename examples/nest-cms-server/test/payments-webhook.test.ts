import { signPayTabsCallback } from '@nestcms/webhook-security/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createPayment,
  type House,
  makeDeal,
  ok,
  processPayment,
  settled,
  startHouse,
} from './support/house.js';
import { noticeBody, postNotice, WEBHOOK } from './support/notice.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const ID = '665f1c2ab7e4d2a1c3f4e5d6';

describe('the route of the notices', () => {
  let house: House;

  beforeAll(async () => {
    house = await startHouse({ variables: { LOG_LEVEL: 'trace' } });
  });

  afterAll(() => house.stop());

  const sign = (text: string) =>
    signPayTabsCallback(Buffer.from(text), house.simulator.serverKey) as string;
  const stored = () => house.server.db.collection('webhookInbox').countDocuments();

  const good = JSON.stringify(noticeBody({ id: ID }));
  const { cart_id: _, ...cartless } = noticeBody({ id: ID });

  it.each<[string, number, string, (text: string) => Record<string, string>]>([
    ['an empty body, truly signed', 400, '', (text) => ({ signature: sign(text) })],
    ['an empty signature', 401, good, () => ({ signature: '' })],
    ['a signature of another length', 401, good, (text) => ({ signature: sign(text).slice(2) })],
    ['two signatures', 401, good, (text) => ({ signature: `${sign(text)}, ${sign(text)}` })],
    ['a changed byte', 401, good.replace('250.00', '250.01'), () => ({ signature: sign(good) })],
    ['a truly signed body that is no JSON', 400, '{oops', (text) => ({ signature: sign(text) })],
    [
      'a truly signed body that is no notice',
      422,
      JSON.stringify(cartless),
      (text) => ({ signature: sign(text) }),
    ],
    [
      'a truly signed amount that the currency cannot have',
      422,
      JSON.stringify(noticeBody({ id: ID }, { tran_total: '250.001' })),
      (text) => ({ signature: sign(text) }),
    ],
    [
      'another content type',
      415,
      good,
      (text) => ({ signature: sign(text), 'content-type': 'text/plain' }),
    ],
    [
      'more than a mebibyte, truly signed',
      413,
      JSON.stringify(noticeBody({ id: ID }, { more: 'x'.repeat(1_048_576) })),
      (text) => ({ signature: sign(text) }),
    ],
  ])('refuses %s with %i and keeps nothing', async (_name, status, body, headers) => {
    const before = await stored();
    const answer = await house.server.api.post(WEBHOOK, body, {
      headers: { ...JSON_TYPE, ...headers(body) },
    });
    expect(answer.status).toBe(status);
    expect(await stored()).toBe(before);
  });

  it('writes no key, no card, no name and no address of a payer anywhere but where they belong', async () => {
    const { server, simulator } = house;
    const deal = await makeDeal(server);
    const { id } = await ok(createPayment(deal));
    simulator.faults.add({ kind: 'truncatedJson', route: 'query', times: 3 });
    const { redirectUrl } = await ok(processPayment(deal.client, id));
    await simulator.pay(redirectUrl ?? '');
    await simulator.idle();
    await settled(server);
    await postNotice(server, simulator, noticeBody({ id }, { tran_total: '1.00' }));
    await settled(server);

    const { body: metrics } = await server.api.get<string>('/metrics');
    // People belong to `users`; a notice is kept as it was signed until it expires.
    const kept = ['payments', 'paymentIntents', 'journal', 'outbox', 'idempotencyKeys'];
    const documents = await Promise.all(
      kept.map((name) => server.db.collection(name).find().toArray()),
    );
    const everything = [server.log.text, metrics, JSON.stringify(documents)].join('\n');
    expect(everything).toContain(id);
    const { fullName } = await ok(deal.client.get<{ fullName: string }>('/api/v2/users/me'));
    for (const secret of [
      simulator.serverKey,
      '4111111111111111',
      '4111 11',
      fullName,
      'Sara Haddad',
      'sara@example.com',
    ]) {
      expect(everything).not.toContain(secret);
    }
  });
});
