import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { expect, inject, it } from 'vitest';
import { createMongoReplayStore, type ReplayDocument } from '../src/stores/mongodb/index.js';
import { raceInMemory, raceOfProcesses } from './race/race.js';

// The script replay-race runs a thousand rounds of a thousand copies.
it('accepts one of a thousand copies at once, round after round, in memory', async () => {
  let rounds = 0;
  const onRound = () => {
    rounds += 1;
  };
  expect(await raceInMemory({ rounds: 50, copies: 1_000, onRound })).toEqual([]);
  expect(rounds).toBe(50);
}, 60_000);

it('accepts one of the copies that eight processes are given, with one Redis', async () => {
  const faults = await raceOfProcesses({
    kind: 'redis',
    address: inject('redisStateUrl'),
    name: `test:${randomUUID()}`,
    processes: 8,
    rounds: 50,
    copies: 200,
  });
  expect(faults).toEqual([]);
}, 60_000);

it('accepts one of the copies that eight processes are given, with one MongoDB', async () => {
  const name = `test-${randomUUID().slice(0, 8)}`;
  const client = new MongoClient(inject('mongodbUri'));
  try {
    const collection = client.db(name).collection<ReplayDocument>('replay');
    await createMongoReplayStore({ collection }).ensureIndexes();
    const faults = await raceOfProcesses({
      kind: 'mongodb',
      address: inject('mongodbUri'),
      name,
      processes: 8,
      rounds: 10,
      copies: 64,
    });
    expect(faults).toEqual([]);
  } finally {
    await client.db(name).dropDatabase();
    await client.close();
  }
}, 60_000);
