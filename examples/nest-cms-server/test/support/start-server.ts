import type { Simulator } from '@nestcms/paytabs-client/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Db, MongoClient } from 'mongodb';
import type { Environment } from '../../src/config/environment.js';
import { parseEnvironment } from '../../src/config/parse-environment.js';
import { type AppOverrides, createApp } from '../../src/create-app.js';
import type { Role } from '../../src/identity/caller.js';
import type { UserView } from '../../src/identity/user.schema.js';
import { createBcryptHasher } from '../../src/protection/password-hasher.js';
import { Api, insertUser } from './api.js';
import { freePort, testVariables, type Variables } from './environment.js';
import { LogSink } from './log-sink.js';

export interface StartOptions {
  /** Environment variables that differ from those of {@link testVariables}. */
  readonly variables?: Variables;
  readonly overrides?: AppOverrides;
  /** The gateway; without one every call to it fails. */
  readonly simulator?: Pick<Simulator, 'baseUrl' | 'profileId' | 'serverKey'>;
}

/** What both kinds of servers under test have. */
export interface ServerHandle {
  readonly url: string;
  readonly variables: Variables;
  /** An anonymous caller. */
  readonly api: Api;
  /** The server's database over a connection of the test's own. */
  readonly db: Db;
  /** A new user of that role who has signed in. */
  signIn(role: Role): Promise<{ api: Api; user: UserView }>;
  /** Ends it and, unless told otherwise, drops its database. */
  stop(options?: { readonly keepData?: boolean }): Promise<void>;
}

export interface RunningServer extends ServerHandle {
  readonly app: NestFastifyApplication;
  readonly environment: Environment;
  readonly log: LogSink;
}

/** Variables of a server that the given gateway can reach, on a port known beforehand. */
export async function variablesFor(options: StartOptions): Promise<Variables> {
  const port = options.variables?.PORT ?? String(await freePort());
  const { simulator } = options;
  return testVariables({
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    ...(simulator === undefined
      ? {}
      : {
          PAYTABS_BASE_URL: simulator.baseUrl,
          PAYTABS_PROFILE_ID: String(simulator.profileId),
          PAYTABS_SERVER_KEY: simulator.serverKey,
        }),
    ...options.variables,
  });
}

/** The part of a handle that is the same for servers in this process and in one of their own. */
export function handleOf(
  url: string,
  variables: Variables,
  end: () => Promise<void>,
): ServerHandle {
  const client = new MongoClient(variables.MONGODB_URI ?? '');
  const db = client.db(variables.MONGODB_DATABASE ?? '');
  const api = new Api(url);
  return {
    url,
    variables,
    api,
    db,
    signIn: async (role) => {
      const user = await insertUser(db, role);
      return { api: await api.login(user.email), user };
    },
    stop: async ({ keepData = false } = {}) => {
      await end();
      if (!keepData) await db.dropDatabase().catch(() => undefined);
      await client.close();
    },
  };
}

/** The whole server in this process, listening on a real socket. Password hashing is made cheap. */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const variables = await variablesFor(options);
  const environment = parseEnvironment(variables);
  const log = new LogSink();
  const app = await createApp(environment, {
    passwordHasher: createBcryptHasher({ cost: 4 }),
    logDestination: log,
    ...options.overrides,
  });
  try {
    await app.listen(environment.port, environment.host);
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
  const handle = handleOf(await app.getUrl(), variables, () => app.close());
  return { ...handle, app, environment, log };
}
