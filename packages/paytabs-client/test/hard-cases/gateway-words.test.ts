import { expect, it } from 'vitest';
import { money } from '../../src/index.js';
import { doneReply, of, reply, talk } from '../with-dispatcher.js';

it('what the gateway writes in place of a code is shown without cards and addresses, and not at length', async () => {
  const said = `card 5200000000000007 of sara@example.com ${'x '.repeat(5000)}`;
  const result = { response_status: 'E', response_code: said };
  const { client } = talk([reply(doneReply({ payment_result: result }))]);
  const { error } = of(
    'unknown',
    await client.chargeToken({
      cartId: 'order-1001',
      amount: money(14950n, 'AED'),
      description: 'Two tickets',
      card: { token: '2C4650BC67A3E53CC6B791FF618275B9', tranRef: 'TST2625600001234' },
    }),
  );
  expect(error.message).not.toMatch(/5200000000000007|sara@example/);
  expect(error.message.length).toBeLessThan(300);
});
