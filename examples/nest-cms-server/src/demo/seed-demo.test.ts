import { systemClock } from '@nestcms/circuit-breaker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Platform, startPlatform } from '../../test/support/platform.js';
import type { ContractDocument } from '../features/contracts/contract.schema.js';
import { UserService } from '../identity/user.service.js';
import type { PaymentDocument } from '../payments/payment.document.js';
import { paymentMachine } from '../payments/payment.machine.js';
import { moneyFromBson } from '../platform/money.js';
import { createBcryptHasher } from '../protection/password-hasher.js';
import { DEMO_PASSWORD, PEOPLE } from './company.js';
import { type DemoParts, seedDemo } from './seed-demo.js';

const withDemo = async (demo = 'true') => {
  const platform = await startPlatform({ variables: { NESTCMS_DEMO: demo } });
  const { database, environment } = platform;
  const users = new UserService(database, createBcryptHasher({ cost: 4 }), systemClock);
  const parts: DemoParts = { environment, database, users, clock: systemClock };
  return { platform, parts };
};

describe('the demo seed', () => {
  let platform: Platform;
  let parts: DemoParts;

  beforeAll(async () => {
    ({ platform, parts } = await withDemo());
    await seedDemo(parts);
  });

  afterAll(() => platform.stop({ drop: true }));

  it('makes people that can sign in, payments in each state and contracts never invoiced too far', async () => {
    const { db } = platform.database;
    const authenticated = await Promise.all(
      PEOPLE.map(({ email }) => parts.users.authenticate(email, DEMO_PASSWORD)),
    );
    expect(authenticated.map((user) => user?.role)).toEqual(PEOPLE.map(({ role }) => role));
    const payments = await db.collection<PaymentDocument>('payments').find().toArray();
    const states = new Set(payments.map(({ status }) => status));
    expect([...states].sort()).toEqual([...paymentMachine.states].sort());
    for (const contract of await db.collection<ContractDocument>('contracts').find().toArray()) {
      const invoices = payments.filter(({ contractId }) => contractId.equals(contract._id));
      const sum = invoices.reduce((total, { amount }) => total + moneyFromBson(amount).minor, 0n);
      expect(moneyFromBson(contract.invoiced).minor).toBe(sum);
      expect(sum).toBeLessThanOrEqual(moneyFromBson(contract.amount).minor);
    }
  });

  it('has a journal entry for each paid payment and for nothing else', async () => {
    const { db } = platform.database;
    const paid = await db.collection('payments').distinct('_id', { status: 'paid' });
    const booked = await db.collection('journal').distinct('paymentId');
    expect(booked.map(String).sort()).toEqual(paid.map(String).sort());
  });

  it('changes nothing when it is called again, and tells the same logins', async () => {
    const { db } = platform.database;
    const count = () =>
      Promise.all(
        ['users', 'offers', 'payments'].map((name) => db.collection(name).countDocuments()),
      );
    const before = await count();
    const { logins } = await seedDemo(parts);
    expect(await count()).toEqual(before);
    expect(logins.map(({ email }) => email)).toEqual(PEOPLE.map(({ email }) => email));
  });

  it('goes on after a crash between the people and the rest', async () => {
    const { platform: other, parts: otherParts } = await withDemo();
    const { db } = other.database;
    try {
      await db.collection<{ _id: string }>('meta').insertOne({ _id: 'demo' });
      await otherParts.users.create({
        ...(PEOPLE[0] as (typeof PEOPLE)[0]),
        password: DEMO_PASSWORD,
      });
      await seedDemo(otherParts);
      expect(await db.collection('users').countDocuments()).toBe(PEOPLE.length);
      expect(await db.collection('payments').countDocuments()).toBeGreaterThan(0);
    } finally {
      await other.stop({ drop: true });
    }
  });

  it('leaves a database alone that holds anything else', async () => {
    const { platform: foreign, parts: foreignParts } = await withDemo();
    const { db } = foreign.database;
    try {
      await db.collection('invoices').insertOne({ number: 1 });
      await expect(seedDemo(foreignParts)).rejects.toThrow(
        'holds data that is not demo data (invoices)',
      );
      expect(await db.collection('users').countDocuments()).toBe(0);
      expect(await db.collection('meta').countDocuments()).toBe(0);
    } finally {
      await foreign.stop({ drop: true });
    }
  });

  it('refuses production, and a server without demo data', async () => {
    const inProduction = { ...parts, environment: { nodeEnv: 'production', demo: true } as const };
    await expect(seedDemo(inProduction)).rejects.toThrow('only for development');
    const without = { ...parts, environment: { nodeEnv: 'development', demo: false } as const };
    await expect(seedDemo(without)).rejects.toThrow('only for development');
  });
});
