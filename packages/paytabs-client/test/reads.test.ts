import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../src/testing/index.js';
import { paidSale, rejection, startPair } from './with-simulator.js';

const passing: readonly (readonly [string, Fault])[] = [
  ['a cut connection', { kind: 'reset' }],
  ['half a reply', { kind: 'truncatedJson' }],
  ['no JSON', { kind: 'invalidJson' }],
  ['502 with a page', { kind: 'html' }],
  ['500 in the error shape', { kind: 'reply', status: 500, body: { code: 400, message: 'x' } }],
  ['429', { kind: 'tooMany', retryAfterSeconds: 0 }],
];

describe('a read', () => {
  it.each(passing)('is asked again after %s', async (_, fault) => {
    const { simulator, client, events } = await startPair();
    const { tranRef } = await paidSale({ simulator, client });
    simulator.faults.add({ ...fault, route: 'query', times: 2 });
    await expect(client.query({ tranRef })).resolves.toMatchObject({ status: 'A' });
    expect(events.filter((event) => event.name === 'retried')).toHaveLength(2);
  });

  it('is asked again when one try takes too long', async () => {
    const { simulator, client } = await startPair({ client: { readTimeoutMs: 150 } });
    const { tranRef } = await paidSale({ simulator, client });
    simulator.faults.add({ kind: 'hang', route: 'query' });
    await expect(client.query({ tranRef })).resolves.toMatchObject({ status: 'A' });
  });

  it('gives up after its tries with the last reason', async () => {
    const { simulator, client } = await startPair({ client: { maxAttempts: 2 } });
    simulator.faults.add({ kind: 'html', status: 503, times: 'always' });
    const error = await rejection(client.query({ tranRef: 'TST2625600001234' }));
    expect(error).toMatchObject({ code: 'GATEWAY_UNAVAILABLE', httpStatus: 503 });
    expect(simulator.requests()).toHaveLength(2);
  });

  it('gives up at once when the pause it is asked for is longer than its time limit', async () => {
    const { simulator, client } = await startPair({ client: { timeoutMs: 5000 } });
    simulator.faults.add({ kind: 'tooMany', retryAfterSeconds: 6 });
    const error = await rejection(client.query({ tranRef: 'TST2625600001234' }));
    expect(error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 6000 });
    expect(simulator.requests()).toHaveLength(1);
  });

  it('gives up when its waits together would be longer than its time limit', async () => {
    const clock = new ManualClock();
    const { simulator, client } = await startPair({ client: { clock, timeoutMs: 5000 } });
    simulator.faults.add({ kind: 'tooMany', retryAfterSeconds: 3, times: 'always' });
    const retried = new Promise((resolve) => client.events.once('retried', resolve));
    const work = rejection(client.query({ tranRef: 'TST2625600001234' }));
    await retried;
    await clock.advanceAsync(3000);
    expect(await work).toMatchObject({ code: 'RATE_LIMITED' });
    expect(simulator.requests()).toHaveLength(2);
  });

  it('waits as long as the gateway asks for', async () => {
    const clock = new ManualClock();
    const { simulator, client } = await startPair({ client: { clock } });
    const { tranRef } = await paidSale({ simulator, client });
    simulator.faults.add({ kind: 'tooMany', retryAfterSeconds: 6, route: 'query' });
    const retried = new Promise<number>((resolve) => {
      client.events.once('retried', ({ delayMs }) => resolve(delayMs));
    });
    const work = client.query({ tranRef });
    expect(await retried).toBe(6000);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(6000);
    await expect(work).resolves.toMatchObject({ tranRef });
  });

  it.each([
    ['a refused key', 401, 1, 'AUTHENTICATION_FAILED'],
    ['an unknown transaction', 400, 113, 'NOT_FOUND'],
    ['an error said with HTTP 200', 200, 2, 'INVALID_REQUEST'],
    ['a code nobody knows yet', 418, 987, 'INVALID_REQUEST'],
  ])('is not asked again after %s', async (_, status, gatewayCode, code) => {
    const { simulator, client } = await startPair();
    const body = { code: gatewayCode, message: 'said so', trace: 'PMNT0101.6A000001.00000A01' };
    simulator.faults.add({ kind: 'reply', status, body });
    await expect(client.query({ tranRef: 'TST1' })).rejects.toMatchObject({
      code,
      gatewayCode,
      httpStatus: status,
      trace: body.trace,
    });
    expect(simulator.requests()).toHaveLength(1);
  });

  it('ends when the caller aborts it, also in a wait', async () => {
    const { simulator, client } = await startPair({
      client: { retryDelayMs: 60_000, random: () => 0.1 },
    });
    simulator.faults.add({ kind: 'reset', times: 'always' });
    const caller = new AbortController();
    client.events.once('retried', () => caller.abort());
    const work = client.query({ tranRef: 'TST1' }, { signal: caller.signal });
    await expect(work).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('does not believe an answer about another transaction', async () => {
    const { simulator, client } = await startPair();
    const first = await paidSale({ simulator, client });
    const second = await paidSale({ simulator, client });
    const body = (await client.query({ tranRef: second.tranRef })).raw;
    simulator.faults.add({ kind: 'reply', body, route: 'query', times: 2 });
    await expect(client.query({ tranRef: first.tranRef })).rejects.toMatchObject({
      code: 'UNEXPECTED_REPLY',
    });
    simulator.faults.clear();
    simulator.faults.add({ kind: 'reply', body: [body], route: 'query' });
    await expect(client.queryByCart({ cartId: first.cartId })).rejects.toMatchObject({
      code: 'UNEXPECTED_REPLY',
    });
  });

  describe('by cart, with a row that cannot be read', () => {
    const ask = async (status: string, odd: unknown[]) => {
      const { simulator, client } = await startPair({ client: { maxAttempts: 1 } });
      const { tranRef, cartId } = await paidSale({ simulator, client });
      const { raw } = await client.query({ tranRef });
      const row = { ...raw, payment_result: { response_status: status, response_code: '1' } };
      const unknown = { ...row, tran_ref: 'TST2625600009999', cart_currency: 'QQQ' };
      const body = [row, ...odd.map((one) => one ?? unknown)];
      simulator.faults.add({ kind: 'reply', body, route: 'query' });
      return { tranRef, cartId, answer: client.queryByCart({ cartId }) };
    };

    it.each(['A', 'H', 'P'])(
      'answers the others when there is money among them (%s)',
      async (status) => {
        const { tranRef, answer } = await ask(status, [undefined, 7, { tran_ref: 'x y' }]);
        const list = await answer;
        expect(list.map((one) => one.tranRef)).toEqual([tranRef]);
        expect(list.unreadable).toEqual([
          { tranRef: 'TST2625600009999', why: 'an amount or currency cannot be held exactly' },
          { why: expect.stringContaining('is missing or of another type') },
          { why: expect.stringContaining('is missing or of another type') },
        ]);
        expect(Object.isFrozen(list) && Object.isFrozen(list.unreadable)).toBe(true);
      },
    );

    it.each(['D', 'E', 'X', 'C', 'V', 'Z'])(
      'is refused when there is none (%s)',
      async (status) => {
        const { cartId, answer } = await ask(status, [undefined]);
        const error = await rejection(answer);
        expect(error).toMatchObject({ code: 'UNEXPECTED_REPLY', cartId });
        expect(error).toMatchObject({ message: expect.stringContaining('TST2625600009999') });
        expect(String(error)).not.toContain('QQQ');
      },
    );

    it('is an empty list only when there is no row at all', async () => {
      const { simulator, client } = await startPair({ client: { maxAttempts: 1 } });
      simulator.faults.add({ kind: 'reply', body: [], route: 'query' });
      const none = await client.queryByCart({ cartId: 'order-0' });
      expect([none, none.unreadable]).toEqual([[], []]);
      simulator.faults.add({ kind: 'reply', body: [[]], route: 'query' });
      await expect(client.queryByCart({ cartId: 'order-0' })).rejects.toMatchObject({
        code: 'UNEXPECTED_REPLY',
      });
      simulator.faults.add({ kind: 'reply', status: 400, body: { code: 113 }, route: 'query' });
      expect((await client.queryByCart({ cartId: 'order-0' })).unreadable).toEqual([]);
    });

    it('by its reference, is not believed', async () => {
      const { simulator, client } = await startPair({ client: { maxAttempts: 1 } });
      simulator.faults.add({ kind: 'reply', body: [{ tran_ref: 'TST1' }], route: 'query' });
      await expect(client.query({ tranRef: 'TST1' })).rejects.toMatchObject({
        code: 'UNEXPECTED_REPLY',
      });
    });
  });

  it('takes unknown letters, types and fields, and nulls in place of what may be missing', async () => {
    const { simulator, client } = await startPair();
    const { tranRef } = await paidSale({ simulator, client });
    const { raw } = await client.query({ tranRef });
    const body = {
      ...raw,
      tran_type: 'Teleport',
      previous_tran_ref: null,
      trace: null,
      payment_info: null,
      new_field: { deep: [1] },
      payment_result: { response_status: 'Q', response_code: 77, response_message: null },
    };
    simulator.faults.add({ kind: 'reply', body });
    const transaction = await client.query({ tranRef });
    expect(transaction).toMatchObject({
      type: 'teleport',
      status: 'Q',
      responseCode: '77',
      responseMessage: '',
      paymentInfo: {},
      raw: { new_field: { deep: [1] } },
    });
    expect(transaction.time).toBeUndefined();
  });

  it('refuses answers larger than its limit', async () => {
    const { simulator, client } = await startPair({
      client: { maxReplyBytes: 2000, maxAttempts: 1 },
    });
    simulator.faults.add({ kind: 'reply', body: { filler: 'x'.repeat(5000) } });
    await expect(client.query({ tranRef: 'TST1' })).rejects.toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
      message: expect.stringContaining('2000 bytes'),
    });
  });
});
