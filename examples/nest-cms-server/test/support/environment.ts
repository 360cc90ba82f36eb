import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import '@nestcms/testbed/global-setup';

export type Variables = Record<string, string | undefined>;

/** Variables of a server on the shared test servers, with a database and key prefix of its own. Change any by `over`. */
export function testVariables(over: Variables = {}): Variables {
  const run = randomBytes(6).toString('hex');
  return {
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'silent',
    MONGODB_URI: inject('mongodbUri'),
    MONGODB_DATABASE: `server-${run}`,
    REDIS_STATE_URL: inject('redisStateUrl'),
    REDIS_CACHE_URL: inject('redisCacheUrl'),
    REDIS_KEY_PREFIX: `server-${run}:`,
    JWT_KEYS: 'test:only-for-tests-only-for-tests-only-for-tests',
    PAYTABS_PROFILE_ID: '98765',
    PAYTABS_SERVER_KEY: 'SONLYFORTESTS-ONLYFORTESTS-ONLYFORTESTS',
    // The discard port: a test that needs a gateway names the simulator.
    PAYTABS_BASE_URL: 'http://127.0.0.1:9',
    PAYTABS_ALLOW_LOCAL_URLS: 'true',
    LIMIT_AUTH_PER_MINUTE: '100000',
    LIMIT_PAYMENTS_PER_MINUTE: '100000',
    LIMIT_PROCESS_PER_MINUTE: '100000',
    LIMIT_WEBHOOK_REFUSED_PER_MINUTE: '100000',
    LIMIT_GENERAL_PER_MINUTE: '100000',
    ...over,
  };
}

/** A port nobody listens on now. */
export async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
