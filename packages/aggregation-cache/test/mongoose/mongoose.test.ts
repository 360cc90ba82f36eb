import { randomUUID } from 'node:crypto';
import mongoose, { type Connection, Schema } from 'mongoose';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { causalToken, definePipelineClass } from '../../src/index.js';
import { openCache } from '../support/open-cache.js';

const contractSchema = new Schema({ title: String, amount: Schema.Types.Decimal128, paid: [Date] });

/** A connection of Mongoose to a database of its own, gone when the test has finished. */
const connect = async () => {
  const dbName = `mongoose_${randomUUID().slice(0, 8)}`;
  const connection = mongoose.createConnection(inject('mongodbUri'), { dbName });
  const Contract = connection.model('Contract', contractSchema);
  onTestFinished(async () => {
    await connection.dropDatabase().catch(() => {});
    await connection.close();
  });
  return { connection, Contract, dbName };
};

/** What Mongoose named, as the class names it. */
const details = (connection: Connection, replica: string) =>
  definePipelineClass<{ title: string }, { title: string; paid: Date[] }>({
    name: 'contract-details',
    collection: connection.model('Contract').collection.name,
    pipeline: ({ title }) => [{ $match: { title } }, { $project: { _id: 0, __v: 0 } }],
    members: [{ replica }],
  });

describe('a Mongoose connection', () => {
  it('gives its client, and its database or the name of it', async () => {
    const { connection, Contract } = await connect();
    await connection.asPromise();
    const paid = [new Date('2026-01-01')];
    const session = await connection.startSession();
    await Contract.create([{ title: 'roof', amount: '12.50', paid }], { session });
    const after = causalToken(session);
    await session.endSession();
    const { db, name } = connection;
    for (const database of [db, name]) {
      const cache = openCache({ client: connection.getClient(), database: database ?? '' });
      const { rows, member } = await cache.read(
        details(connection, 'replica1'),
        { title: 'roof' },
        { after },
      );
      expect(member?.tags).toMatchObject({ replica: 'replica1' });
      expect(rows).toMatchObject([{ title: 'roof', paid }]);
      expect(String((rows[0] as unknown as { amount: unknown }).amount)).toBe('12.50');
    }
  });

  it('may still be connecting when the cache is made by its name', async () => {
    const { connection, Contract, dbName } = await connect();
    const cache = openCache({ client: connection.getClient(), database: dbName });
    const session = await connection.startSession();
    await Contract.create([{ title: 'roof' }], { session });
    const after = causalToken(session);
    await session.endSession();
    const read = await cache.read(details(connection, 'replica2'), { title: 'roof' }, { after });
    expect(read.rows).toMatchObject([{ title: 'roof' }]);
  });

  it('answers plain frozen rows, shared and no documents of Mongoose', async () => {
    const { connection, Contract } = await connect();
    await connection.asPromise();
    await Contract.create({ title: 'roof', paid: [new Date(0)] });
    const cache = openCache({ client: connection.getClient(), database: connection.name });
    const one = details(connection, 'nobody');
    const [first, second] = [
      await cache.read(one, { title: 'roof' }),
      await cache.read(one, { title: 'roof' }),
    ];
    expect(second.source).toBe('memory');
    expect(second.rows).toBe(first.rows);
    const [row] = first.rows;
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    expect(row).not.toBeInstanceOf(mongoose.Document);
    expect([row, row?.paid].every(Object.isFrozen)).toBe(true);
  });

  it('has sessions whose writes a read by their token sees, on each member', async () => {
    const { connection, Contract } = await connect();
    await connection.asPromise();
    await Contract.create({ title: 'roof' });
    const cache = openCache({ client: connection.getClient(), database: connection.name });
    for (const [round, replica] of ['replica1', 'replica2', 'replica3'].entries()) {
      const one = details(connection, replica);
      await cache.read(one, { title: `roof ${round}` });
      const session = await connection.startSession();
      await Contract.create([{ title: `roof ${round}` }], { session });
      const after = causalToken(session);
      await session.endSession();
      expect(after).toBeDefined();
      const { rows, member } = await cache.read(one, { title: `roof ${round}` }, { after });
      expect(rows).toMatchObject([{ title: `roof ${round}` }]);
      expect(member?.tags).toMatchObject({ replica });
    }
  });

  it('has transactions whose token is that of their commit', async () => {
    const { connection, Contract } = await connect();
    await connection.asPromise();
    await Contract.createCollection();
    const cache = openCache({ client: connection.getClient(), database: connection.name });
    const one = details(connection, 'replica3');
    const session = await connection.startSession();
    await session.withTransaction(async () => {
      await Contract.create([{ title: 'roof' }], { session });
    });
    const after = causalToken(session);
    await session.endSession();
    expect((await cache.read(one, { title: 'roof' }, { after })).rows).toHaveLength(1);
  });

  it('may invalidate in a hook, with the time of the write', async () => {
    const { connection } = await connect();
    await connection.asPromise();
    const cache = openCache({ client: connection.getClient(), database: connection.name });
    const schema = new Schema({ title: String });
    schema.post('save', async function () {
      const session = this.$session();
      const after = session ? causalToken(session) : undefined;
      await cache.invalidate({
        documents: [{ collection: this.collection.name, ids: [this._id] }],
        after,
      });
    });
    const Project = connection.model('Project', schema);
    const projects = definePipelineClass({
      name: 'projects',
      collection: Project.collection.name,
      pipeline: [{ $project: { _id: 0, title: 1 } }],
      members: [{ replica: 'replica1' }],
    });
    expect((await cache.read(projects)).rows).toEqual([]);
    const session = await connection.startSession();
    await Project.create([{ title: 'bridge' }], { session });
    await session.endSession();
    const { rows, source } = await cache.read(projects);
    expect(source).toBe('member');
    expect(rows).toEqual([{ title: 'bridge' }]);
  });
});
