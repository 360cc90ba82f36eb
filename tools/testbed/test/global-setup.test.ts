import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it } from 'vitest';
import { run } from '../../start/lib/command.mjs';
import { binaries } from '../src/binaries.js';
import { usesForeignServers } from '../src/foreign-servers.js';
import { startRedis } from '../src/redis.js';
import { startReplicaSet } from '../src/replica-set.js';
import { allGone, fixture, isAlive } from './support/processes.js';
import { whySkipped } from './support/why-skipped.js';

interface Report {
  readonly project: string;
  readonly mongodbUri: string;
  readonly mongodbIsOurs: boolean;
  readonly redisIsOurs: boolean;
  readonly urls: readonly string[];
  readonly policies: readonly string[];
  readonly pid: number;
  readonly mongod: string | undefined;
}

const VITEST = fileURLToPath(new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url));

/** A whole run of vitest over two projects. */
async function vitest(more: NodeJS.ProcessEnv) {
  const {
    TEST_MONGODB_URI: _,
    TEST_REDIS_URL: __,
    MONGOD_BINARY: ___,
    ...environment
  } = process.env;
  const result = await run(
    process.execPath,
    [VITEST, 'run', '--config', fixture('workspace.config.mjs'), '--reporter', 'verbose'],
    { environment: { ...environment, NO_COLOR: '1', ...more }, timeoutMs: 90_000 },
  );
  const reports = [...result.output.matchAll(/^REPORT (.*)$/gm)].map(
    (match) => JSON.parse(match[1] ?? '') as Report,
  );
  return { ...result, reports };
}

describe.skipIf(usesForeignServers)(`the global set-up${whySkipped}`, () => {
  it('shares one set of servers among all projects of a run, and stops it at the end', async () => {
    const { code, output, reports } = await vitest({
      MONGODB_URI: 'mongodb://user:secret@127.0.0.1:9/theirs', // not for tests
      REDIS_URL: 'redis://127.0.0.1:9',
    });
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(reports.map(({ project }) => project).sort()).toEqual(['one', 'two']);
    const [one, two] = reports;
    expect(one?.mongodbUri).toBe(two?.mongodbUri);
    expect(one?.urls).toEqual(two?.urls);
    expect(one?.policies).toEqual(['noeviction', 'allkeys-lru']);
    expect([one?.mongodbIsOurs, one?.redisIsOurs]).toEqual([true, true]);
    expect(
      output.match(/^Test bed: mongod \d.* \(.*\), replica set of 4; redis-server \d/gm),
    ).toHaveLength(1);
    expect(one?.mongod).toBe(await binaries.mongod().then(({ path }) => path));
    expect(isAlive(one?.pid ?? 0)).toBe(false);
    await allGone([one?.pid ?? 0]);
  }, 120_000);

  it('takes the servers that the environment names, and shows no password', async () => {
    const [set, redis] = await Promise.all([startReplicaSet(), startRedis()]);
    const { code, output, reports } = await vitest({
      TEST_MONGODB_URI: set.uri,
      TEST_REDIS_URL: redis.url.replace('://', '://default:geheim@'),
    });
    await Promise.all([set.stop(), redis.stop()]);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(reports).toHaveLength(2);
    expect(reports[0]).toMatchObject({
      mongodbUri: set.uri,
      mongodbIsOurs: false,
      redisIsOurs: false,
    });
    expect(output).toMatch(
      /Test bed: MongoDB \d\S* \(TEST_MONGODB_URI, .*; Redis \d\S* \(TEST_REDIS_URL, /,
    );
    expect(output.replaceAll(/^REPORT .*$/gm, '')).not.toContain('geheim');
  }, 120_000);

  it.each([
    ['does not answer', 'mongodb://user:secret@127.0.0.1:9/', 'ECONNREFUSED'],
    ['is no address', 'somewhere', 'Invalid scheme'],
  ])(
    'stops the run when TEST_MONGODB_URI %s',
    async (_, uri, reason) => {
      const redis = await startRedis();
      const { code, output } = await vitest({ TEST_MONGODB_URI: uri, TEST_REDIS_URL: redis.url });
      await redis.stop();
      expect(code).not.toBe(0);
      expect(output).toContain('TEST_MONGODB_URI cannot be used:');
      expect(output).toContain(reason);
      expect(output).not.toContain('secret');
    },
    60_000,
  );

  it('says what was tried when there is no mongod', async () => {
    const { code, output } = await vitest({ MONGOD_BINARY: '/no/such/mongod' });
    expect(code).not.toBe(0);
    expect(output).toContain('MONGOD_BINARY names /no/such/mongod');
    expect(output).toContain('correct MONGOD_BINARY, or unset it');
  }, 60_000);
});

describe('a project without the global set-up', () => {
  it('is given nothing', () => {
    expect(inject('mongodbUri')).toBeUndefined();
  });
});
