import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { money } from '../../src/index.js';
import type { FakeBehaviour } from '../fake-dispatcher.js';
import { doneReply, reply, talk } from '../with-dispatcher.js';

const order = { cartId: 'order-1001', amount: money(14950n, 'AED'), description: 'Two tickets' };
const lost: FakeBehaviour = { error: new Error('other side closed'), when: 'afterSending' };
const hourMs = 3_600_000;

/** Loses the answer to the write; then asks for an hour, with these answers by path. */
async function askForAnHour(
  work: (client: ReturnType<typeof talk>['client']) => Promise<unknown>,
  answer: (path: string) => unknown,
) {
  const clock = new ManualClock({ wallTime: Date.parse('2026-09-13T08:00:00Z') });
  let isLost = true;
  const talked = talk(
    () => {
      if (isLost) return lost;
      return reply(answer(talked.requests.at(-1)?.path ?? ''));
    },
    { clock, maxAttempts: 1 },
  );
  expect(await work(talked.client)).toMatchObject({ kind: 'unknown' });
  isLost = false;
  for (let passed = 0; passed < hourMs; passed += 60_000) {
    clock.advance(60_000);
    await talked.client.reconcile();
  }
  return (await talked.client.findIntent({ cartId: order.cartId }))?.state;
}

describe('nothing found is no absence', () => {
  const card = { token: '2C4650BC67A3E53CC6B791FF618275B9', tranRef: 'TST2625600001234' };

  it.each([
    [19, 'notFound'],
    [20, 'unknown'],
  ])('where the gateway may have cut its list: %i rows', async (count, name) => {
    const rows = Array.from({ length: count }, (_, place) =>
      doneReply({ tran_ref: `TST26256000${20_000 + place}`, tran_type: 'Refund' }),
    );
    const charge = (client: ReturnType<typeof talk>['client']) =>
      client.chargeToken({ ...order, card });
    expect(await askForAnHour(charge, () => rows)).toMatchObject({ name });
  });

  it.each<[string, object[], string]>([
    ['has no invoices', [], 'notFound'],
    ['has one of another cart', [{ id: 7, cart_id: 'order-9' }], 'notFound'],
    ['has one whose number is called otherwise', [{ id: 7, cart_id: 'order-1001' }], 'unknown'],
    ['has one that says nothing of what it is', [{ id: 7 }], 'unknown'],
    ['has it', [{ invoice_id: 7, cart_id: 'order-1001' }], 'pageOpen'],
  ])('where the search for a lost invoice %s', async (_, invoices, name) => {
    const lineItems = [{ unitCost: order.amount, quantity: 1 }];
    const create = (client: ReturnType<typeof talk>['client']) =>
      client.invoices.create({ ...order, invoice: { lineItems } });
    const answer = (path: string) => (path.includes('invoice') ? invoices : []);
    expect(await askForAnHour(create, answer)).toMatchObject({ name });
  });
});
