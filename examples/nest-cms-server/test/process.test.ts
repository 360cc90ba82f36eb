import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import {
  FOREIGN_SERVERS_REASON,
  startStandAlone,
  until,
  usesForeignServers,
} from '@nestcms/testbed';
import { MongoClient } from 'mongodb';
import { afterEach, describe, expect, it } from 'vitest';
import { PASSWORD } from './support/api.js';
import { testVariables, type Variables } from './support/environment.js';
import { startServer } from './support/start-server.js';
import {
  LOADER_OF_SCRIPTS,
  type ServerProcess,
  spawnSource,
  startServerProcess,
} from './support/start-server-process.js';

/** Runs a script until it ends by itself. */
async function runToEnd(
  variables: Variables,
  args: readonly string[] = ['src/main.ts'],
  stdin = '',
  loader?: string,
): Promise<{ code: number | null; stderr: string }> {
  const child = spawnSource(args, variables, loader);
  let stderr = '';
  child.stdout?.resume();
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin?.end(stdin);
  await once(child, 'close');
  return { code: child.exitCode, stderr };
}

describe('the server as a process', () => {
  let server: ServerProcess | undefined;
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  it('starts from its sources, answers, and at SIGTERM is not ready, finishes the running request and ends', {
    timeout: 120_000,
  }, async () => {
    server = await startServerProcess({
      variables: {
        // All that is asked of it while it drains must fit in here, on a busy machine too.
        SHUTDOWN_DRAIN_MS: '8000',
        SHUTDOWN_TIMEOUT_MS: '60000',
      },
    });
    expect((await server.api.get('/health/ready')).status).toBe(200);
    const body = JSON.stringify({ email: 'nobody@example.com', password: PASSWORD });
    const running = request(`${server.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': body.length,
        // Answered as soon as the server has the head: then the request is running.
        expect: '100-continue',
      },
    });
    running.flushHeaders();
    await once(running, 'continue');

    const code = server.end('SIGTERM');
    const { api, output } = server;
    await until(async () => (await api.get('/health/ready')).status === 503, {
      what: 'the server to be not ready',
      timeoutMs: 8_000,
    });
    expect((await api.get('/health/live')).status).toBe(200);
    await until(
      () =>
        api.get('/health/live').then(
          () => false,
          () => true,
        ),
      {
        what: 'the server to take no requests any more',
        timeoutMs: 30_000,
      },
    );
    expect(output()).not.toContain('"msg":"stopped"');

    running.end(body);
    const [answer] = (await once(running, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(401);
    expect(await code).toBe(0);
    expect(output()).toContain('"msg":"stopped"');
  });

  it('does not start with a wrong environment, and names every wrong variable without secrets', async () => {
    const wrong = { PORT: 'many', JWT_KEYS: 'hunter2', MONGODB_URI: undefined };
    const variables = { ...testVariables(), ...wrong };
    const { code, stderr } = await runToEnd(variables, ['src/main.ts'], '', LOADER_OF_SCRIPTS);
    expect(code).toBe(1);
    expect(stderr).toMatch(/PORT: "many"; allowed: a whole number/);
    expect(stderr).toMatch(/JWT_KEYS: given, 7 characters, not shown/);
    expect(stderr).toMatch(/MONGODB_URI: missing/);
    expect(stderr).not.toMatch(/hunter2|\n\s+at /);
  });

  it('says plainly that a port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, stderr } = await runToEnd({ ...testVariables(), PORT: String(port) });
    expect([code, stderr]).toEqual([
      1,
      `Port ${port} is taken. Set PORT to another one, or to 0 for any free one.\n`,
    ]);
    other.close();
  });

  it('says plainly that it cannot listen on an address of another machine', async () => {
    const { code, stderr } = await runToEnd({ ...testVariables(), HOST: '203.0.113.7' });
    expect([code, stderr]).toEqual([
      1,
      'HOST: "203.0.113.7" is no address of this machine; allowed: an IP address or host name\n',
    ]);
  });

  it('says plainly that the database cannot be reached, without its password', async () => {
    const { code, stderr } = await runToEnd({
      ...testVariables(),
      MONGODB_URI: 'mongodb://root:hunter2@127.0.0.1:9/?replicaSet=none',
      MONGODB_SERVER_SELECTION_TIMEOUT_MS: '300',
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^NestCMS cannot start: .*127\.0\.0\.1:9/);
    expect(stderr).not.toContain('hunter2');
  });
});

const why = usesForeignServers ? ` (${FOREIGN_SERVERS_REASON})` : '';

describe.skipIf(usesForeignServers)(`the server on a MongoDB without transactions${why}`, () => {
  it('does not start, says why in a sentence, and has written nothing', async () => {
    const mongod = await startStandAlone();
    const client = new MongoClient(mongod.uri);
    try {
      const { code, stderr } = await runToEnd({ ...testVariables(), MONGODB_URI: mongod.uri });
      expect([code, stderr]).toEqual([
        1,
        'NestCMS cannot start: The MongoDB server is not a member of a replica set. NestCMS needs transactions: start mongod with --replSet and initiate the set.\n',
      ]);
      const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
      expect(databases.map(({ name }) => name).sort()).toEqual(['admin', 'config', 'local']);
    } finally {
      await client.close();
      await mongod.stop();
    }
  });
});

it('a manager is made from the command line, and can sign in', async () => {
  const server = await startServer();
  const run = (password: string): ReturnType<typeof runToEnd> =>
    runToEnd(
      server.variables,
      ['src/create-user.ts', '--role', 'manager', '--email', 'Boss@example.com', '--name', 'B'],
      `${password}\n`,
    );
  expect(await run('short')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('password'),
  });
  expect(await run(PASSWORD)).toMatchObject({ code: 0, stderr: '' });
  const api = await server.api.login('boss@example.com');
  expect((await api.get('/api/v1/users/me')).body).toMatchObject({ role: 'manager' });
  await server.stop();
});
