import { expect, it } from 'vitest';
import { serverEnvironment } from './server-environment.ts';

const parts = {
  host: '127.0.0.1',
  port: 3000,
  publicUrl: 'http://127.0.0.1:3000',
  mongodbUri: 'mongodb://127.0.0.1:27017/?replicaSet=rs',
  database: 'mine',
  demo: true,
  redisVariables: { REDIS_STATE_URL: 'redis://127.0.0.1:1' },
  secrets: { jwtKey: 'j'.repeat(48), payTabsServerKey: 'S1-2-3' },
  gateway: { baseUrl: 'http://127.0.0.1:4000', profileId: 1 },
};

it('never lets settings of a real gateway or of other servers through', () => {
  const environment = serverEnvironment(
    {
      PAYTABS_REGION: 'ARE',
      PAYTABS_SERVER_KEY: 'the-real-one',
      REDIS_CACHE_URL: 'redis://elsewhere:6379',
      MONGODB_URI: 'mongodb://elsewhere',
      JWT_KEYS: 'real:key',
      NODE_ENV: 'test',
    },
    parts,
  );
  expect(JSON.stringify(environment)).not.toMatch(/real|elsewhere|ARE/);
  expect(environment).toMatchObject({
    NODE_ENV: 'development',
    NESTCMS_DEMO: 'true',
    PAYTABS_BASE_URL: 'http://127.0.0.1:4000',
    REDIS_STATE_URL: 'redis://127.0.0.1:1',
  });
});

it('keeps what a user may tune', () => {
  const tuned = { LIMIT_AUTH_PER_MINUTE: '50', LOG_LEVEL: 'debug' };
  const environment = serverEnvironment({ ...tuned, REDIS_CACHE_MAX_BYTES: '2000000' }, parts);
  expect(environment).toMatchObject({ ...tuned, REDIS_CACHE_MAX_BYTES: '2000000' });
});

it('tells the server its database, and whether to make demo data there', () => {
  expect(serverEnvironment({}, parts)).toMatchObject({
    MONGODB_DATABASE: 'mine',
    NESTCMS_DEMO: 'true',
  });
  expect(serverEnvironment({}, { ...parts, demo: false }).NESTCMS_DEMO).toBe('false');
});
