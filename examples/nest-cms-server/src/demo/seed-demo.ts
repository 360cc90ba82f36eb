import type { Clock } from '@nestcms/circuit-breaker';
import { ObjectId } from 'mongodb';
import type { Environment } from '../config/environment.js';
import { contractCollection } from '../features/contracts/contract.schema.js';
import { offerCollection } from '../features/offers/offer.schema.js';
import type { Role } from '../identity/caller.js';
import type { UserService } from '../identity/user.service.js';
import { journalCollection } from '../payments/journal.js';
import { paymentCollection } from '../payments/payment.document.js';
import type { Database } from '../platform/mongo/database.js';
import { DEALS, DEMO_PASSWORD, PEOPLE } from './company.js';
import { demoDocuments } from './documents.js';

export interface DemoLogin {
  readonly fullName: string;
  readonly role: Role;
  readonly email: string;
  readonly password: string;
}

export interface DemoParts {
  readonly environment: Pick<Environment, 'nodeEnv' | 'demo'>;
  readonly database: Database;
  readonly users: UserService;
  readonly clock: Clock;
}

/** The seed, or a server in production, refuses; nothing was written. */
export class DemoRefusedError extends Error {
  override readonly name = 'DemoRefusedError';
}

interface DemoMark {
  _id: 'demo';
  v: 1;
  markedAt: Date;
  /** Missing while the seed is on its way, or died on it. */
  seededAt?: Date;
}

/**
 * Fills an empty database with a small company, once: a second call finds its own mark and only
 * tells the logins.
 *
 * @throws DemoRefusedError in production, when demo data is not switched on, or when the database
 *   holds anything that this seed did not put there
 */
export async function seedDemo(parts: DemoParts): Promise<{ logins: DemoLogin[] }> {
  const { environment, database, users, clock } = parts;
  if (environment.nodeEnv === 'production' || !environment.demo) {
    throw new DemoRefusedError(
      'Demo data is only for development: set NESTCMS_DEMO, and not production.',
    );
  }
  const meta = database.collection<DemoMark>('meta');
  const mark = await meta.findOne({ _id: 'demo' });
  const now = new Date(clock.wallTime());
  if (!mark) {
    await refuseForeignData(database);
    await meta.updateOne(
      { _id: 'demo' },
      { $setOnInsert: { v: 1, markedAt: now } },
      { upsert: true },
    );
  }
  if (!mark?.seededAt) await seed(database, users, now);
  return {
    logins: PEOPLE.map(({ fullName, role, email }) => ({
      fullName,
      role,
      email,
      password: DEMO_PASSWORD,
    })),
  };
}

/**
 * Everybody knows the password of the people in demo data, so a server in production must not run on it, whoever
 * made it and with whatever settings.
 * @throws DemoRefusedError when the database bears the mark of the seed
 */
export async function refuseDemoDatabase(database: Database): Promise<void> {
  if ((await database.collection<DemoMark>('meta').findOne({ _id: 'demo' })) === null) return;
  throw new DemoRefusedError(
    `The database ${database.db.databaseName} holds demo data, whose logins everybody knows, and NODE_ENV is ` +
      'production. Name another database in MONGODB_DATABASE or MONGODB_URI.',
  );
}

async function refuseForeignData({ db }: Database): Promise<void> {
  const collections = await db.listCollections({}, { nameOnly: true }).toArray();
  for (const { name } of collections) {
    if (name === 'meta' || name.startsWith('system.')) continue;
    if (await db.collection(name).findOne({}, { projection: { _id: 1 } })) {
      throw new DemoRefusedError(
        `The database ${db.databaseName} holds data that is not demo data (${name}). ` +
          'Name an empty database, or switch demo data off.',
      );
    }
  }
}

async function seed(database: Database, users: UserService, now: Date): Promise<void> {
  const ids = new Map<string, ObjectId>();
  for (const { key, ...person } of PEOPLE) {
    const user =
      (await users.findByEmail(person.email)) ??
      (await users.create({ ...person, password: DEMO_PASSWORD }));
    ids.set(key, new ObjectId(user.id));
  }
  const idOf = (key: string) => ids.get(key) as ObjectId;
  const { offers, contracts, payments, journal } = demoDocuments(DEALS, idOf, now.getTime());
  // All of it or nothing: after a crash the next call begins anew and finds only the people.
  await database.transaction(async (session) => {
    const { matchedCount } = await database
      .collection<DemoMark>('meta')
      .updateOne(
        { _id: 'demo', seededAt: { $exists: false } },
        { $set: { seededAt: now } },
        { session },
      );
    // Another instance was faster.
    if (matchedCount === 0) return;
    await database.collection(offerCollection.name).insertMany(offers, { session });
    await database.collection(contractCollection.name).insertMany(contracts, { session });
    await database.collection(paymentCollection.name).insertMany(payments, { session });
    await database.collection(journalCollection.name).insertMany(journal, { session });
  });
}
