import { randomBytes } from 'node:crypto';
import { type Collection, type CommandStartedEvent, MongoClient, MongoServerError } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { usesForeignServers } from '../src/foreign-servers.js';
import type { Member } from '../src/member.js';
import { type ReplicaSet, startReplicaSet } from '../src/replica-set.js';
import { until } from '../src/until.js';
import { whySkipped } from './support/why-skipped.js';

const READY_WITHIN_MS = 20_000;
const NAMES = ['primary', 'replica1', 'replica2', 'replica3'] as const;

/** Order of the tests matters: each leaves the set whole. */
describe.skipIf(usesForeignServers)(`a replica set${whySkipped}`, () => {
  let set: ReplicaSet;
  let client: MongoClient;
  let notes: Collection<{ _id: number }>;
  let startedInMs: number;
  const commands: CommandStartedEvent[] = [];

  beforeAll(async () => {
    const startedAt = performance.now();
    set = await startReplicaSet({ lagControl: true });
    startedInMs = performance.now() - startedAt;
    client = new MongoClient(set.uri, { monitorCommands: true });
    client.on('commandStarted', (event) => commands.push(event));
    notes = client.db(`test-${randomBytes(4).toString('hex')}`).collection('notes');
    await notes.insertOne({ _id: 0 });
  }, 60_000);
  afterAll(async () => {
    await client?.close();
    await set?.stop();
  }, 30_000);

  /** What one member itself answers, whatever its state. */
  const seenBy = async (member: Member, _id: number) =>
    (await member
      .client()
      .db(notes.dbName)
      .collection<{ _id: number }>('notes')
      .findOne({ _id }, { readPreference: 'secondaryPreferred' })) !== null;

  it('is ready in time, with one primary and three secondaries', async () => {
    expect(startedInMs).toBeLessThan(READY_WITHIN_MS);
    const { members } = await client.db('admin').command({ replSetGetStatus: 1 });
    expect(members.map(({ stateStr }: { stateStr: string }) => stateStr)).toEqual([
      'PRIMARY',
      'SECONDARY',
      'SECONDARY',
      'SECONDARY',
    ]);
    expect(await set.currentPrimary()).toBe(set.members.primary);
    expect(set.description).toMatch(/^mongod \d+\.\d+\.\d+ \(/);
    expect(Object.keys(set.members)).toEqual(NAMES);
  });

  it('runs transactions', async () => {
    const failing = client.withSession((session) =>
      session.withTransaction(async () => {
        await notes.insertOne({ _id: 50 }, { session });
        await notes.insertOne({ _id: 0 }, { session }); // there already
      }),
    );
    await expect(failing).rejects.toBeInstanceOf(MongoServerError);
    expect(await notes.countDocuments({ _id: 50 })).toBe(0);
  });

  it('routes by the tags of its members', async () => {
    await set.waitUntilCaughtUp();
    for (const replica of ['replica1', 'replica2', 'replica3'] as const) {
      commands.length = 0;
      const reader = new MongoClient(set.uri, {
        readPreference: 'secondary',
        readPreferenceTags: [{ replica }],
        monitorCommands: true,
      });
      reader.on('commandStarted', (event) => commands.push(event));
      expect(await reader.db(notes.dbName).collection('notes').countDocuments()).toBe(1);
      await reader.close();
      const asked = commands.filter(({ commandName }) => commandName === 'aggregate');
      expect(asked.map(({ address }) => address)).toEqual([set.members[replica].address]);
    }
    expect(set.members.primary.tags).toEqual({});
  });

  it('holds one member back exactly, and lets it catch up', async () => {
    const { replica1, replica2 } = set.members;
    for (const _id of [1, 2, 3]) {
      await replica2.setLag(true);
      await notes.insertOne({ _id });
      await set.waitUntilCaughtUp();
      expect([await seenBy(replica1, _id), await seenBy(replica2, _id)]).toEqual([true, false]);
      await replica2.setLag(false);
      await set.waitUntilCaughtUp();
      expect(await seenBy(replica2, _id)).toBe(true);
    }
  }, 60_000);

  it('keeps the others in step while two members are held back', async () => {
    const { replica1, replica2, replica3 } = set.members;
    await Promise.all([replica1.setLag(true), replica2.setLag(true)]);
    await notes.insertOne({ _id: 10 }, { writeConcern: { w: 1 } });
    await set.waitUntilCaughtUp();
    const seen = await Promise.all([replica1, replica2, replica3].map((one) => seenBy(one, 10)));
    expect(seen).toEqual([false, false, true]);
    await Promise.all([replica1.setLag(false), replica2.setLag(false)]);
    await set.waitUntilCaughtUp();
    expect(await seenBy(replica1, 10)).toBe(true);
  }, 60_000);

  it('refuses to hold the primary back', async () => {
    await expect(set.members.primary.setLag(true)).rejects.toThrow('no secondary');
  });

  it('a frozen member keeps its connections and answers nothing until thawed', async () => {
    const { replica3 } = set.members;
    const one = new MongoClient(replica3.directUri, { socketTimeoutMS: 300 });
    await one.db('admin').command({ ping: 1 });
    await replica3.freeze();
    await expect(one.db('admin').command({ ping: 1 })).rejects.toThrow(/timed out/i);
    await notes.insertOne({ _id: 20 });
    await set.waitUntilCaughtUp(); // does not wait for the frozen one
    await replica3.thaw();
    await set.waitUntilCaughtUp();
    expect(await seenBy(replica3, 20)).toBe(true);
    await one.close();
  }, 60_000);

  it('elects another primary when it is killed, and takes it back on the same port', async () => {
    const { primary } = set.members;
    const { pid, address } = primary;
    await primary.kill();
    expect(primary.pid).toBeUndefined();
    const next = await set.currentPrimary();
    expect(next).not.toBe(primary);
    await notes.insertOne({ _id: 30 });
    await primary.restart();
    expect(primary.address).toBe(address);
    expect(primary.pid).not.toBe(pid);
    await until(async () => (await set.currentPrimary()) === primary, {
      what: 'the first primary to lead again',
      timeoutMs: 30_000,
    });
    await set.waitUntilCaughtUp();
    expect(await seenBy(primary, 30)).toBe(true);
  }, 60_000);

  it('steps down on request, without an end of the process', async () => {
    const { pid } = set.members.primary;
    const next = await set.stepDown({ forSeconds: 2 });
    expect(next).not.toBe(set.members.primary);
    await notes.insertOne({ _id: 40 });
    expect(set.members.primary.pid).toBe(pid);
  }, 60_000);
});

describe.skipIf(usesForeignServers)(`other forms of a replica set${whySkipped}`, () => {
  it('each member stands behind its fault proxy, for clients and members alike', async () => {
    const set = await startReplicaSet({ proxied: true });
    const { primary, replica1, replica2 } = set.members;
    expect(set.uri).toContain(replica1.proxy.port.toString());
    expect(replica1.directUri).not.toContain(replica1.proxy.port.toString());

    const client = new MongoClient(set.uri, {
      readPreference: 'secondary',
      readPreferenceTags: [{ replica: 'replica1' }],
      socketTimeoutMS: 1_000,
      retryReads: false,
    });
    const notes = client.db('test').collection('notes');
    await notes.insertOne({}, { writeConcern: { w: 4 } });
    expect(await notes.countDocuments()).toBe(1);
    await replica1.proxy.freeze();
    await expect(notes.countDocuments()).rejects.toThrow(/timed out/i);
    await replica1.proxy.heal();
    expect(await notes.countDocuments()).toBe(1);

    // A member that hears nothing from the primary falls behind: the proxy stands between them.
    await primary.proxy.delay({ latencyMs: 1_500 });
    const past = primary.client().db('test').collection('notes');
    await past.insertOne({ late: true }, { writeConcern: { w: 1 } });
    expect(await replica2.client().db('test').collection('notes').countDocuments()).toBe(1);
    await primary.proxy.heal();
    await set.waitUntilCaughtUp();
    expect(await replica2.client().db('test').collection('notes').countDocuments()).toBe(2);
    await expect(replica1.setLag(true)).rejects.toThrow('{ lagControl: true }');
    await client.close();
    await set.stop();
  }, 60_000);

  it('without failover the primary stays when all others are killed', async () => {
    const set = await startReplicaSet({ failover: false });
    const { primary, replica1, replica2, replica3 } = set.members;
    const client = new MongoClient(set.uri);
    const notes = client.db('test').collection<{ _id: number }>('notes');
    await notes.insertOne({ _id: 1 });
    await Promise.all([replica1, replica2, replica3].map((member) => member.kill()));
    // It has seen that they are gone, and leads all the same: only it has a vote.
    const admin = primary.client().db('admin');
    await until(
      async () => {
        const { members } = await admin.command({ replSetGetStatus: 1 });
        return members.filter(({ health }: { health: number }) => health === 0).length === 3;
      },
      { what: 'the primary to miss the others', timeoutMs: 30_000 },
    );
    const { config } = await admin.command({ replSetGetConfig: 1 });
    expect(config.members.map(({ votes }: { votes: number }) => votes)).toEqual([1, 0, 0, 0]);
    await notes.insertOne({ _id: 2 });
    expect(await set.currentPrimary()).toBe(primary);
    expect(() => primary.proxy).toThrow('{ proxied: true }');
    await client.close();
    await set.stop();
    expect(NAMES.map((name) => set.members[name].pid)).toEqual(NAMES.map(() => undefined));
  }, 60_000);

  it('finds its data again in a directory of the caller, under new ports', async () => {
    const { scratchDirectory } = await import('./support/scratch.js');
    const dataDirectory = scratchDirectory();
    const first = await startReplicaSet({ dataDirectory });
    const before = new MongoClient(first.uri);
    await before
      .db('test')
      .collection('notes')
      .insertOne({ kept: true }, { writeConcern: { w: 4 } });
    await before.close();
    await first.stop();

    const second = await startReplicaSet({ dataDirectory });
    expect(second.name).toBe(first.name);
    expect(second.uri).not.toBe(first.uri);
    const after = new MongoClient(second.uri);
    const notes = after.db('test').collection('notes');
    expect(await notes.countDocuments({ kept: true })).toBe(1);
    await notes.insertOne({ kept: true }, { writeConcern: { w: 4 } });
    await after.close();
    await second.stop();
  }, 90_000);
});
