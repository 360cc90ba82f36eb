import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startReplicaSet } from '@nestcms/testbed';
import { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { findOnPath } from '../lib/command.mjs';
import { ready } from './support/start-command.js';
import { inFolder, START_MS, skip, start, tour, whySkipped } from './support/starts.js';

describe.skipIf(skip)(`npm start${whySkipped}`, () => {
  it(
    'never seeds a database that holds other data, and serves it when told not to',
    async () => {
      const replicaSet = await startReplicaSet();
      const client = new MongoClient(replicaSet.uri);
      try {
        const letters = client.db('theirs').collection('letters');
        const users = client.db('theirs').collection('users');
        await letters.insertOne({ dear: 'reader' });
        const theirs = { MONGODB_URI: replicaSet.uri, MONGODB_DATABASE: 'theirs' };
        const refused = start([], theirs);
        expect(await refused.ended).toBe(1);
        expect(refused.output()).toContain('The database theirs holds data');
        expect(await users.countDocuments()).toBe(0);

        const served = start([], { ...theirs, NESTCMS_DEMO: 'false' });
        await ready(served);
        expect(served.output()).toContain('no demo logins');
        expect(await users.countDocuments()).toBe(0);
        served.process.kill('SIGTERM');
        expect(await served.leftOver()).toBeUndefined();
        expect(await letters.countDocuments()).toBe(1);
      } finally {
        await client.close();
        await replicaSet.stop();
      }
    },
    START_MS,
  );

  it(
    'runs without any Redis, and says so',
    async () => {
      const bin = inFolder('bin');
      mkdirSync(bin);
      for (const name of ['sh', 'env', 'npm']) {
        const path = findOnPath(name);
        if (path) symlinkSync(path, join(bin, name));
      }
      const PATH = [dirname(process.execPath), bin].join(':');
      const command = start([], { PATH, NESTCMS_NO_INSTALL: '1' });
      const { url } = await ready(command);
      expect(command.output()).toContain('Redis    none; sessions, limits and the cache live in');
      const { code, output } = await tour(url);
      expect(output).toContain('11 of 11 steps');
      expect(code).toBe(0);
      command.process.kill('SIGTERM');
      expect(await command.leftOver()).toBeUndefined();
    },
    START_MS,
  );
});
