import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';

const CONNECT_TIMEOUT_MS = 8_000;

/**
 * Says what TEST_MONGODB_URI names, without its credentials.
 * @throws {Error} when it does not answer or has no transactions
 */
export async function describeForeignMongodb(uri: string): Promise<string> {
  let client: MongoClient | undefined;
  try {
    client = new MongoClient(uri, { serverSelectionTimeoutMS: CONNECT_TIMEOUT_MS });
    const admin = client.db('admin');
    const { version } = await admin.command({ buildInfo: 1 });
    const { setName, msg } = await admin.command({ hello: 1 });
    if (!setName && msg !== 'isdbgrid') {
      throw new Error('it is a single server, and transactions need a replica set');
    }
    const hosts = client.options.hosts.map(String).join(',');
    return `MongoDB ${version} (TEST_MONGODB_URI, ${hosts})`;
  } catch (error) {
    throw unusable('TEST_MONGODB_URI', error);
  } finally {
    await client?.close();
  }
}

/**
 * Says what TEST_REDIS_URL names, without its credentials.
 * @throws {Error} when it does not answer
 */
export async function describeForeignRedis(url: string): Promise<string> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', () => {}); // told by the rejected promise
  try {
    await redis.connect();
    const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';
    return `Redis ${version} (TEST_REDIS_URL, ${new URL(url).host})`;
  } catch (error) {
    throw unusable('TEST_REDIS_URL', error);
  } finally {
    redis.disconnect();
  }
}

function unusable(variable: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return new Error(
    `${variable} cannot be used: ${reason}. Correct it, or unset it to run on own servers.`,
  );
}
