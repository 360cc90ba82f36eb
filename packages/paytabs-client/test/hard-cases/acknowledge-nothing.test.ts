import { describe, expect, it } from 'vitest';
import { money, type PayTabsClient } from '../../src/index.js';
import { doneReply, talk } from '../with-dispatcher.js';
import { rejection } from '../with-simulator.js';

describe('what is acknowledged', () => {
  const charge = {
    cartId: 'order-1001',
    amount: money(14950n, 'AED'),
    description: 'Two tickets',
    card: { token: '2C4650BC67A3E53CC6B791FF618275B9', tranRef: 'TST2625600001234' },
  };

  it.each([
    undefined,
    null,
    'order-1001',
    {},
    { cartId: 'order-1001' },
    { cartId: 'order-1001', state: 'done' },
  ])('must be an intent, and %j is none', async (wrong) => {
    const { client } = talk(doneReply());
    await client.chargeToken(charge);
    const work = client.acknowledge(wrong as Parameters<PayTabsClient['acknowledge']>[0]);
    expect(await rejection(work)).toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('may be the intent as it is', async () => {
    const { client } = talk(doneReply());
    await client.chargeToken(charge);
    const intent = await client.findIntent({ cartId: charge.cartId });
    if (intent === undefined) throw new Error('It was begun.');
    await client.acknowledge(intent);
    expect(await client.findIntent({ cartId: charge.cartId })).toMatchObject({
      acknowledged: true,
    });
  });
});
