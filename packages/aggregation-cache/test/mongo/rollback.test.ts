import {
  FOREIGN_SERVERS_REASON,
  type ReplicaSet,
  startReplicaSet,
  usesForeignServers,
} from '@nestcms/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definePipelineClass } from '../../src/index.js';
import { insertEverywhere, openCache, openClient, openDatabase } from '../support/open-cache.js';

const contracts = definePipelineClass<void, { value: string }>({
  name: 'contracts',
  collection: 'contracts',
  pipeline: [{ $project: { _id: 0, value: 1 } }],
});

describe.skipIf(usesForeignServers)(
  `a write that only the primary has (${FOREIGN_SERVERS_REASON})`,
  () => {
    let set: ReplicaSet;

    beforeAll(async () => {
      set = await startReplicaSet({ lagControl: true });
    }, 60_000);

    afterAll(() => set?.stop());

    it('is read by nobody, and so not kept when it is lost with it', async () => {
      const { client } = await openClient(set.uri);
      const database = openDatabase(client);
      await insertEverywhere(database, 'contracts', [{ value: 'old' }]);
      const cache = openCache({ client, database });
      const { primary, ...secondaries } = set.members;
      for (const member of Object.values(secondaries)) await member.setLag(true);
      const collection = database.collection('contracts');
      await collection.updateOne({}, { $set: { value: 'lost' } }, { writeConcern: { w: 1 } });
      const valueNow = async () => (await cache.read(contracts)).rows[0]?.value;
      const valueByLocalRead = async () =>
        (await collection.findOne({}, { readConcern: 'local' }))?.value;
      // What a read that takes what the primary has would see, and keep.
      expect(await valueByLocalRead()).toBe('lost');
      expect(await valueNow()).toBe('old');
      await primary.kill();
      for (const member of Object.values(secondaries)) await member.setLag(false);
      await set.currentPrimary();
      expect(await valueByLocalRead()).toBe('old');
      expect(await valueNow()).toBe('old');
      await cache.invalidate({ all: true });
      expect(await valueNow()).toBe('old');
    }, 60_000);
  },
);
