import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContractView } from '../src/features/contracts/contract.schema.js';
import type { OfferView } from '../src/features/offers/offer.schema.js';
import type { UserView } from '../src/identity/user.schema.js';
import type { Page } from '../src/platform/http/page.js';
import type { ContractDetailsView } from '../src/reading/contract-details.js';
import type { Api } from './support/api.js';
import { makeDeal, ok, settled } from './support/house.js';
import { caughtUp } from './support/members.js';
import { type RunningServer, startServer } from './support/start-server.js';

const problem = (status: number, code: string) => ({ status, body: { code } });

describe('offers and contracts', () => {
  let server: RunningServer;
  let employee: Api;
  let otherEmployee: Api;
  let manager: Api;
  let client: { api: Api; user: UserView };
  let otherClient: Api;

  beforeAll(async () => {
    server = await startServer();
    const [one, two, three, four, five] = await Promise.all([
      server.signIn('employee'),
      server.signIn('employee'),
      server.signIn('manager'),
      server.signIn('client'),
      server.signIn('client'),
    ]);
    employee = one.api;
    otherEmployee = two.api;
    manager = three.api;
    client = four;
    otherClient = five.api;
  });

  afterAll(() => server.stop());

  const offerBody = (over: object = {}) => ({
    title: 'Home office',
    content: 'Desk and shelves.',
    clientId: client.user.id,
    price: { minor: 640_000, currency: 'AED' },
    ...over,
  });
  const offer = (over: object = {}) =>
    ok(employee.post<OfferView>('/api/v2/offers/create', offerBody(over)));
  const accept = (api: Api, offerId: string) =>
    api.post<OfferView>('/api/v2/offers/accept', { offerId });
  const convert = (api: Api, offerId: string) =>
    api.post<ContractView>('/api/v1/contracts/create', { offerId });

  it('leads an offer from review over its acceptance to one contract', async () => {
    const made = await offer();
    expect(made).toMatchObject({ status: 'review', price: { minor: 640_000, currency: 'AED' } });
    expect(await convert(employee, made.id)).toMatchObject(problem(409, 'OFFER_NOT_ACCEPTED'));
    expect(await ok(accept(client.api, made.id))).toMatchObject({ status: 'accepted' });
    expect(await accept(client.api, made.id)).toMatchObject(problem(409, 'OFFER_NOT_OPEN'));
    const contract = await ok(convert(employee, made.id));
    expect(contract).toMatchObject({
      offerId: made.id,
      status: 'active',
      title: 'Home office',
      amount: made.price,
      invoiced: { minor: 0, currency: 'AED' },
      clientId: made.clientId,
      employeeId: made.employeeId,
    });
    const { items } = await ok(client.api.get<Page<OfferView>>('/api/v2/offers'));
    expect(items.find(({ id }) => id === made.id)).toMatchObject({
      status: 'converted',
      contractId: contract.id,
    });
  });

  it('makes one contract of one offer, however many ask at once', async () => {
    const { id } = await offer();
    await ok(accept(client.api, id));
    const answers = await Promise.all(Array.from({ length: 8 }, () => convert(employee, id)));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
    const offerId = new ObjectId(id);
    expect(await server.db.collection('contracts').countDocuments({ offerId })).toBe(1);
    const events = await server.db
      .collection('outbox')
      .countDocuments({ type: 'offer.converted', 'aggregate.id': id });
    expect(events).toBe(1);
  });

  it('shows a foreign offer to nobody and lets only its own people act', async () => {
    const { id } = await offer();
    expect(await accept(otherClient, id)).toMatchObject(problem(404, 'NOT_FOUND'));
    expect(await accept(employee, id)).toMatchObject(problem(403, 'FORBIDDEN'));
    await ok(accept(client.api, id));
    expect(await convert(otherEmployee, id)).toMatchObject(problem(404, 'NOT_FOUND'));
    expect(await convert(client.api, id)).toMatchObject(problem(403, 'FORBIDDEN'));
    expect(await convert(manager, id)).toMatchObject(problem(403, 'FORBIDDEN'));
    expect(await client.api.post('/api/v2/offers/create', offerBody())).toMatchObject(
      problem(403, 'FORBIDDEN'),
    );
    expect(await server.api.get('/api/v2/offers')).toMatchObject(problem(401, 'UNAUTHORIZED'));
    const { items } = await ok(otherClient.get<Page<OfferView>>('/api/v2/offers'));
    expect(items).toEqual([]);
    const all = await ok(manager.get<Page<OfferView>>('/api/v2/offers'));
    expect(all.items.map((one) => one.id)).toContain(id);
  });

  it('makes no offer to somebody who is no client', async () => {
    for (const clientId of [
      new ObjectId().toHexString(),
      (await server.signIn('employee')).user.id,
    ]) {
      const answer = await employee.post('/api/v2/offers/create', offerBody({ clientId }));
      expect(answer).toMatchObject(problem(422, 'UNKNOWN_CLIENT'));
    }
  });

  it.each<[string, object]>([
    ['an unknown field', { status: 'accepted' }],
    ['a price that is a float', { price: { minor: 10.5, currency: 'AED' } }],
    ['a price of nothing', { price: { minor: 0, currency: 'AED' } }],
    ['a price that JSON cannot hold', { price: { minor: 2 ** 53, currency: 'AED' } }],
    ['an unknown currency', { price: { minor: 10, currency: 'XXX' } }],
    ['an operator in place of an id', { clientId: { $ne: null } }],
    ['an id of another form', { clientId: 'me' }],
    ['a blank title', { title: '   ' }],
  ])('refuses an offer with %s', async (_name, over) => {
    const answer = await employee.post('/api/v2/offers/create', offerBody(over));
    expect(answer).toMatchObject(problem(400, 'VALIDATION_ERROR'));
  });

  it('lists page by page, newest first, without gaps or repeats', async () => {
    const { api: busy } = await server.signIn('employee');
    const made: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      const { id } = await ok(busy.post<OfferView>('/api/v2/offers/create', offerBody()));
      made.unshift(id);
    }
    const listed: string[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const query: string = next === '' ? '?limit=2' : `?limit=2&before=${next}`;
      const page: Page<OfferView> = await ok(busy.get(`/api/v2/offers${query}`));
      listed.push(...page.items.map(({ id }) => id));
      next = page.next;
    }
    expect(listed).toEqual(made);
    expect(await busy.get('/api/v2/offers?limit=1000')).toMatchObject(
      problem(400, 'VALIDATION_ERROR'),
    );
  });

  describe('the details of a contract', () => {
    it('come from replica1, then from the cache, with the people but no secret of theirs', async () => {
      const deal = await makeDeal(server);
      await settled(server);
      await caughtUp(server);
      const path = `/api/v1/contracts/${deal.contract.id}`;
      const first = await deal.client.get<ContractDetailsView>(path);
      expect(first.status).toBe(200);
      expect(Object.fromEntries(first.headers)).toMatchObject({
        'x-cache': 'MISS',
        'x-cache-source': 'member',
        'x-served-by': 'replica1',
      });
      const second = await deal.employee.get<ContractDetailsView>(path);
      expect(Object.fromEntries(second.headers)).toMatchObject({
        'x-cache': 'HIT',
        'x-cache-source': expect.stringMatching(/^(memory|remote)$/),
        'x-served-by': 'replica1',
      });
      expect(second.body).toEqual(first.body);
      expect(first.body.client.id).toBe(deal.contract.clientId);
      expect(Object.keys(first.body.employee).sort()).toEqual(['email', 'fullName', 'id']);
      expect(JSON.stringify(first.body)).not.toContain('$2');
    });

    it('stay hidden from others, also when they are in the cache already', async () => {
      const deal = await makeDeal(server);
      const path = `/api/v2/contracts/${deal.contract.id}`;
      await ok(deal.client.get(path));
      for (const api of [otherClient, otherEmployee]) {
        expect(await api.get(path)).toMatchObject(problem(404, 'NOT_FOUND'));
      }
      expect((await manager.get(path)).status).toBe(200);
      expect(await manager.get(`/api/v2/contracts/${new ObjectId().toHexString()}`)).toMatchObject(
        problem(404, 'NOT_FOUND'),
      );
    });
  });
});
