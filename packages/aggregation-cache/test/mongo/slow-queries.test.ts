import {
  FOREIGN_SERVERS_REASON,
  type ReplicaSet,
  startReplicaSet,
  usesForeignServers,
} from '@nestcms/testbed';
import type { Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AggregationCacheEvents,
  defineCountClass,
  defineDistinctClass,
  defineFindClass,
  defineFindOneClass,
  definePipelineClass,
  type PipelineClass,
} from '../../src/index.js';
import { insertEverywhere, openCache, openClient, openDatabase } from '../support/open-cache.js';
import { soon } from '../support/soon.js';

const SECRET = 'secret-4711';

interface Params {
  readonly customer: string;
}

const base = { collection: 'orders', members: [{ replica: 'replica1' }] };
const filter = ({ customer }: Params) => ({ customer });

const CLASSES: readonly PipelineClass<Params, Params, unknown>[] = [
  definePipelineClass<Params, unknown>({
    ...base,
    name: 'aggregate',
    pipeline: ({ customer }) => [{ $match: { customer } }, { $set: { seenBy: customer } }],
  }),
  defineFindClass({ ...base, name: 'find', filter, sort: { at: 1 }, limit: 5 }),
  defineFindOneClass({ ...base, name: 'findOne', filter }),
  defineCountClass({ ...base, name: 'count', filter }),
  defineDistinctClass({ ...base, name: 'distinct', field: 'at', filter }),
] as never;

describe.skipIf(usesForeignServers)(`a slow load (${FOREIGN_SERVERS_REASON})`, () => {
  let set: ReplicaSet;

  beforeAll(async () => {
    set = await startReplicaSet({ lagControl: true, failover: false });
    await set.members.replica1
      .client()
      .db('admin')
      .command({
        configureFailPoint: 'failCommand',
        mode: 'alwaysOn',
        data: {
          failCommands: ['aggregate', 'find', 'distinct'],
          blockConnection: true,
          blockTimeMS: 30,
        },
      });
  }, 60_000);

  afterAll(() => set?.stop());

  const open = async () => {
    const { client } = await openClient(set.uri);
    const database = openDatabase(client);
    const orders = Array.from({ length: 20 }, (_, at) => ({ customer: SECRET, at }));
    await insertEverywhere(database, 'orders', orders);
    const explains: { readonly address: string; readonly command: Document }[] = [];
    client.on('commandStarted', ({ commandName, address, command }) => {
      if (commandName === 'explain') explains.push({ address, command });
    });
    const cache = openCache({ client, database, explainSlow: { overMs: 20, everyMs: 100 } });
    const told: AggregationCacheEvents['slowQuery'][] = [];
    cache.events.on('slowQuery', (slow) => {
      told.push(slow);
    });
    /** What is told of a read of this class from now on. */
    const explain = async (pipelineClass: PipelineClass<Params, Params, unknown>) => {
      const before = told.length;
      const found = () =>
        told.slice(before).find((slow) => slow.pipelineClass === pipelineClass.name);
      await soon(async () => {
        await cache.invalidate({ collections: ['orders'] });
        await cache.read(pipelineClass, { customer: SECRET });
        return found() !== undefined;
      }, `an explanation of ${pipelineClass.name}`);
      return found();
    };
    return { database, told, explains, explain };
  };

  it('is explained by the member that answered, before and after there is an index', async () => {
    const { database, told, explains, explain } = await open();
    const namespace = `${database.databaseName}.orders`;
    for (const pipelineClass of CLASSES) {
      const slow = await explain(pipelineClass);
      expect(slow).toMatchObject({
        pipelineClass: pipelineClass.name,
        member: set.members.replica1.address,
        plan: { scans: [namespace], indexes: [], planCacheShapeHash: expect.any(String) },
      });
      expect(slow?.tookMs).toBeGreaterThan(20);
      expect(slow?.hints[0]).toContain(`'${namespace}' document by document; an index`);
    }
    await database.collection('orders').createIndex({ customer: 1 }, { name: 'by-customer' });
    for (const pipelineClass of CLASSES) {
      const slow = await explain(pipelineClass);
      expect(slow).toMatchObject({
        pipelineClass: pipelineClass.name,
        plan: { scans: [], indexes: ['by-customer'] },
      });
    }
    expect(told.findLast(({ pipelineClass }) => pipelineClass === 'find')?.plan?.stages).toEqual([
      { stage: 'IXSCAN', collection: namespace, index: 'by-customer' },
      { stage: 'FETCH' },
      { stage: 'SORT', fields: ['at'] },
    ]);
    expect(new Set(explains.map(({ address }) => address))).toEqual(
      new Set([set.members.replica1.address]),
    );
    // None was made to run again, nor could plan without end.
    for (const { command } of explains) {
      expect(command).toMatchObject({ verbosity: 'queryPlanner', maxTimeMS: 5_000 });
    }
    expect(JSON.stringify(explains)).toContain(SECRET);
    expect(JSON.stringify(told)).not.toContain(SECRET);
  });

  it('that a lookup makes slow says so', async () => {
    const { database, explain } = await open();
    await insertEverywhere(database, 'payments', [{ order: 1 }]);
    const looking = definePipelineClass<Params, unknown>({
      ...base,
      name: 'looking',
      pipeline: ({ customer }) => [
        { $match: { customer } },
        { $lookup: { from: 'payments', localField: 'at', foreignField: 'order', as: 'payments' } },
      ],
    });
    const slow = await explain(looking as never);
    expect(slow?.plan?.scans).toEqual(
      ['orders', 'payments'].map((name) => `${database.databaseName}.${name}`),
    );
    expect(slow?.hints[1]).toMatch(
      /payments' document by document for a lookup \(\w+\); an index on 'order'/,
    );
  });
});
