import {
  FOREIGN_SERVERS_REASON,
  startReplicaSet,
  startStandAlone,
  usesForeignServers,
} from '@nestcms/testbed';
import { describe, expect, it } from 'vitest';
import { reservePort } from '../lib/ports.mjs';
import { provideMongoDB } from './mongodb.ts';

/** With servers named from outside there may be no program here to start one. */
const why = usesForeignServers ? ` (${FOREIGN_SERVERS_REASON})` : '';

describe.skipIf(usesForeignServers)(`the MongoDB of a start${why}`, () => {
  it('stops at a stand-alone server, which has no transactions', async () => {
    const standAlone = await startStandAlone();
    try {
      const MONGODB_URI = standAlone.uri;
      await expect(provideMongoDB({ MONGODB_URI }, undefined)).rejects.toMatchObject({
        message: expect.stringContaining('no transactions'),
        remedy: expect.stringContaining('rs.initiate()'),
      });
    } finally {
      await standAlone.stop();
    }
  }, 30_000);

  it('takes a replica set that MONGODB_URI names, and leaves it running', async () => {
    const replicaSet = await startReplicaSet();
    try {
      const provided = await provideMongoDB({ MONGODB_URI: replicaSet.uri }, undefined);
      expect(provided.uri).toBe(replicaSet.uri);
      expect(provided.description).toMatch(/^MongoDB \d+\.\d+\.\d+ \(MONGODB_URI, replica set /);
      await provided.stop();
      expect(replicaSet.members.primary.pid).toBeDefined();
    } finally {
      await replicaSet.stop();
    }
  }, 60_000);

  it('says within ten seconds that nobody answers, without showing the password', async () => {
    const { port, release } = await reservePort();
    const MONGODB_URI = `mongodb://user:swordfish@127.0.0.1:${port}`;
    const error = await provideMongoDB({ MONGODB_URI }, undefined).then(
      () => undefined,
      (reason: unknown) => reason as { message: string; tried?: string },
    );
    expect(error?.message).toBe('The MongoDB named by MONGODB_URI cannot be used.');
    expect(`${error?.message} ${error?.tried}`).not.toContain('swordfish');
    release();
  }, 15_000);

  it('says that an address is none', async () => {
    await expect(provideMongoDB({ MONGODB_URI: 'localhost:27017' }, undefined)).rejects.toThrow(
      'MONGODB_URI is no MongoDB address.',
    );
  });
});
