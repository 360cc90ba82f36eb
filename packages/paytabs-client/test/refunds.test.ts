import { describe, expect, it } from 'vitest';
import { describeTransaction, money, readNotification } from '../src/index.js';
import { startShop } from './shop.js';
import {
  completed,
  pageRequest,
  paidSale,
  rejection,
  startPair,
  stateOf,
  unknownEnd,
} from './with-simulator.js';

const refundOf = (tranRef: string, minor: bigint) => ({
  ...pageRequest({ amount: money(minor, 'AED') }),
  tranRef,
});

describe('a refund', () => {
  it('gives back in parts until nothing is left, then answers 118', async () => {
    const { simulator, client, intents } = await startPair();
    const { tranRef } = await paidSale({ simulator, client });
    const part = await completed(client.refund(refundOf(tranRef, 4950n)));
    expect(part).toMatchObject({
      previousTranRef: tranRef,
      type: 'refund',
      status: 'A',
      total: { minor: 4950n, currency: 'AED' },
    });
    expect(describeTransaction(part)).toEqual({ kind: 'refunded', followUp: true, final: true });

    const tooMuch = refundOf(tranRef, 10_001n);
    const refused = await completed(client.refund(tooMuch));
    expect(refused).toMatchObject({ status: 'E', responseCode: '118' });
    expect(refused.tranRef).not.toBe(tranRef);
    expect(describeTransaction(refused).kind).toBe('failed');
    expect(await stateOf(intents, tooMuch.cartId)).toMatchObject({
      name: 'done',
      seen: { tranRef: refused.tranRef, status: 'E', responseCode: '118' },
    });

    const rest = await completed(client.refund(refundOf(tranRef, 10_000n)));
    expect(rest.status).toBe('A');
    const refunds = simulator.issuerLog().filter((entry) => entry.action === 'refund');
    expect(refunds.map((entry) => entry.amount.minor)).toEqual([4950n, 10_000n]);
  });

  it('is told to the merchant as its own transaction, never as a payment', async () => {
    const { simulator, client } = await startPair();
    const shop = await startShop();
    const { tranRef } = await paidSale({ simulator, client }, { callbackUrl: shop.callbackUrl });
    const refund = await completed(client.refund(refundOf(tranRef, 14950n)));
    await simulator.idle();
    const notices = shop.callbacks.map(({ body }) => readNotification(JSON.parse(String(body))));
    expect(notices).toMatchObject([
      { kind: 'reportedPaid', followUp: false, tranRef },
      { kind: 'refunded', followUp: true, tranRef: refund.tranRef, previousTranRef: tranRef },
    ]);
  });

  it.each([
    ['an unknown transaction', 'TST2625600009999', 'AED', 'NOT_FOUND', 113],
    ['another currency', undefined, 'SAR', 'INVALID_REQUEST', 206],
  ] as const)('is refused for %s', async (_, unknownRef, currency, code, gatewayCode) => {
    const { simulator, client } = await startPair();
    const { tranRef } = await paidSale({ simulator, client });
    const request = pageRequest({ amount: money(100n, currency) });
    const error = await rejection(client.refund({ ...request, tranRef: unknownRef ?? tranRef }));
    expect(error).toMatchObject({ code, gatewayCode });
  });

  it('of a declined sale answers 118, for there is nothing to give back', async () => {
    const { simulator, client } = await startPair({ simulator: { mode: 'decline' } });
    const { tranRef } = await paidSale({ simulator, client });
    const refund = await completed(client.refund(refundOf(tranRef, 1n)));
    expect(refund).toMatchObject({ responseCode: '118' });
  });

  it('that waits for approval is not final', async () => {
    const { simulator, client, intents } = await startPair();
    const { tranRef } = await paidSale({ simulator, client });
    const request = refundOf(tranRef, 100n);
    simulator.faults.add({
      kind: 'reply',
      body: answer({ request, tranRef, status: 'P', code: '600' }),
    });
    const refund = await completed(client.refund(request));
    expect(describeTransaction(refund)).toEqual({
      kind: 'refundPending',
      followUp: true,
      final: false,
    });
    expect(await stateOf(intents, request.cartId)).toMatchObject({
      name: 'pending',
      seen: { tranRef: refund.tranRef, status: 'P' },
    });
  });

  it.each([
    ['the gateway had no answer of the bank (401)', { status: 'E', code: '401' }],
    ['the gateway failed inside (400)', { status: 'E', code: '400' }],
    ['it failed with a code that nobody knows yet', { status: 'E', code: '9999' }],
    ['the answer names another cart', { cartId: 'another' }],
    ['the answer names another amount', { amount: '999.00' }],
    ['the answer names another total', { total: '0.99' }],
    ['the answer names another currency of the total', { totalCurrency: 'SAR' }],
    ['the answer is about a sale', { type: 'Sale' }],
    ['the answer is about another profile', { profileId: 12345 }],
    ['the answer names another parent', { previous: 'TST2625600000001' }],
  ] as const)('has an unknown end when %s', async (_, difference) => {
    const reason = 'status' in difference ? 'bankSilent' : 'unclearAnswer';
    const { simulator, client, intents } = await startPair();
    const { tranRef } = await paidSale({ simulator, client });
    const request = refundOf(tranRef, 100n);
    simulator.faults.add({ kind: 'reply', body: answer({ request, tranRef, ...difference }) });
    const { error, ...outcome } = await unknownEnd(client.refund(request));
    const { cartId } = request;
    const known = { reason, tranRef: 'TST2625600005555' };
    expect(outcome).toEqual({ kind: 'unknown', cartId, ...known });
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', cartId, tranRef: known.tranRef });
    expect(await stateOf(intents, cartId)).toEqual({ name: 'unknown', ...known });
  });
});

const answer = (what: {
  request: { cartId: string };
  tranRef: string;
  status?: string;
  code?: string;
  cartId?: string;
  amount?: string;
  previous?: string;
  total?: string;
  totalCurrency?: string;
  type?: string;
  profileId?: number;
}) => ({
  tran_ref: 'TST2625600005555',
  previous_tran_ref: what.previous ?? what.tranRef,
  tran_type: what.type ?? 'Refund',
  ...(what.profileId === undefined ? {} : { profileId: what.profileId }),
  cart_id: what.cartId ?? what.request.cartId,
  cart_description: 'x',
  cart_currency: 'AED',
  cart_amount: what.amount ?? '1.00',
  tran_currency: what.totalCurrency ?? 'AED',
  tran_total: what.total ?? what.amount ?? '1.00',
  payment_result: {
    response_status: what.status ?? 'A',
    response_code: what.code ?? 'G12345',
    response_message: 'x',
    transaction_time: '2026-09-13T09:02:15Z',
  },
});
