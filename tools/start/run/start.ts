/** The work of `npm start`: databases, local gateway, server, banner; and their end. */
import { randomBytes, randomInt } from 'node:crypto';
import { join } from 'node:path';
import { startSimulator } from '@nestcms/paytabs-client/testing';
import { PEOPLE } from '../../../examples/nest-cms-server/src/demo/company.js';
import { parseStart } from '../lib/arguments.mjs';
import { onBrokenPipe, printFailure, StartError, step } from '../lib/say.mjs';
import { createSupervisor } from '../lib/supervisor.mjs';
import { banner } from './banner.ts';
import { openDataDirectory, temporaryData } from './data-directory.ts';
import { forgetStart, rememberStart } from './last-start.ts';
import { hasDemoData, provideMongoDB } from './mongodb.ts';
import { choosePort, urlOf } from './port.ts';
import { provideRedis } from './redis.ts';
import { loadServer } from './server.ts';
import { serverEnvironment } from './server-environment.ts';

/** After this the process ends and the watchdogs end what is left; before it is taken for hanging. */
const STOP_DEADLINE_MS = 2_800;
const SIMULATED_PROFILE = 98_765;

const supervisor = createSupervisor();
/** What has to be stopped, in the order it was started. */
const parts: (() => Promise<void> | void)[] = [];
let stopping = false;

async function stop(exitCode: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(exitCode), STOP_DEADLINE_MS);
  for (const end of parts.reverse()) {
    try {
      await end();
    } catch {
      // The watchdogs end what cannot be ended here.
    }
  }
  await supervisor.close();
  process.exit(exitCode);
}

function refuseProduction(): void {
  if (process.env.NODE_ENV !== 'production') return;
  throw new StartError(
    'npm start makes demo logins and a gateway that takes test cards, so it never runs under NODE_ENV=production.',
    {
      remedy:
        'unset NODE_ENV for the demo; examples/nest-cms-server/README.md says how to run the server in production.',
    },
  );
}

async function main(): Promise<void> {
  const started = Date.now();
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const options = parseStart(process.argv.slice(2), process.env, cwd);
  refuseProduction();
  const port = await choosePort(options.port, options.host);
  const url = urlOf(options.host, port);

  const data = options.dataDirectory
    ? openDataDirectory(options.dataDirectory)
    : temporaryData(supervisor.temporaryDirectory('nestcms-start-'));
  parts.push(() => data.release());
  const database = process.env.MONGODB_DATABASE || 'nestcms';
  const logFile = join(data.path, 'server.log');
  // Its code loads while the databases start.
  const loading = loadServer(supervisor, logFile);
  const [mongodb, redis] = await Promise.all([
    provideMongoDB(process.env, options.dataDirectory && join(data.path, 'mongodb')),
    provideRedis(process.env),
  ]);
  parts.push(
    () => redis.stop(),
    () => mongodb.stop(),
  );

  step('Starting the local PayTabs');
  const simulator = await startSimulator({
    allowLocalCallback: true,
    // A gateway that gave the same references again would name payments of an earlier start.
    seed: randomInt(2 ** 31),
    profiles: [
      {
        profileId: SIMULATED_PROFILE,
        serverKey: data.secrets.payTabsServerKey,
        clientKey: `C${randomBytes(12).toString('hex').toUpperCase()}`,
        merchantId: 1,
      },
    ],
  });
  parts.push(
    () => simulator.stop(),
    () => loading.stop(),
  );

  const server = await loading.run({
    url,
    environment: serverEnvironment(process.env, {
      host: options.host,
      port,
      publicUrl: process.env.PUBLIC_URL || url,
      mongodbUri: mongodb.uri,
      database,
      demo: options.demo,
      redisVariables: redis.variables,
      secrets: data.secrets,
      gateway: { baseUrl: simulator.baseUrl, profileId: SIMULATED_PROFILE },
    }),
  });
  rememberStart(url);
  parts.push(forgetStart);

  process.stdout.write(
    `\n${banner({
      url,
      logins: (await hasDemoData(mongodb.uri, database)) ? PEOPLE : [],
      host: options.host,
      mongodb: mongodb.description,
      redis: redis.description,
      simulatorUrl: simulator.baseUrl,
      logFile,
      seconds: (Date.now() - started) / 1000,
    })}`,
  );
  const reason = await server.ended;
  if (!stopping) throw new StartError(`The NestCMS server ended by itself: ${reason}`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!stopping) step(`Stopping (${signal})`);
    void stop(0);
  });
}

onBrokenPipe(() => void stop(1));

try {
  await main();
} catch (error) {
  if (!stopping) printFailure(error);
  await stop(error instanceof StartError ? error.exitCode : 1);
}
