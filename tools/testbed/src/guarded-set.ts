import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, MongoClient } from 'mongodb';
import { startSingleMongod } from './single-mongod.js';
import { until } from './until.js';

const PASSWORD = 'of-the-test-bed';
const ELECTION_TIMEOUT_MS = 30_000;

/** A replica set of one member that asks everybody who he is. */
export interface GuardedSet {
  /** Of the user `root`, who may do everything. */
  readonly uri: string;
  /** @returns the URI of a new user who may do just this */
  addUser(name: string, privileges: readonly Document[]): Promise<string>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts a replica set of one member with access control, for tests of users who lack a right. */
export async function startGuardedSet(): Promise<GuardedSet> {
  const set = `nestcms-${randomBytes(4).toString('hex')}`;
  const server = await startSingleMongod('mongod guarded', (directory) => {
    const keyFile = join(directory, 'key');
    writeFileSync(keyFile, randomBytes(48).toString('base64'), { mode: 0o600 });
    return { replSet: set, keyFile };
  });
  const { address } = server;
  const uriOf = (user: string) =>
    `mongodb://${user}:${PASSWORD}@${address}/?replicaSet=${set}&authSource=admin`;
  try {
    await initiate(address, set);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const addUser = async (name: string, privileges: readonly Document[]): Promise<string> => {
    await withAdmin(uriOf('root'), async (admin) => {
      await admin.command({ createRole: name, privileges, roles: [] });
      await admin.command({ createUser: name, pwd: PASSWORD, roles: [name] });
    });
    return uriOf(name);
  };
  return { uri: uriOf('root'), addUser, stop: () => server.stop() };
}

/** A server without users lets those on its own machine make the first one. */
async function initiate(address: string, set: string): Promise<void> {
  await withAdmin(`mongodb://${address}/?directConnection=true`, async (admin) => {
    await admin.command({
      replSetInitiate: { _id: set, members: [{ _id: 0, host: address }] },
    });
    await until(async () => (await admin.command({ hello: 1 })).isWritablePrimary === true, {
      what: 'the member to be elected',
      timeoutMs: ELECTION_TIMEOUT_MS,
    });
    await admin.command({ createUser: 'root', pwd: PASSWORD, roles: ['root'] });
  });
}

async function withAdmin(
  uri: string,
  work: (admin: ReturnType<MongoClient['db']>) => Promise<void>,
): Promise<void> {
  const client = new MongoClient(uri);
  try {
    await work(client.db('admin'));
  } finally {
    await client.close();
  }
}
