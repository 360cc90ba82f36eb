import { startReplicaSet } from '@nestcms/testbed';
import { MongoClient } from 'mongodb';
import { StartError, step } from '../lib/say.mjs';

const CONNECT_TIMEOUT_MS = 8_000;

/** The database that a start runs on. */
export interface MongoDB {
  readonly uri: string;
  /** One line for a person. */
  readonly description: string;
  stop(): Promise<void>;
}

/**
 * MONGODB_URI when it is set, else a replica set of our own.
 * @param dataDirectory where our own keeps its data; undefined: a temporary folder
 * @throws {StartError} when MONGODB_URI cannot be reached or has no transactions
 */
export async function provideMongoDB(
  environment: NodeJS.ProcessEnv,
  dataDirectory: string | undefined,
): Promise<MongoDB> {
  const uri = environment.MONGODB_URI;
  if (uri) {
    step('Connecting to the MongoDB named by MONGODB_URI');
    const description = await describeForeign(uri);
    return { uri, description, stop: async () => {} };
  }
  step('Starting a MongoDB replica set: a primary and three secondaries');
  const replicaSet = await startReplicaSet(dataDirectory ? { dataDirectory } : {});
  return {
    uri: replicaSet.uri,
    description: `${replicaSet.description}, 1 primary and 3 tagged secondaries, ${
      dataDirectory ? `data in ${dataDirectory}` : 'data in a temporary folder'
    }`,
    stop: () => replicaSet.stop(),
  };
}

/** Whether the demo's people are in a database, made by this start or by an earlier one. */
export async function hasDemoData(uri: string, database: string): Promise<boolean> {
  const client = connectLazily(uri);
  try {
    const marks = client.db(database).collection<{ _id: string }>('meta');
    return (await marks.findOne({ _id: 'demo' })) !== null;
  } finally {
    await client.close();
  }
}

async function describeForeign(uri: string): Promise<string> {
  const client = connectLazily(uri);
  try {
    const admin = client.db('admin');
    const hello = await admin.command({ hello: 1 }).catch((error: unknown) => {
      throw new StartError('The MongoDB named by MONGODB_URI cannot be used.', {
        tried: `connecting for ${CONNECT_TIMEOUT_MS / 1000} s: ${withoutAddress(error)}`,
        remedy: 'correct MONGODB_URI, or unset it and a replica set is started for you.',
        cause: error,
      });
    });
    const isSharded = hello.msg === 'isdbgrid';
    if (!hello.setName && !isSharded) {
      throw new StartError(
        'The MongoDB named by MONGODB_URI is a stand-alone server: it has no transactions, and NestCMS moves money only inside them.',
        {
          remedy:
            'start that mongod with --replSet and run rs.initiate(), or unset MONGODB_URI and a replica set is started for you.',
        },
      );
    }
    const { version } = await admin.command({ buildInfo: 1 });
    const shape = isSharded ? 'sharded cluster' : `replica set ${hello.setName}`;
    return `MongoDB ${version} (MONGODB_URI, ${shape})`;
  } finally {
    await client.close();
  }
}

function connectLazily(uri: string): MongoClient {
  try {
    return new MongoClient(uri, { serverSelectionTimeoutMS: CONNECT_TIMEOUT_MS });
  } catch (error) {
    throw new StartError('MONGODB_URI is no MongoDB address.', {
      tried: withoutAddress(error),
      remedy: 'it must look like mongodb://host:27017/?replicaSet=name.',
    });
  }
}

/** The driver's message, without what may hold a password. */
function withoutAddress(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/mongodb(\+srv)?:\/\/\S+/g, 'mongodb://…');
}
