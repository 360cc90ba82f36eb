import {
  FOREIGN_SERVERS_REASON,
  type ReplicaSet,
  startReplicaSet,
  startStandAlone,
  usesForeignServers,
} from '@nestcms/testbed';
import {
  BSON,
  type Db,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MongoClient,
  ObjectId,
  type Timestamp,
} from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { definePipelineClass } from '../../src/index.js';
import type { Operation, SourceRequest } from '../../src/ports/source.js';
import { aggregation } from '../support/aggregation.js';
import { insertEverywhere, openClient, openDatabase } from '../support/open-cache.js';
import { openSource } from '../support/open-source.js';
import { soon } from '../support/soon.js';

const pipelineClass = definePipelineClass({
  name: 'things',
  collection: 'things',
  pipeline: [],
  members: [{ replica: 'replica1' }, { replica: 'replica2' }],
});

const documents = Array.from({ length: 300 }, (_, n) => ({
  _id: n,
  kind: n % 3,
  text: 'x'.repeat(50),
}));

describe.skipIf(usesForeignServers)(`the router (${FOREIGN_SERVERS_REASON})`, () => {
  let set: ReplicaSet;

  beforeAll(async () => {
    // Only the primary votes, so that it stays the primary whoever else is gone.
    set = await startReplicaSet({ lagControl: true, failover: false });
  }, 60_000);

  afterAll(() => set?.stop());

  const open = async (
    parts: Parameters<typeof openSource>[2] = {},
    clientOptions: Parameters<typeof openClient>[1] = {},
  ) => {
    const { client, sent } = await openClient(set.uri, clientOptions);
    const database = openDatabase(client);
    await insertEverywhere(database, 'things', documents);
    const opened = openSource(client, database, parts);
    sent.length = 0;
    const ask = (operation: Operation, more: Partial<SourceRequest> = {}) =>
      opened.source.fetch({ pipelineClass, operation, ...more });
    return { ...opened, client, database, sent, ask };
  };

  const failPoint = async (member: 'primary' | 'replica1', data: Document | 'off') => {
    await set.members[member]
      .client()
      .db('admin')
      .command({
        configureFailPoint: 'failCommand',
        ...(data === 'off' ? { mode: 'off' } : { mode: 'alwaysOn', data }),
      });
  };

  const withFailPoint = async (member: 'primary' | 'replica1', data: Document) => {
    await failPoint(member, data);
    onTestFinished(() => failPoint(member, 'off'));
  };

  const decode = (rows: readonly Uint8Array[]) => rows.map((row) => BSON.deserialize(row));

  describe('an operation', () => {
    it('of any kind is answered as the driver answers it, by the wanted member', async () => {
      const { ask, database } = await open();
      const things = database.collection<{ _id: number; kind: number }>('things');
      const filter = { kind: 1 };
      const found = await ask({
        kind: 'find',
        filter,
        options: { sort: { _id: -1 }, skip: 1, limit: 3, projection: { text: 0 } },
      });
      expect(decode(found.rows)).toEqual(
        await things
          .find(filter, { sort: { _id: -1 }, skip: 1, limit: 3, projection: { text: 0 } })
          .toArray(),
      );
      const counted = await ask({ kind: 'count', filter });
      expect(decode(counted.rows)).toEqual([{ n: await things.countDocuments(filter) }]);
      const paged = await ask({ kind: 'count', filter, options: { skip: 90, limit: 20 } });
      expect(decode(paged.rows)).toEqual([{ n: 10 }]);
      const none = await ask({ kind: 'count', filter: { kind: 9 } });
      expect(decode(none.rows)).toEqual([{ n: 0 }]);
      const distinct = await ask({ kind: 'distinct', field: 'kind', filter: {} });
      expect(decode(distinct.rows).map(({ v }) => v)).toEqual(await things.distinct('kind'));
      const stages = [{ $match: filter }, { $count: 'n' }];
      const aggregated = await ask({ kind: 'aggregate', pipeline: stages });
      expect(decode(aggregated.rows)).toEqual([{ n: 100 }]);
      for (const { member } of [found, counted, none, distinct, aggregated]) {
        expect(member.address).toBe(set.members.replica1.address);
      }
    });

    it('has its time limit, majority and name, whatever its kind', async () => {
      const { client, ask } = await open();
      const commands: Document[] = [];
      client.on('commandStarted', ({ command, commandName }) => {
        if (['aggregate', 'find', 'distinct'].includes(commandName)) commands.push(command);
      });
      await ask({ kind: 'find', filter: {} });
      await ask({ kind: 'count', filter: {} });
      await ask({ kind: 'distinct', field: 'kind', filter: {} });
      expect(commands).toHaveLength(3);
      for (const command of commands) {
        expect(command).toMatchObject({
          maxTimeMS: 5_000,
          comment: 'aggregation-cache: things',
          $readPreference: { mode: 'secondary', tags: [{ replica: 'replica1' }] },
        });
        expect({ ...command.readConcern }).toMatchObject({ level: 'majority' });
      }
    });

    it('for the distinct values keeps the type of each', async () => {
      const { ask, database } = await open({}, { useBigInt64: true });
      const values = [
        new Int32(1),
        new Double(2.5),
        Long.fromString('9007199254740993'),
        Decimal128.fromString('1.10'),
        new ObjectId(),
        new Date(0),
        { nested: new Int32(1), list: [new Double(3)] },
        'text',
        null,
        true,
      ];
      const typed = values.map((v, _id) => ({ _id, v }));
      await insertEverywhere(database, 'typed', typed);
      const { rows } = await ask(
        { kind: 'distinct', field: 'v', filter: {} },
        { pipelineClass: { ...pipelineClass, collection: 'typed' } },
      );
      const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
      expect(rows.map(hex).toSorted()).toEqual(
        values.map((v) => hex(BSON.serialize({ v }))).toSorted(),
      );
    });
  });

  describe('a stream', () => {
    const stages = [{ $sort: { _id: 1 } }];
    const stream = (
      source: Awaited<ReturnType<typeof open>>['source'],
      more: Partial<SourceRequest> = {},
    ) => source.fetchStream({ pipelineClass, operation: aggregation(stages), ...more });

    it('has the rows of the whole result, batch by batch, from one member', async () => {
      const { source, sent } = await open();
      const { batches, member } = await stream(source);
      const sizes: number[] = [];
      const rows: Document[] = [];
      for await (const batch of batches) {
        sizes.push(batch.length);
        rows.push(...decode(batch));
      }
      expect(rows).toEqual(documents);
      expect(sizes).toEqual([101, 199]);
      expect(member.address).toBe(set.members.replica1.address);
      expect(sent.map(({ name }) => name)).toEqual(['aggregate', 'getMore']);
    });

    it('of nothing ends at once', async () => {
      const { source } = await open();
      const { batches } = await stream(source, {
        operation: aggregation([{ $match: { _id: -1 } }]),
      });
      const all: unknown[] = [];
      for await (const batch of batches) all.push(batch);
      expect(all).toEqual([]);
    });

    it('that is left early ends its cursor on the server', async () => {
      const { source, client } = await open();
      const killed: string[] = [];
      client.on('commandSucceeded', ({ commandName, address }) => {
        if (commandName === 'killCursors') killed.push(address);
      });
      const { batches } = await stream(source);
      for await (const batch of batches) {
        expect(batch).toHaveLength(101);
        break;
      }
      await soon(() => killed.length > 0);
      expect(killed).toEqual([set.members.replica1.address]);
    });

    it('that nobody iterates can be closed', async () => {
      const { source, client } = await open();
      let killed = 0;
      client.on('commandSucceeded', ({ commandName }) => {
        if (commandName === 'killCursors') killed += 1;
      });
      (await stream(source)).close();
      await soon(() => killed > 0);
      expect(killed).toBe(1);
    });

    it('that was overtaken does not leave its cursor open', async () => {
      const { source, client } = await open();
      const killed: string[] = [];
      client.on('commandSucceeded', ({ commandName, address }) => {
        if (commandName === 'killCursors') killed.push(address);
      });
      const hedging = { ...pipelineClass, hedgeDelayMs: 50 };
      for (let n = 0; n < 20; n += 1)
        await source.fetch({ pipelineClass: hedging, operation: aggregation() });
      await withFailPoint('replica1', {
        failCommands: ['aggregate'],
        blockConnection: true,
        blockTimeMS: 500,
      });
      const { batches, member } = await stream(source, { pipelineClass: hedging });
      expect(member.address).toBe(set.members.replica2.address);
      let count = 0;
      for await (const batch of batches) count += batch.length;
      expect(count).toBe(300);
      await soon(() => killed.length > 0, 'the end of the other cursor');
      expect(killed).toEqual([set.members.replica1.address]);
    });

    it('whose member fails after the first rows ends with an error, and nobody else is asked', async () => {
      const { source, sent, passedOver } = await open();
      await withFailPoint('replica1', { failCommands: ['getMore'], errorCode: 11_600 });
      const { batches } = await stream(source);
      const read = async () => {
        for await (const batch of batches) expect(batch).toHaveLength(101);
      };
      await expect(read()).rejects.toMatchObject({
        code: 'NO_MEMBER',
        details: {
          // The error makes the driver forget the member, which may be seen first.
          passedOver: [
            {
              member: set.members.replica1.address,
              reason: expect.stringMatching(/^(unavailable|gone)$/),
            },
          ],
        },
      });
      expect(new Set(sent.map(({ address }) => address)).size).toBe(1);
      expect(passedOver).toEqual([]);
    });

    it('begins at the next member if the first one has nothing to say', async () => {
      const { source } = await open();
      await withFailPoint('replica1', { failCommands: ['aggregate'], errorCode: 11_600 });
      const { batches, member } = await stream(source);
      const rows: Document[] = [];
      for await (const batch of batches) rows.push(...decode(batch));
      expect(rows).toHaveLength(300);
      expect(member.address).toBe(set.members.replica2.address);
    });

    it('is as of the wanted time, in a session that lives as long as it does', async () => {
      const { source, client, database } = await open();
      const session = client.startSession();
      await database
        .collection<{ _id: number }>('things')
        .insertOne({ _id: 1_000 }, { session, writeConcern: { w: 'majority' } });
      const after = { operationTime: session.operationTime, clusterTime: session.clusterTime };
      await session.endSession();
      const { batches, asOf } = await stream(source, { after: after as never });
      let count = 0;
      for await (const batch of batches) count += batch.length;
      expect(count).toBe(301);
      expect(asOf).toEqual(after.operationTime);
    });
  });

  describe('a member that is slow', () => {
    it('costs a read the hedge delay, and is left alone within a second', async () => {
      const delayMs = 60;
      const { source, client } = await open();
      const hedging = { ...pipelineClass, hedgeDelayMs: delayMs };
      const read = () =>
        source.fetch({ pipelineClass: hedging, operation: aggregation([{ $limit: 1 }]) });
      const addressOf = set.members.replica1.address;
      const breaker = () => source.members().find(({ address }) => address === addressOf)?.breaker;
      const medianOf = (list: number[]) =>
        list.toSorted((one, other) => one - other)[list.length >> 1] ?? 0;
      const timed = async (into: number[]) => {
        const startedAt = performance.now();
        await read();
        into.push(performance.now() - startedAt);
      };
      const usual: number[] = [];
      for (let n = 0; n < 125; n += 1) {
        await Promise.all(Array.from({ length: 8 }, () => timed(usual)));
      }
      let sent = 0;
      client.on('commandStarted', ({ commandName }) => {
        if (commandName === 'aggregate') sent += 1;
      });
      await withFailPoint('replica1', {
        failCommands: ['aggregate'],
        blockConnection: true,
        blockTimeMS: 1_500,
      });
      const from = performance.now();
      let openedAt = Number.POSITIVE_INFINITY;
      const tookMs: number[] = [];
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          while (performance.now() < from + 2_000) {
            await timed(tookMs);
            if (breaker() === 'open') openedAt = Math.min(openedAt, performance.now());
          }
        }),
      );
      const p99 = tookMs.toSorted((one, other) => one - other)[Math.floor(tookMs.length * 0.99)];
      // Some room for a machine that is busy; without a hedge it is 1,500.
      expect(p99).toBeLessThanOrEqual(delayMs + 2 * medianOf(usual) + 100);
      expect(openedAt - from).toBeLessThanOrEqual(1_000);
      expect(sent - tookMs.length).toBeLessThanOrEqual((usual.length + tookMs.length) * 0.05);
    }, 60_000);
  });

  describe('a member that says it has too much to do', () => {
    it('is not asked again before its breaker lets it', async () => {
      const { source, sent } = await open();
      await withFailPoint('replica1', {
        failCommands: ['aggregate'],
        errorCode: 462,
        errorLabels: ['SystemOverloadedError'],
      });
      const read = () => source.fetch({ pipelineClass, operation: aggregation([{ $limit: 1 }]) });
      expect((await read()).attempts).toEqual([
        { member: set.members.replica1.address, outcome: 'overloaded' },
        { member: set.members.replica2.address, outcome: 'answered' },
      ]);
      sent.length = 0;
      await read();
      expect(sent.map(({ address }) => address)).toEqual([set.members.replica2.address]);
      expect(
        source.members().find(({ address }) => address === set.members.replica1.address),
      ).toMatchObject({ breaker: 'open', asked: 1 });
    });
  });

  describe('a server in no replica set', () => {
    it('is told once, and serves every class', async () => {
      const server = await startStandAlone();
      onTestFinished(() => server.stop());
      const client = new MongoClient(server.uri);
      onTestFinished(() => client.close());
      const database = client.db('alone');
      await database.collection('things').insertOne({ a: 1 });
      const { source, events } = openSource(client, database);
      const told: unknown[] = [];
      events.on('topologyNoticed', ({ notice }) => {
        told.push(notice);
      });
      const sentences = await source.ready([pipelineClass]);
      expect(sentences).toEqual([expect.stringContaining('no replica set')]);
      expect(told).toEqual(['standalone']);
      for (const kind of ['find', 'count'] as const) {
        const { rows } = await source.fetch({ pipelineClass, operation: { kind, filter: {} } });
        expect(rows).toHaveLength(1);
      }
      expect(told).toEqual(['standalone']);
      expect(await source.currentPoint()).toBeUndefined();
      expect(source.members()).toMatchObject([{ role: 'standalone', breaker: 'closed', asked: 2 }]);
    }, 30_000);
  });

  describe('without a member to fail over to but the primary', () => {
    it('a read takes no more of it than its share, until it is the last one alive', async () => {
      const { source, client } = await open({ primaryShare: 0.3 }, { maxPoolSize: 10 });
      const nobody = { ...pipelineClass, members: [{ replica: 'nobody' }] };
      let running = 0;
      let most = 0;
      client.on('commandStarted', ({ commandName }) => {
        if (commandName !== 'aggregate') return;
        running += 1;
        most = Math.max(most, running);
      });
      client.on('commandSucceeded', ({ commandName }) => {
        if (commandName === 'aggregate') running -= 1;
      });
      await withFailPoint('primary', {
        failCommands: ['aggregate'],
        blockConnection: true,
        blockTimeMS: 50,
      });
      const burst = () =>
        Promise.all(
          Array.from({ length: 12 }, () =>
            source.fetch({ pipelineClass: nobody, operation: aggregation([{ $limit: 1 }]) }),
          ),
        );
      await burst();
      expect(most).toBe(3);
      const { replica1, replica2, replica3 } = set.members;
      for (const member of [replica1, replica2, replica3]) await member.kill();
      await soon(() => source.members().length === 1, 'the driver to see it');
      most = 0;
      await burst();
      expect(most).toBeGreaterThan(3);
      for (const member of [replica1, replica2, replica3]) await member.restart();
    }, 60_000);
  });

  describe('the current point', () => {
    const written = async (client: MongoClient, database: Db) => {
      const session = client.startSession();
      await database.collection('things').updateOne({}, { $set: { x: 1 } }, { session });
      await session.endSession();
      return session.operationTime as Timestamp;
    };

    it('is that of the primary, and without it unknown where nobody else votes', async () => {
      const { source, database, client } = await open();
      const at = await written(client, database);
      const point = await source.currentPoint();
      expect(point?.operationTime.compare(at)).toBeGreaterThanOrEqual(0);
      await soon(() => source.members().length === 4, 'all members');
      await set.members.primary.kill();
      await soon(() => source.members().length === 3, 'the driver to see it');
      expect(await source.currentPoint()).toBeUndefined();
      expect(await source.currentPoint('majority')).toBeUndefined();
      await set.members.primary.restart();
      await set.currentPrimary();
    }, 60_000);

    it('is that of a majority of those that vote, if it must be', async () => {
      const voting = await startReplicaSet();
      onTestFinished(() => voting.stop());
      const { client } = await openClient(voting.uri);
      const database = openDatabase(client);
      await insertEverywhere(database, 'things', documents);
      const { source } = openSource(client, database);
      const at = await written(client, database);
      await voting.waitUntilCaughtUp();
      await soon(() => source.members().length === 4, 'all members');
      await voting.members.primary.kill();
      await soon(() => source.members().length === 3, 'the driver to see it');
      const left = await source.currentPoint('majority');
      expect(left?.operationTime.compare(at)).toBeGreaterThanOrEqual(0);
      expect(left?.clusterTime?.signature).toBeDefined();
      // A member that is there can be read as of it.
      const operation = aggregation();
      const answer = await source.fetch({ pipelineClass, operation, after: left });
      expect(answer.asOf).toEqual(left?.operationTime);
      const { primary, replica1, replica2 } = voting.members;
      await replica1.kill();
      await replica2.kill();
      await soon(() => source.members().length === 1, 'the driver to see it');
      expect(await source.currentPoint('majority')).toBeUndefined();
      for (const member of [primary, replica1, replica2]) await member.restart();
      await voting.currentPrimary();
    }, 60_000);
  });
});
