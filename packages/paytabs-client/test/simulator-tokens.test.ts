import { describe, expect, it } from 'vitest';
import type { Simulator, SimulatorOptions } from '../src/testing/index.js';
import { startShop } from './shop.js';
import {
  ask,
  call,
  cardDetails,
  direct,
  endOf,
  type Json,
  query,
  refOf,
  sale,
  startGateway,
} from './simulator-wire.js';

const saved = async (more: Json = {}, options: SimulatorOptions = {}) => {
  const simulator = await startGateway(options);
  const reply = await ask(simulator, direct({ tokenise: 2, ...more }));
  return { simulator, token: String(reply.token), tran_ref: refOf(reply), reply };
};

const recurring = (more: Json) => sale({ tran_class: 'recurring', ...more });
const refusal = async (simulator: Simulator, path: string, send: unknown) => {
  const { status, reply } = await call(simulator, path, { send });
  return [status, reply.code];
};

describe('saved cards', () => {
  it.each([
    [2, /^[0-9A-F]{32}$/],
    [3, /^[A-Za-z0-9]{20}$/],
    [4, /^\d{22}$/],
    [5, /^\d{16}$/],
    [6, /^[A-Za-z0-9]{32}$/],
  ])('have a token of form %i', async (tokenise, form) => {
    expect((await saved({ tokenise })).token).toMatch(form);
    const info = { tokenise: undefined, token_info: { tokenise, token_type: 'unscheduled' } };
    expect((await saved(info)).token).toMatch(form);
  });

  it('come from approved payments that ask for one alone', async () => {
    expect((await saved({ tokenise: 1 })).reply).not.toHaveProperty('token');
    expect((await saved({}, { mode: 'decline' })).reply).not.toHaveProperty('token');
  });

  it('are told in query, notice and return', async () => {
    const shop = await startShop();
    const simulator = await startGateway();
    const page = sale({ tokenise: 2, callback: shop.callbackUrl, return: shop.returnUrl });
    const { redirect_url: url, tran_ref: ref } = await ask(simulator, page);
    const { fields } = await simulator.pay(String(url));
    await simulator.idle();
    const { token } = await query(simulator, String(ref));
    expect(token).toMatch(/^[0-9A-F]{32}$/);
    expect(fields.token).toBe(token);
    expect(JSON.parse(String(shop.callbacks[0]?.body))).toMatchObject({ token });
  });

  it.each([
    [true, true],
    [false, false],
  ])('are kept if the customer ticks the box: %s', async (save, isKept) => {
    const simulator = await startGateway();
    const reply = await ask(simulator, sale({ tokenise: 2, show_save_card: true }));
    await simulator.pay(String(reply.redirect_url), { save });
    expect('token' in (await query(simulator, refOf(reply)))).toBe(isKept);
  });

  it('are charged without the customer, by any of the forms', async () => {
    const { simulator, token, tran_ref } = await saved();
    for (const means of [
      { token },
      { token, tran_ref },
      { tran_ref },
      { token_info: { token, token_type: 'recurring_fixed', counter: 2 } },
    ]) {
      const reply = await ask(simulator, recurring(means));
      expect(reply).toMatchObject({ tran_type: 'Sale', previous_tran_ref: tran_ref });
      expect(endOf(reply)).toBe('A');
    }
    expect(simulator.issuerLog()).toHaveLength(5);
  });

  it('say so in the notice', async () => {
    const shop = await startShop();
    const { simulator, token, tran_ref } = await saved();
    await ask(simulator, recurring({ token, callback: shop.callbackUrl }));
    await simulator.idle();
    expect(JSON.parse(String(shop.callbacks[0]?.body))).toMatchObject({
      tran_class: 'Recurring',
      previous_tran_ref: tran_ref,
      token,
    });
  });

  it('can be refunded, each charge by itself', async () => {
    const { simulator, token } = await saved();
    const charge = await ask(simulator, recurring({ token, cart_amount: 42 }));
    const refund = { tran_type: 'refund', tran_ref: refOf(charge) };
    expect(endOf(await ask(simulator, sale({ ...refund, cart_amount: 43 })))).toBe('E/118');
    expect(endOf(await ask(simulator, sale({ ...refund, cart_amount: 42 })))).toBe('A');
  });

  it('are declined on a profile without recurring payments', async () => {
    const profile = { profileId: 98765, serverKey: 'S', clientKey: 'C', merchantId: 1 };
    const options = { profiles: [{ ...profile, recurring: false }] };
    const { simulator, token } = await saved({}, options);
    expect(endOf(await ask(simulator, recurring({ token })))).toBe('D/300');
    expect(simulator.issuerLog()).toHaveLength(1);
  });

  it('with the customer ask for the security code alone', async () => {
    const { simulator, token } = await saved();
    const reply = await ask(simulator, sale({ token }));
    const html = await (await fetch(String(reply.redirect_url))).text();
    expect(html).toContain('4111 11## #### 1111');
    expect(html).toContain('name="cvv"');
    expect(html).not.toContain('name="number"');
    const wrong = { ...(await ask(simulator, sale({ token }))) };
    await simulator.pay(String(wrong.redirect_url), { card: 'wrongCvv' });
    expect(endOf(await query(simulator, refOf(wrong)))).toBe('D/305');
    await simulator.pay(String(reply.redirect_url));
    expect(endOf(await query(simulator, refOf(reply)))).toBe('A');
  });

  it.each([
    ['an unknown token', { token: 'x' }],
    ['a token of another transaction', { tran_ref: 'TST1' }],
    ['a shipping address', { shipping_details: { city: 'Dubai' } }],
    ['a card filter', { card_filter: '4111' }],
    ['a registration', { tran_type: 'register' }],
    ['a card as well', { card_details: cardDetails }],
  ])('are not charged with %s', async (_, more) => {
    const { simulator, token } = await saved();
    expect(await refusal(simulator, 'request', recurring({ token, ...more }))).toEqual([400, 2]);
  });
});

describe('token calls', () => {
  it('read a card with the shape that was captured', async () => {
    const { simulator, token, tran_ref } = await saved();
    const { reply } = await call(simulator, 'token', { send: { profile_id: 98765, token } });
    expect(reply).toEqual({
      tran_ref,
      payment_info: {
        card_type: 'Credit',
        card_scheme: 'Visa',
        payment_description: '4111 11## #### 1111',
      },
      customer_details: { name: 'Omar Saleh', email: 'omar@example.com', country: 'SA' },
    });
  });

  it('delete it with code 0, once', async () => {
    const { simulator, token } = await saved();
    const send = { profile_id: 98765, token };
    const { status, reply } = await call(simulator, 'token/delete', { send });
    expect([status, Object.keys(reply), reply.code]).toEqual([
      200,
      ['code', 'message', 'trace'],
      0,
    ]);
    for (const path of ['token', 'token/delete']) {
      expect(await refusal(simulator, path, send)).toEqual([400, 2]);
    }
    expect(await refusal(simulator, 'request', recurring({ token }))).toEqual([400, 2]);
  });

  it('know no token of another profile', async () => {
    const one = { profileId: 98765, serverKey: 'SONE', clientKey: 'C1', merchantId: 1 };
    const two = { profileId: 7, serverKey: 'STWO', clientKey: 'C2', merchantId: 2 };
    const { simulator, token } = await saved({}, { profiles: [one, two] });
    const send = { profile_id: 7, token };
    expect((await call(simulator, 'token', { send, key: 'STWO' })).status).toBe(400);
  });
});
