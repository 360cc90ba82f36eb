import { expect, it } from 'vitest';
import { exampleOf } from '../reference/examples.js';
import { startShop } from '../shop.js';
import { ask, type Json, refOf, sale, startGateway } from '../simulator-wire.js';

const keysOf = (body: Json) =>
  [body, body.payment_result as Json, body.payment_info as Json].map((each) => Object.keys(each));

it('the notice of a deferred payment that was paid has the keys that were captured', async () => {
  const shop = await startShop();
  const simulator = await startGateway();
  const request = sale({ cart_currency: 'EGP', callback: shop.callbackUrl });
  const page = await ask(simulator, request);
  await simulator.pay(String(page.redirect_url), { action: 'later', closeTab: true });
  simulator.dashboard.settle(refOf(page));
  await simulator.idle();

  const told = JSON.parse(String(shop.callbacks.at(-1)?.body)) as Json;
  const captured = exampleOf('deferred payment settled, callback').body as Json;
  expect(keysOf(told)).toEqual(keysOf(captured));
  expect(told.payment_result).toMatchObject({ acquirer_rrn: expect.stringMatching(/^\d{18}$/) });
});
