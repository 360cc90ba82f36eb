import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import type { SimulatorProfile } from '../src/testing/index.js';
import {
  ask,
  call,
  direct,
  endOf,
  followUp,
  type Json,
  query,
  refOf,
  sale,
  startGateway,
} from './simulator-wire.js';

const profile = (profileId: number, more: Partial<SimulatorProfile> = {}): SimulatorProfile => ({
  profileId,
  serverKey: `SKEY${profileId}`,
  clientKey: `CKEY${profileId}`,
  merchantId: profileId,
  ...more,
});

describe('several regions', () => {
  const start = () =>
    startGateway({
      profiles: [
        profile(1, { region: 'ARE' }),
        profile(2, { region: 'EGY', referenceLetters: 'PTE' }),
        profile(3),
      ],
    });

  it('have a port each, and a key belongs to one of them', async () => {
    const simulator = await start();
    const [one, two, three] = [1, 2, 3].map((id) => simulator.baseUrlOf(id));
    expect([one === simulator.baseUrl, two === one, three === one]).toEqual([true, false, true]);
    const send = (id: number) => sale({ profile_id: id });
    const at = (baseUrl: string | undefined, id: number) =>
      call({ baseUrl: baseUrl ?? '', serverKey: `SKEY${id}` }, 'request', { send: send(id) });
    expect((await at(one, 1)).status).toBe(200);
    expect(await at(two, 1)).toMatchObject({ status: 401, reply: { code: 1 } });
    expect((await at(one, 2)).status).toBe(401);
    expect((await at(three, 3)).status).toBe(200);
    const { reply } = await at(two, 2);
    expect(reply.tran_ref).toMatch(/^PTE\d{13}$/);
    expect(String(reply.redirect_url).startsWith(two ?? '')).toBe(true);
    await simulator.pay(String(reply.redirect_url));
  });

  it('close and open together', async () => {
    const simulator = await start();
    const other = { baseUrl: simulator.baseUrlOf(2), serverKey: 'SKEY2' };
    await simulator.refuseConnections();
    await expect(call(other, 'query', { send: {} })).rejects.toThrow('fetch failed');
    await simulator.acceptConnections();
    expect(simulator.baseUrlOf(2)).toBe(other.baseUrl);
    expect((await call(other, 'query', { send: { profile_id: 2 } })).status).toBe(400);
  });

  it('give follow-ups the letters of what they act on', async () => {
    const simulator = await startGateway({
      profiles: [profile(98765, { referenceLetters: 'PTS' })],
    });
    const tran_ref = refOf(await ask(simulator, direct()));
    const refund = await followUp(simulator, { tran_type: 'refund', tran_ref, amount: 1 });
    expect([tran_ref.slice(0, 3), refOf(refund).slice(0, 3)]).toEqual(['PTS', 'PTS']);
  });
});

describe('what a query sees', () => {
  const byCart = async (simulator: Awaited<ReturnType<typeof startGateway>>, cart_id: unknown) => {
    const send = { profile_id: 98765, cart_id };
    return (await call(simulator, 'query', { send })).reply as unknown as Json[];
  };

  it('comes late when told to, and stays', async () => {
    const simulator = await startGateway({ clock: new ManualClock(), queryDelayMs: 1000 });
    const reply = await ask(simulator, direct({ tran_type: 'auth' }));
    const tran_ref = refOf(reply);
    simulator.advance(999);
    expect((await query(simulator, tran_ref)).code).toBe(113);
    expect(await byCart(simulator, reply.cart_id)).toEqual([]);
    simulator.advance(1);
    expect(endOf(await query(simulator, tran_ref))).toBe('A');
    expect(await byCart(simulator, reply.cart_id)).toHaveLength(1);
    await followUp(simulator, { tran_type: 'void', tran_ref, amount: 100 });
    expect(endOf(await query(simulator, tran_ref))).toMatch(/^V/);
    simulator.bank.next({ kind: 'late', afterMs: 5000 });
    const late = refOf(await ask(simulator, direct()));
    simulator.advance(5000);
    expect(endOf(await query(simulator, late))).toBe('A');
  });

  it('has temporary transactions when told to, as pending', async () => {
    const simulator = await startGateway({ temporary: 'visible' });
    const reply = await ask(simulator, sale());
    expect(endOf(await query(simulator, refOf(reply)))).toBe('P/600');
    expect((await byCart(simulator, reply.cart_id)).map(endOf)).toEqual(['P/600']);
  });

  it('is at most twenty rows of a cart, the newest', async () => {
    const simulator = await startGateway({ duplicateGuard: 'off' });
    for (let amount = 1; amount <= 21; amount += 1) {
      await ask(simulator, direct({ cart_id: 'many', cart_amount: amount }));
    }
    const rows = await byCart(simulator, 'many');
    expect([rows.length, rows[0]?.cart_amount, rows[19]?.cart_amount]).toEqual([
      20,
      '21.00',
      '2.00',
    ]);
  });

  it('is altered by a fault, field by field', async () => {
    const simulator = await startGateway();
    const reply = await ask(simulator, direct());
    simulator.faults.add({
      kind: 'alter',
      set: { 'payment_result.response_status': 'Q', extra: { a: 1 }, trace: null },
      remove: ['payment_info.card_type', 'none.such'],
    });
    const seen = await query(simulator, refOf(reply));
    expect(seen).toMatchObject({ extra: { a: 1 }, trace: null, tran_ref: reply.tran_ref });
    expect(endOf(seen)).toMatch(/^Q/);
    expect(seen.payment_info).not.toHaveProperty('card_type');
    simulator.faults.add({ kind: 'alter', set: { cart_id: 'x' } });
    expect((await byCart(simulator, reply.cart_id)).map((row) => row.cart_id)).toEqual(['x']);
  });
});

describe('a body that nobody calls JSON', () => {
  it.each([
    ['required', 400],
    ['any', 200],
  ] as const)('is taken if no content type is %s: %i', async (contentType, status) => {
    const simulator = await startGateway({ contentType });
    const answer = await fetch(`${simulator.baseUrl}/payment/request`, {
      method: 'POST',
      headers: {
        authorization: simulator.serverKey,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: JSON.stringify(sale()),
    });
    expect(answer.status).toBe(status);
  });
});
