import { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { usesForeignServers } from '../src/foreign-servers.js';
import { startStandAlone } from '../src/index.js';
import { whySkipped } from './support/why-skipped.js';

describe.skipIf(usesForeignServers)(`a stand-alone mongod${whySkipped}`, () => {
  it('answers, is in no set, refuses transactions, and is gone after its stop', async () => {
    const server = await startStandAlone();
    const client = new MongoClient(server.uri, { serverSelectionTimeoutMS: 500 });
    const hello = await client.db('admin').command({ hello: 1 });
    expect([hello.isWritablePrimary, hello.setName]).toEqual([true, undefined]);
    await expect(
      client.withSession((session) =>
        session.withTransaction(() => client.db('x').collection('x').findOne({}, { session })),
      ),
    ).rejects.toMatchObject({ code: 20 });
    await client.close();

    await server.stop();
    const late = new MongoClient(server.uri, { serverSelectionTimeoutMS: 300 });
    await expect(late.connect()).rejects.toThrow('ECONNREFUSED');
    await late.close();
  });
});
