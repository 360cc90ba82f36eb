import { systemClock } from '@nestcms/circuit-breaker';
import { type Db, type Document, ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OfferView } from '../src/features/offers/offer.schema.js';
import type { UserDocument } from '../src/identity/user.collection.js';
import type { UserView } from '../src/identity/user.schema.js';
import { Journal, type JournalEntry } from '../src/payments/journal.js';
import { Inbox } from '../src/payments/webhook/inbox.js';
import type { NoticeDocument } from '../src/payments/webhook/notice.document.js';
import type { Page } from '../src/platform/http/page.js';
import { Database } from '../src/platform/mongo/database.js';
import { requestContext } from '../src/platform/request-context.js';
import type { ContractDetailsView } from '../src/reading/contract-details.js';
import { type Api, PASSWORD } from './support/api.js';
import {
  createPayment,
  type House,
  makeDeal,
  ok,
  processPayment,
  readPayment,
  settled,
  startHouse,
} from './support/house.js';
import { type Platform, startPlatform } from './support/platform.js';
import { formOf, sample } from './support/samples.js';

const newest = (db: Db, collection: string): Promise<Document | null> =>
  db.collection(collection).findOne({}, { sort: { _id: -1 }, promoteValues: false });

describe('what the house of today writes', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse();
    const { server, simulator } = house;
    const deal = await makeDeal(server);
    const { id } = await ok(createPayment(deal));
    const { redirectUrl = '' } = await ok(processPayment(deal.client, id, 'first-try'));
    await simulator.pay(redirectUrl);
    await simulator.idle();
    await settled(server);
    // Last of the users, with all that a form can hold.
    const { user, phone } = { user: 'a@example.com', phone: '+971 4 000 0000' };
    const form = { fullName: 'A', email: user, password: PASSWORD, phone };
    await ok(server.api.post<UserView>('/api/v2/auth/register/client', form));
  });
  afterAll(() => house.stop());

  it.each([
    ['users', 'user-v1'],
    ['offers', 'offer-v1'],
    ['contracts', 'contract-v1'],
    ['payments', 'payment-v1'],
    ['journal', 'journal-entry-v1'],
  ])('into %s has the form of %s', async (collection, name) => {
    const written = await newest(house.server.db, collection);
    expect(formOf(written ?? {})).toEqual(formOf(sample(name)));
  });
});

describe('a notice in the inbox', () => {
  let platform: Platform;
  let inbox: Inbox;
  beforeAll(async () => {
    platform = await startPlatform();
    // Nobody processes it here.
    inbox = new Inbox(platform.database, systemClock);
  });
  afterAll(() => platform.stop({ drop: true }));

  it('is written in the form of notice-v1', async () => {
    const { profileId, tranRef, status, cartId, body, stale } = sample<NoticeDocument>('notice-v1');
    const notice = { profileId: Number(profileId), tranRef, status, cartId, body, stale };
    await requestContext.run({ requestId: 'request-0001' }, () => inbox.store(notice));
    const written = await newest(platform.database.db, 'webhookInbox');
    expect(formOf(written ?? {})).toEqual(formOf(sample('notice-v1')));
    // The bytes have the same digest for ever: else a copy of what lies there would count as new.
    expect(written?.digest).toBe(sample<NoticeDocument>('notice-v1').digest);
  });
});

describe('documents that lie there since version 1', () => {
  const contract = sample('contract-v1');
  const client = sample<UserDocument>('user-v1');
  let house: House;
  let api: Api;

  beforeAll(async () => {
    house = await startHouse();
    const { db } = house.server;
    const employee = {
      ...client,
      _id: contract.employeeId,
      role: 'employee',
      email: 'e@house.test',
    };
    await db.collection('users').insertMany([client, employee as UserDocument]);
    await db.collection('offers').insertOne(sample('offer-v1'));
    await db.collection('contracts').insertOne(contract);
    await db.collection('payments').insertOne(sample('payment-v1'));
    await db.collection('journal').insertOne(sample('journal-entry-v1'));
    api = await house.server.api.login(client.email);
  });
  afterAll(() => house.stop());

  it('let a user sign in', async () => {
    expect(await ok(api.get<UserView>('/api/v2/users/me'))).toEqual({
      id: client._id.toHexString(),
      fullName: 'Sara Haddad',
      email: 'sara@example.com',
      role: 'client',
      phone: '+971 4 123 4567',
      createdAt: '2026-11-20T10:00:00.000Z',
    });
  });

  it('show an offer', async () => {
    const { items } = await ok(api.get<Page<OfferView>>('/api/v2/offers'));
    expect(items).toEqual([
      {
        id: contract.offerId.toHexString(),
        title: 'Courtyard garden',
        content: 'Planting plan and irrigation.',
        price: { minor: 100_000, currency: 'AED' },
        clientId: client._id.toHexString(),
        employeeId: contract.employeeId.toHexString(),
        status: 'converted',
        contractId: contract._id.toHexString(),
        createdAt: '2026-11-20T10:00:00.000Z',
        updatedAt: '2026-11-20T10:02:00.000Z',
      },
    ]);
  });

  it('show a contract with its people and sums', async () => {
    const id = contract._id.toHexString();
    const details = await ok(api.get<ContractDetailsView>(`/api/v2/contracts/${id}`));
    expect(details).toMatchObject({
      id,
      status: 'active',
      amount: { minor: 100_000, currency: 'AED' },
      invoiced: { minor: 14_950, currency: 'AED' },
      client: { fullName: 'Sara Haddad' },
      employee: { email: 'e@house.test' },
      createdAt: '2026-11-20T10:02:00.000Z',
    });
  });

  it('show a payment, and refuse another page for one that is paid', async () => {
    const id = sample('payment-v1')._id.toHexString();
    expect(await readPayment(api, id)).toMatchObject({
      status: 'paid',
      tries: 1,
      amount: { minor: 14_950, currency: 'AED' },
      tranRef: 'TST2632400000777',
      paidAt: '2026-11-20T10:04:01.000Z',
      history: [{ to: 'created' }, { to: 'processing' }, { to: 'paid' }],
    });
    expect((await processPayment(api, id, 'another')).body).toMatchObject({ code: 'ALREADY_PAID' });
    const replayed = await processPayment(api, id, 'first-try');
    expect([replayed.status, replayed.body.redirectUrl]).toEqual([200, undefined]);
  });

  it('are known to the journal, which takes their money no second time', async () => {
    const { app } = house.server;
    const entry = sample('journal-entry-v1');
    const held = (tranRef: string) =>
      app
        .get(Database)
        .transaction((session) => app.get(Journal).holds(session, tranRef))
        .then(({ result }) => result);
    expect([await held(String(entry.tranRef)), await held('TST0')]).toEqual([true, false]);
    const again = { ...sample<JournalEntry>('journal-entry-v1'), _id: new ObjectId() };
    const booking = app
      .get(Database)
      .transaction((session) => app.get(Journal).append(session, again));
    await expect(booking).rejects.toMatchObject({ code: 11_000 });
  });

  it('are processed as notices', async () => {
    const inbox = house.server.db.collection<NoticeDocument>('webhookInbox');
    const notice = sample<NoticeDocument>('notice-v1');
    // It has been due since long.
    await inbox.insertOne({ ...notice, dueAt: new Date(0), leasedUntil: new Date(0) });
    await settled(house.server);
    expect(await inbox.findOne({ _id: notice._id })).toMatchObject({
      pending: false,
      tries: 1,
      result: { verdict: 'unmatched', reason: 'unknownCart' },
    });
  });
});
