import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../test/support/start-server.js';
import { DEMO_PASSWORD, PEOPLE } from './company.js';

/** What production asks for beyond the variables of a test. */
const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://cms.house.example.org',
  JWT_KEYS: 'k1:Zf8kQ2mW9xLpR4vT7yBnC3hJ6sDgA1eUo5Vw0iXq',
  PAYTABS_SERVER_KEY: 'SBJN2KLM9P-JHWQ7RTZ4X-BDLM6VNCKG',
  PAYTABS_REGION: 'ARE',
  PAYTABS_BASE_URL: undefined,
  PAYTABS_ALLOW_LOCAL_URLS: undefined,
};

describe('demo data', () => {
  let demo: RunningServer;
  beforeAll(async () => {
    demo = await startServer({ variables: { NESTCMS_DEMO: 'true' } });
  });
  afterAll(() => demo.stop());

  const inProduction = (database: string | undefined) =>
    startServer({ variables: { ...PRODUCTION, MONGODB_DATABASE: database } });

  it('all people of the demo sign in, and their one password was hashed once', async () => {
    const users = await demo.db.collection('users').find().toArray();
    expect(users.length).toBe(PEOPLE.length);
    expect(new Set(users.map(({ passwordHash }) => passwordHash)).size).toBe(1);
    const logins = PEOPLE.map(({ email }) =>
      demo.api.post('/api/v2/auth/login', { email, password: DEMO_PASSWORD }),
    );
    expect((await Promise.all(logins)).map(({ status }) => status)).toEqual(PEOPLE.map(() => 200));
  });

  it('a server in production refuses a database that the seed has marked, before it takes a request', async () => {
    const name = demo.db.databaseName;
    await expect(inProduction(name)).rejects.toThrow(
      `The database ${name} holds demo data, whose logins everybody knows, and NODE_ENV is production.`,
    );
  });

  it('and one that the seed has begun on', async () => {
    await demo.db
      .collection<{ _id: string }>('meta')
      .updateOne({ _id: 'demo' }, { $unset: { seededAt: 1 } });
    await expect(inProduction(demo.db.databaseName)).rejects.toThrow('holds demo data');
  });

  it('and runs on any other', async () => {
    const server = await inProduction(`${demo.db.databaseName}-own`);
    expect((await server.api.get('/health/live')).status).toBe(200);
    await server.stop();
  });
});
