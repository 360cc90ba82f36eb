import { randomUUID } from 'node:crypto';
import { until } from '@nestcms/testbed';
import { Long, ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContractDocument } from '../src/features/contracts/contract.schema.js';
import type { PaymentDocument } from '../src/payments/payment.document.js';
import type { PaymentView } from '../src/payments/payment.schema.js';
import type { Page } from '../src/platform/http/page.js';
import { MOST_MINOR, moneyFromBson } from '../src/platform/money.js';
import type { ContractDetailsView } from '../src/reading/contract-details.js';
import type { PaymentStatisticsView } from '../src/reading/payment-statistics.js';
import { Api } from './support/api.js';
import { createPayment, type Deal, makeDeal, ok, readPayment, settled } from './support/house.js';
import { caughtUp } from './support/members.js';
import { newPayment } from './support/payment-document.js';
import { type RunningServer, startServer } from './support/start-server.js';

const money = (minor: number) => ({ minor: Long.fromNumber(minor), currency: 'AED' as const });
const problem = (status: number, code: string) => ({ status, body: { code } });

describe('payments', () => {
  let server: RunningServer;
  let stranger: Deal;

  beforeAll(async () => {
    server = await startServer();
    stranger = await makeDeal(server);
  });

  afterAll(() => server.stop());

  const invoicesOf = async ({ contract }: Deal) => {
    const contractId = new ObjectId(contract.id);
    const [invoices, stored] = await Promise.all([
      server.db.collection<PaymentDocument>('payments').find({ contractId }).toArray(),
      server.db.collection<ContractDocument>('contracts').findOne({ _id: contractId }),
    ]);
    const sum = invoices.reduce((total, { amount }) => total + moneyFromBson(amount).minor, 0n);
    return {
      count: invoices.length,
      sum,
      invoiced: stored && moneyFromBson(stored.invoiced).minor,
    };
  };

  it('are made by the employee and seen by both sides', async () => {
    const deal = await makeDeal(server);
    const answer = await createPayment(deal, { minor: 25_000 });
    expect(answer).toMatchObject({
      status: 201,
      body: {
        contractId: deal.contract.id,
        amount: { minor: 25_000, currency: 'AED' },
        status: 'created',
        tries: 0,
        history: [{ to: 'created', reason: 'invoiced' }],
      },
    });
    expect(await readPayment(deal.client, answer.body.id)).toEqual(answer.body);
    const { items } = await ok(deal.employee.get<Page<PaymentView>>('/api/v2/payments'));
    expect(items).toEqual([answer.body]);
  });

  it('stay hidden from everybody else', async () => {
    const deal = await makeDeal(server);
    const { id } = await ok(createPayment(deal));
    const path = `/api/v2/payments/${id}`;
    for (const api of [stranger.client, stranger.employee]) {
      expect(await api.get(path)).toMatchObject(problem(404, 'NOT_FOUND'));
    }
    const process = `/api/v2/payments/process/${id}`;
    expect(await stranger.client.post(process)).toMatchObject(problem(404, 'NOT_FOUND'));
    expect(await deal.employee.post(process)).toMatchObject(problem(403, 'FORBIDDEN'));
    const { items } = await ok(stranger.client.get<Page<PaymentView>>('/api/v2/payments'));
    expect(items).toEqual([]);
  });

  it('are made by the employee of the contract or a manager, by nobody else', async () => {
    const deal = await makeDeal(server);
    const { api: manager } = await server.signIn('manager');
    const by = (employee: Deal['employee']) => createPayment({ ...deal, employee });
    expect(await by(stranger.employee)).toMatchObject(problem(404, 'NOT_FOUND'));
    expect(await by(deal.client)).toMatchObject(problem(403, 'FORBIDDEN'));
    expect((await by(manager)).status).toBe(201);
  });

  it('need a key, and have one effect for each', async () => {
    const deal = await makeDeal(server);
    const keyless = { ...deal, contract: deal.contract };
    expect(
      await keyless.employee.post('/api/v2/payments/create', {
        contractId: deal.contract.id,
        title: 'Deposit',
        amount: { minor: 1, currency: 'AED' },
      }),
    ).toMatchObject(problem(400, 'VALIDATION_ERROR'));
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => createPayment(deal, { key })),
    );
    const first = answers[0]?.body;
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    expect(answers.every(({ body }) => body.id === first?.id)).toBe(true);
    expect(await createPayment(deal, { key, minor: 1 })).toMatchObject(
      problem(422, 'IDEMPOTENCY_KEY_REUSED'),
    );
    expect(await invoicesOf(deal)).toEqual({ count: 1, sum: 25_000n, invoiced: 25_000n });
  });

  it('have keys of their own: what one caller made is no answer for another', async () => {
    const key = randomUUID();
    const [deal, other] = [await makeDeal(server), await makeDeal(server)];
    const { api: manager } = await server.signIn('manager');
    // The same key with another request, and with the very same one.
    const [mine, theirs, again] = [
      await ok(createPayment(deal, { key })),
      await ok(createPayment(other, { key })),
      await ok(createPayment({ ...deal, employee: manager }, { key })),
    ];
    expect(new Set([mine.id, theirs.id, again.id]).size).toBe(3);
    expect(theirs.contractId).toBe(other.contract.id);
    expect(await invoicesOf(deal)).toMatchObject({ count: 2, sum: 50_000n });
    expect(await invoicesOf(other)).toMatchObject({ count: 1, sum: 25_000n });
  });

  it('never exceed their contract, also when fifty are made at once on two instances', {
    timeout: 90_000,
  }, async () => {
    const deal = await makeDeal(server, 100_000);
    const other = await startServer({ variables: { ...server.variables, PORT: '0' } });
    const instances = [deal.employee, new Api(other.url, deal.employee.token)];
    // On a busy machine a transaction may reach its time limit: that is a 503, and the same key may be tried again.
    const untilDecided = async (employee: Api) => {
      const key = randomUUID();
      return until(
        async () => {
          const answer = await createPayment({ ...deal, employee }, { minor: 7_000, key });
          return answer.status !== 503 && answer;
        },
        { what: 'an invoice to be made or refused', timeoutMs: 60_000 },
      );
    };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, turn) => untilDecided(instances[turn % 2] as Api)),
    );
    await other.stop({ keepData: true });
    const made = answers.filter(({ status }) => status === 201).length;
    const refused = answers.filter(({ status }) => status === 409);
    expect({ made, refused: refused.length }).toEqual({ made: 14, refused: 36 });
    expect(refused[0]).toMatchObject(problem(409, 'CONTRACT_AMOUNT_EXCEEDED'));
    expect(await invoicesOf(deal)).toEqual({ count: 14, sum: 98_000n, invoiced: 98_000n });
    expect((await createPayment(deal, { minor: 2_000 })).status).toBe(201);
    expect(await createPayment(deal, { minor: 1 })).toMatchObject(
      problem(409, 'CONTRACT_AMOUNT_EXCEEDED'),
    );
  });

  it('are in the currency of their contract', async () => {
    expect(await createPayment(stranger, { currency: 'EGP' })).toMatchObject(
      problem(422, 'CURRENCY_MISMATCH'),
    );
  });

  it('are not made for a contract that is over', async () => {
    const deal = await makeDeal(server);
    await server.db
      .collection('contracts')
      .updateOne({ _id: new ObjectId(deal.contract.id) }, { $set: { status: 'terminated' } });
    expect(await createPayment(deal)).toMatchObject(problem(409, 'CONTRACT_NOT_ACTIVE'));
  });

  it('show in the contract at once, counted and summed', async () => {
    const deal = await makeDeal(server);
    const path = `/api/v2/contracts/${deal.contract.id}`;
    await ok(deal.client.get(path));
    await ok(createPayment(deal, { minor: 30_000 }));
    const details = await ok(deal.client.get<ContractDetailsView>(path));
    expect(details.payments).toMatchObject([{ status: 'created', amount: { minor: 30_000 } }]);
    expect(details.totals).toEqual({
      paid: { minor: 0, currency: 'AED' },
      open: { minor: 30_000, currency: 'AED' },
      remaining: { minor: 70_000, currency: 'AED' },
    });
  });

  it('are counted by state for their own people, on replica2', async () => {
    const deal = await makeDeal(server);
    await ok(createPayment(deal, { minor: 10_000 }));
    await ok(createPayment(deal, { minor: 20_000 }));
    await settled(server);
    await caughtUp(server);
    const answer = await deal.client.get<PaymentStatisticsView>('/api/v2/payments/stats');
    expect(answer.body).toEqual({
      byStatus: [{ status: 'created', count: 2, amount: { minor: 30_000, currency: 'AED' } }],
    });
    expect(answer.headers.get('x-served-by')).toBe('replica2');
    const again = await deal.client.get('/api/v2/payments/stats');
    expect(again.headers.get('x-cache')).toBe('HIT');
    const others = await ok(stranger.client.get<PaymentStatisticsView>('/api/v2/payments/stats'));
    expect(others.byStatus).toEqual([]);
  });

  it('are exact in number and sum at the largest amount, and larger ones are refused', async () => {
    const deal = await makeDeal(server, MOST_MINOR);
    expect(await createPayment(deal, { minor: MOST_MINOR + 1 })).toMatchObject(
      problem(400, 'VALIDATION_ERROR'),
    );
    await ok(createPayment(deal, { minor: MOST_MINOR }));
    const { totals } = await ok(
      deal.client.get<ContractDetailsView>(`/api/v2/contracts/${deal.contract.id}`),
    );
    expect(totals.open).toEqual({ minor: MOST_MINOR, currency: 'AED' });
  });

  it('whose sum JSON cannot hold are a problem of its own, not the fault of the gateway', async () => {
    const { api, user } = await server.signIn('client');
    const old = { clientId: new ObjectId(user.id), amount: money(Number.MAX_SAFE_INTEGER) };
    await server.db
      .collection('payments')
      .insertMany([1, 2].map(() => ({ ...newPayment(new Date()), ...old })));
    // The second time the rows come from the cache.
    for (const cache of ['MISS', 'HIT']) {
      const answer = await api.get('/api/v2/payments/stats');
      expect(answer).toMatchObject(problem(422, 'AMOUNT_TOO_LARGE'));
      expect(answer.headers.get('x-cache')).toBe(cache);
    }
    await server.db.collection('payments').deleteMany({ clientId: old.clientId });
  });
});
