import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { type BankBehaviour, compareBooks } from '../src/testing/index.js';
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

const decline = { kind: 'decline', code: '316', message: 'Insufficient funds' } as const;

describe('the issuing bank', () => {
  it('writes every movement of money into a log of its own, with the gateway’s references', async () => {
    const simulator = await startGateway();
    const auth = await ask(simulator, direct({ tran_type: 'auth' }));
    const capture = await followUp(simulator, {
      tran_type: 'capture',
      tran_ref: auth.tran_ref,
      amount: 40,
    });
    expect(simulator.bank.log()).toMatchObject([
      {
        action: 'hold',
        approved: true,
        tranRef: auth.tran_ref,
        account: auth.tran_ref,
        cartId: auth.cart_id,
        amount: { minor: 10_000n, currency: 'AED' },
        card: '4111 11## #### 1111',
      },
      {
        action: 'capture',
        tranRef: capture.tran_ref,
        account: auth.tran_ref,
        cartId: capture.cart_id,
        amount: { minor: 4000n, currency: 'AED' },
      },
    ]);
    expect(simulator.bank.log()[0]).not.toHaveProperty('answer');
  });

  it.each([
    ['approves', { kind: 'approve' }, { cvv: '999' }, 'A', ['charge 10000']],
    ['declines by code', decline, {}, 'D/316', []],
    ['stalls', { kind: 'stall' }, {}, 'E/401', []],
    ['stalls after it did it', { kind: 'stall', carriesOut: true }, {}, 'E/401', ['charge 10000']],
    ['answers late', { kind: 'late', afterMs: 1000 }, {}, 'E/401', ['charge 10000']],
    ['declines late', { kind: 'late', afterMs: 1000, decision: decline }, {}, 'E/401', []],
  ] as const)('%s when told to, once', async (_, behaviour, card, end, moved) => {
    const simulator = await startGateway();
    simulator.bank.next(behaviour as BankBehaviour);
    const cardDetails = {
      pan: '4111111111111111',
      cvv: '123',
      expiry_month: 12,
      expiry_year: 2030,
    };
    const request = direct({ card_details: { ...cardDetails, ...card } });
    expect(endOf(await ask(simulator, request))).toBe(end);
    expect(moves(simulator)).toEqual(moved);
    expect(endOf(await ask(simulator, direct()))).toBe('A');
  });

  it.each([
    [undefined, 'A'],
    [decline, 'D/316'],
  ])('answers late, and the gateway corrects itself and tells so: %j', async (decision, end) => {
    const shop = await startShop();
    const simulator = await startGateway({ clock: new ManualClock() });
    simulator.bank.next({ kind: 'late', afterMs: 60_000, ...(decision ? { decision } : {}) });
    const tranRef = refOf(
      await ask(simulator, direct({ callback: shop.callbackUrl, tokenise: 2 })),
    );
    simulator.advance(59_999);
    expect(endOf(await query(simulator, tranRef))).toBe('E/401');
    await simulator.idle();
    simulator.advance(1);
    await simulator.idle();
    const seen = await query(simulator, tranRef);
    expect([endOf(seen), 'token' in seen]).toEqual([end, end === 'A']);
    const notices = shop.callbacks.map(({ body }) => JSON.parse(String(body)) as Json);
    expect(notices.map(endOf)).toEqual(['E/401', end]);
    expect(notices.map((each) => each.tran_ref)).toEqual([tranRef, tranRef]);
    expect(simulator.bank.log()).toMatchObject([{ answer: 'late', approved: end === 'A' }]);
  });

  it('answers a refund late, which then counts', async () => {
    const simulator = await startGateway();
    const tran_ref = refOf(await ask(simulator, direct()));
    simulator.bank.next({ kind: 'late', afterMs: 1000 }, ['refund']);
    const refund = await followUp(simulator, { tran_type: 'refund', tran_ref, amount: 70 });
    expect(endOf(refund)).toBe('E/401');
    const early = await followUp(simulator, { tran_type: 'refund', tran_ref, amount: 40 });
    // The gateway does not know yet, and the bank does.
    expect(endOf(early)).toBe('D/300');
    simulator.advance(1000);
    expect(endOf(await query(simulator, refOf(refund)))).toBe('A');
    const late = await followUp(simulator, { tran_type: 'refund', tran_ref, amount: 40 });
    expect(endOf(late)).toBe('E/118');
    expect(moves(simulator)).toEqual(['charge 10000', 'refund 7000']);
  });

  it('asks the cardholder when told to, whatever the card', async () => {
    const simulator = await startGateway();
    simulator.bank.next({ kind: 'challenge' });
    const reply = await ask(simulator, direct());
    expect(reply).toHaveProperty('redirect_url');
    await simulator.pay(String(reply.redirect_url), { action: 'reject' });
    expect(endOf(await query(simulator, refOf(reply)))).toBe('D/310');
    expect(simulator.bank.log()).toEqual([]);
  });

  it('takes the next of what was named, and leaves the others alone', async () => {
    const simulator = await startGateway();
    simulator.bank.next(decline, ['refund']);
    const tran_ref = refOf(await ask(simulator, direct()));
    const refund = () => followUp(simulator, { tran_type: 'refund', tran_ref, amount: 10 });
    expect([endOf(await refund()), endOf(await refund())]).toEqual(['D/316', 'A']);
  });

  it('follows a rule, after what was arranged', async () => {
    const simulator = await startGateway();
    simulator.bank.setRule(({ amount, challenged }) =>
      challenged ? undefined : amount.minor > 5000n ? { kind: 'challenge' } : decline,
    );
    const dear = await ask(simulator, direct());
    const cheap = await ask(simulator, direct({ cart_amount: 50 }));
    expect(dear).toHaveProperty('redirect_url');
    await simulator.pay(String(dear.redirect_url));
    expect(endOf(await query(simulator, refOf(dear)))).toBe('A');
    expect(endOf(cheap)).toBe('D/316');
    simulator.bank.next({ kind: 'approve' });
    expect(endOf(await ask(simulator, direct({ cart_amount: 50 })))).toBe('A');
    simulator.bank.next(decline);
    simulator.bank.clear();
    expect(endOf(await ask(simulator, direct()))).toBe('A');
  });

  it('lets both legs be seen, by transaction and by cart', async () => {
    const simulator = await startGateway();
    simulator.bank.next({ kind: 'stall', carriesOut: true });
    const reply = await ask(simulator, direct({ cart_id: 'twice' }));
    await ask(simulator, direct({ cart_id: 'twice', cart_amount: 1 }));
    const [leg] = simulator.legs({ tranRef: refOf(reply) });
    expect(leg).toMatchObject({
      gateway: { status: 'E', responseCode: '401' },
      bank: [{ action: 'charge', approved: true, answer: 'never' }],
    });
    expect(simulator.legs({ cartId: 'twice' }).map(({ gateway }) => gateway.status)).toEqual([
      'E',
      'A',
    ]);
    expect(simulator.legs({ tranRef: 'TST0' })).toEqual([]);
  });

  it('can be set against what a merchant believes', async () => {
    const simulator = await startGateway();
    simulator.bank.next({ kind: 'stall', carriesOut: true });
    const lost = await ask(simulator, direct());
    const { cart_id: cartId } = await ask(simulator, direct());
    const compare = (merchant: Record<string, { charge: bigint }>) =>
      compareBooks({ bank: simulator.bank.log(), merchant });
    const believed = { [String(cartId)]: { charge: 10_000n } };
    expect(compare(believed)).toEqual([
      {
        cartId: lost.cart_id,
        kind: 'charge',
        bank: 10_000n,
        merchant: 0n,
        tranRefs: [lost.tran_ref],
      },
    ]);
    expect(compare({ ...believed, [String(lost.cart_id)]: { charge: 10_000n } })).toEqual([]);
  });

  it('is what a page gets its answers from, too', async () => {
    const simulator = await startGateway({ clock: new ManualClock() });
    simulator.bank.next({ kind: 'late', afterMs: 1000 });
    const reply = await ask(simulator, sale({ return: 'https://shop.example/return' }));
    const { fields } = await simulator.pay(String(reply.redirect_url), { closeTab: true });
    expect([fields.respStatus, fields.respCode]).toEqual(['E', '401']);
    simulator.advance(1000);
    expect(endOf(await query(simulator, refOf(reply)))).toBe('A');
  });
});
