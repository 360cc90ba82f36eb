import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import type { Simulator, SimulatorOptions } from '../src/testing/index.js';
import { startShop } from './shop.js';
import {
  ask,
  direct,
  endOf,
  followUp,
  type Json,
  moves,
  query,
  refOf,
  sale,
  startGateway,
} from './simulator-wire.js';

const hold = async (options: SimulatorOptions = {}, more: Json = {}) => {
  const simulator = await startGateway(options);
  const auth = await ask(simulator, direct({ tran_type: 'auth', ...more }));
  return { simulator, tran_ref: refOf(auth) };
};

const step = async (
  { simulator, tran_ref }: { simulator: Simulator; tran_ref: string },
  [tran_type, amount]: readonly [string, number],
): Promise<string> => endOf(await followUp(simulator, { tran_type, tran_ref, amount }));

describe('follow-ups in the simulator', () => {
  it('answer with the shape that was captured, key for key', async () => {
    const { simulator, tran_ref } = await hold();
    const reply = await followUp(simulator, { tran_type: 'capture', tran_ref, amount: 40 });
    expect(Object.keys(reply)).toEqual([
      'tran_ref',
      'previous_tran_ref',
      'tran_type',
      'cart_id',
      'cart_description',
      'cart_currency',
      'cart_amount',
      'tran_currency',
      'tran_total',
      'customer_details',
      'payment_result',
      'payment_info',
      'serviceId',
      'paymentChannel',
      'profileId',
      'merchantId',
      'trace',
    ]);
    expect(reply).toMatchObject({
      previous_tran_ref: tran_ref,
      tran_type: 'Capture',
      cart_amount: '40.00',
      tran_total: '40.00',
      payment_result: { response_status: 'A', response_message: 'Authorised' },
      payment_info: { payment_description: '4111 11## #### 1111', expiryMonth: 12 },
      serviceId: 1,
      paymentChannel: 'Transaction API',
    });
  });

  it.each([
    [
      'captures in parts up to the hold',
      [
        ['capture', 60],
        ['capture', 40],
        ['capture', 1],
      ],
      ['A', 'A', 'E/118'],
    ],
    ['captures nothing beyond the hold', [['capture', 100.01]], ['E/118']],
    [
      'captures nothing of what was released',
      [
        ['release', 70],
        ['capture', 31],
        ['capture', 30],
      ],
      ['A', 'E/118', 'A'],
    ],
    [
      'voids no more than the open hold',
      [
        ['capture', 60],
        ['void', 41],
        ['void', 40],
      ],
      ['A', 'E/118', 'A'],
    ],
    [
      'voids nothing that was captured',
      [
        ['capture', 100],
        ['void', 1],
      ],
      ['A', 'E/118'],
    ],
    ['gives back no hold', [['refund', 1]], ['E/118']],
    [
      'extends a hold and uses nothing of it',
      [
        ['authext', 100],
        ['capture', 100],
      ],
      ['A', 'A'],
    ],
    [
      'does nothing to what was voided',
      [
        ['void', 100],
        ['capture', 1],
        ['void', 1],
      ],
      ['A', 'E/118', 'E/118'],
    ],
  ] as const)('%s', async (_, steps, ends) => {
    const held = await hold();
    const seen: string[] = [];
    for (const each of steps) seen.push(await step(held, each));
    expect(seen).toEqual(ends);
  });

  it('refund a capture, each no more than itself', async () => {
    const { simulator, tran_ref } = await hold();
    const first = await followUp(simulator, { tran_type: 'capture', tran_ref, amount: 60 });
    await followUp(simulator, { tran_type: 'capture', tran_ref, amount: 40 });
    const refund = (amount: number) =>
      step({ simulator, tran_ref: refOf(first) }, ['refund', amount]);
    expect([await refund(60.01), await refund(20), await refund(40), await refund(0.01)]).toEqual([
      'E/118',
      'A',
      'A',
      'E/118',
    ]);
    expect(moves(simulator)).toEqual([
      'hold 10000',
      'capture 6000',
      'capture 4000',
      'refund 2000',
      'refund 4000',
    ]);
  });

  it('capture no sale, nor void one', async () => {
    const simulator = await startGateway();
    const tran_ref = refOf(await ask(simulator, direct()));
    expect(await step({ simulator, tran_ref }, ['capture', 1])).toBe('E/118');
    expect(await step({ simulator, tran_ref }, ['void', 100])).toBe('E/118');
  });

  it('carry a void below the open hold out as a release, and say so in a query alone', async () => {
    const shop = await startShop();
    const { simulator, tran_ref } = await hold({}, { callback: shop.callbackUrl });
    const part = await followUp(simulator, { tran_type: 'void', tran_ref, amount: 40 });
    expect(part).toMatchObject({ tran_type: 'Release', tran_total: '40.00' });
    expect(part).not.toHaveProperty('original_tran_type');
    expect(await query(simulator, refOf(part))).toMatchObject({
      tran_type: 'Release',
      original_tran_type: 'Void',
      previous_tran_ref: tran_ref,
    });
    await simulator.idle();
    const notices = shop.callbacks.map(({ body }) => JSON.parse(String(body)) as Json);
    expect(notices.map((each) => each.tran_type)).toEqual(['Auth', 'Release']);
    expect(notices[1]).not.toHaveProperty('original_tran_type');
    const rest = await followUp(simulator, { tran_type: 'void', tran_ref, amount: 60 });
    expect(endOf(rest)).toBe('A');
    expect(await query(simulator, refOf(rest))).toMatchObject({ tran_type: 'Void' });
    expect(await query(simulator, refOf(rest))).not.toHaveProperty('original_tran_type');
  });

  it('show a wholly voided authorisation as voided, or not', async () => {
    const { simulator, tran_ref } = await hold();
    await step({ simulator, tran_ref }, ['void', 100]);
    expect(endOf(await query(simulator, tran_ref))).toMatch(/^V\//);
    const other = await hold({ voidedParents: 'unchanged' });
    await step(other, ['void', 100]);
    expect(endOf(await query(other.simulator, other.tran_ref))).toBe('A');
  });

  it('refuse another currency and an unknown transaction with an error', async () => {
    const { simulator, tran_ref } = await hold();
    const capture = { tran_type: 'capture', tran_ref, amount: 1 };
    await expect(followUp(simulator, { ...capture, cart_currency: 'SAR' })).rejects.toThrow('206');
    await expect(followUp(simulator, { ...capture, tran_ref: 'TST1' })).rejects.toThrow('113');
    await expect(followUp(simulator, { ...capture, tran_class: 'moto' })).rejects.toThrow('400');
  });

  it('find nothing to act on in what was declined', async () => {
    const { simulator, tran_ref } = await hold({ mode: 'decline' });
    expect(await step({ simulator, tran_ref }, ['capture', 1])).toBe('E/118');
    const declined = refOf(await ask(simulator, direct()));
    expect(await step({ simulator, tran_ref: declined }, ['refund', 1])).toBe('E/118');
    expect(simulator.issuerLog()).toHaveLength(2);
  });

  it('see nothing of a page on which nobody has acted', async () => {
    const simulator = await startGateway();
    const tran_ref = refOf(await ask(simulator, sale({ tran_type: 'auth' })));
    await expect(
      followUp(simulator, { tran_type: 'capture', tran_ref, amount: 1 }),
    ).rejects.toThrow('113');
  });

  it('call a capture a sale when told to', async () => {
    const { simulator, tran_ref } = await hold({ capturesReportedAs: 'Sale' });
    const capture = await followUp(simulator, { tran_type: 'capture', tran_ref, amount: 1 });
    expect(capture.tran_type).toBe('Sale');
  });

  it('are refused by the bank when the hold is over, of which nobody tells', async () => {
    const { simulator, tran_ref } = await hold({ holdMs: 1000, clock: new ManualClock() });
    simulator.advance(999);
    expect(await step({ simulator, tran_ref }, ['authext', 100])).toBe('A');
    simulator.advance(999);
    expect(await step({ simulator, tran_ref }, ['capture', 1])).toBe('A');
    simulator.advance(1);
    expect(await step({ simulator, tran_ref }, ['capture', 1])).toBe('D/300');
  });

  it('answer refunds with 342 while the merchant has no money for them', async () => {
    const simulator = await startGateway();
    const tran_ref = refOf(await ask(simulator, direct()));
    simulator.refundBalance = 'exhausted';
    expect(await step({ simulator, tran_ref }, ['refund', 100])).toBe('E/342');
    simulator.refundBalance = 'enough';
    expect(await step({ simulator, tran_ref }, ['refund', 100])).toBe('A');
  });
});

describe('refunds that wait for approval', () => {
  const waiting = async () => {
    const shop = await startShop();
    const simulator = await startGateway({ refunds: 'approval' });
    const tran_ref = refOf(await ask(simulator, direct({ callback: shop.callbackUrl })));
    const refund = await followUp(simulator, { tran_type: 'refund', tran_ref, amount: 70 });
    return { simulator, shop, tran_ref, refund: refOf(refund), end: endOf(refund) };
  };

  it('are P, move nothing, and count against the balance', async () => {
    const { simulator, tran_ref, end } = await waiting();
    expect(end).toBe('P/600');
    expect(moves(simulator)).toEqual(['charge 10000']);
    expect(await step({ simulator, tran_ref }, ['refund', 40])).toBe('E/118');
  });

  it('become A under the same reference, with a notice', async () => {
    const { simulator, shop, refund } = await waiting();
    simulator.dashboard.approveRefund(refund);
    await simulator.idle();
    expect(endOf(await query(simulator, refund))).toBe('A');
    expect(moves(simulator)).toEqual(['charge 10000', 'refund 7000']);
    const ends = shop.callbacks.map(({ body }) => endOf(JSON.parse(String(body)) as Json));
    // Each has a connection of its own: the order is anybody's guess.
    expect(ends.sort()).toEqual(['A', 'A', 'P/600']);
    expect(() => simulator.dashboard.approveRefund(refund)).toThrow('not P');
  });

  it('or D, and then it can be asked for again', async () => {
    const { simulator, tran_ref, refund } = await waiting();
    simulator.dashboard.rejectRefund(refund);
    expect(endOf(await query(simulator, refund))).toBe('D/300');
    expect(await step({ simulator, tran_ref }, ['refund', 100])).toBe('P/600');
  });
});
