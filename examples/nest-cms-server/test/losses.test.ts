import type { CircuitBreakerTotals } from '@nestcms/circuit-breaker';
import {
  FOREIGN_SERVERS_REASON,
  type RedisServer,
  type ReplicaSet,
  startRedis,
  startReplicaSet,
  until,
  usesForeignServers,
} from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BREAKERS, type CircuitBreakerRegistry } from '../src/platform/breakers.js';
import type { ProblemBody } from '../src/platform/http/problem.js';
import { type Api, PASSWORD } from './support/api.js';
import { metricOf } from './support/metric.js';
import { type RunningServer, startServer } from './support/start-server.js';

const why = usesForeignServers ? ` (${FOREIGN_SERVERS_REASON})` : '';

const metric = async (server: RunningServer, line: string): Promise<number> =>
  (await metricOf(server, line)) ?? 0;

/** How the calls through a breaker have ended so far. */
function totalsOf({ app }: RunningServer, name: string): CircuitBreakerTotals {
  const breaker = app.get<CircuitBreakerRegistry>(BREAKERS).get(name);
  if (breaker === undefined) throw new Error(`There is no breaker ${name}`);
  return breaker.stats().totals;
}

describe.skipIf(usesForeignServers)(`without the Redis of sessions and limits${why}`, () => {
  let redis: RedisServer;
  let server: RunningServer;
  let believed: Api;

  beforeAll(async () => {
    redis = await startRedis();
    server = await startServer({
      variables: {
        REDIS_STATE_URL: redis.url,
        REDIS_CACHE_URL: undefined,
        LIMIT_AUTH_PER_MINUTE: '10',
      },
    });
  });
  afterAll(async () => {
    await server.stop();
    await redis.stop();
  });

  it('a signed token is believed, sign-in works, limits are stricter, and it is all counted', async () => {
    const { api, user } = await server.signIn('client');
    believed = api;
    const fallbacks = 'nestcms_rate_limit_fallbacks_total{class="auth"}';
    // None, unless this Redis was too slow for the sign-in; then it has used one of the stricter five.
    const before = await metric(server, fallbacks);
    await redis.kill();

    expect((await api.get('/api/v1/users/me')).status).toBe(200);
    expect(await metric(server, 'nestcms_session_checks_total{result="unknown"}')).toBeGreaterThan(
      0,
    );
    const again = await server.api.login(user.email);
    expect((await again.get('/api/v1/users/me')).status).toBe(200);

    // One of five was used by the second sign-in.
    const statuses: number[] = [];
    for (let index = 0; index < 5; index += 1) {
      const { status } = await server.api.post('/api/v1/auth/login', {
        email: user.email,
        password: 'wrong password here',
      });
      statuses.push(status);
    }
    expect(statuses).toEqual([...Array(4 - before).fill(401), ...Array(1 + before).fill(429)]);
    expect((await metric(server, fallbacks)) - before).toBe(6);
  });

  it('a forged token is refused all the same', async () => {
    const { status } = await server.api.get('/api/v1/users/me', {
      headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ.' },
    });
    expect(status).toBe(401);
  });

  it('the instance stays ready, and its breaker shows why it is degraded', async () => {
    await until(
      async () => {
        await believed.get('/api/v1/users/me');
        return (await metric(server, 'nestcms_circuit_breaker_state{breaker="redis-state"}')) > 0;
      },
      { what: 'the breaker to open', timeoutMs: 5_000 },
    );
    expect((await server.api.get('/health/ready')).status).toBe(200);
  });

  it('a session cannot be ended, which is said', async () => {
    const answer = await believed.post<ProblemBody>('/api/v1/auth/logout');
    expect([answer.status, answer.body.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  it('and with it back, empty, everybody signs in again', async () => {
    await redis.restart();
    await until(async () => (await believed.get('/api/v1/users/me')).status === 401, {
      what: 'the lost session',
      timeoutMs: 10_000,
    });
    const { api } = await server.signIn('client');
    expect((await api.get('/api/v1/users/me')).status).toBe(200);
  });

  it('a frozen one costs a few time limits, not one a request', { timeout: 60_000 }, async () => {
    const { api } = await server.signIn('client');
    await redis.freeze();
    const before = totalsOf(server, 'redis-state');
    const startedAt = performance.now();
    for (let index = 0; index < 30; index += 1) {
      expect((await api.get('/api/v1/users/me')).status).toBe(200);
    }
    // Thirty requests ask Redis twice each. The breaker opens within the ten calls that it looks at, and from then
    // on lets one in a second try; without it all sixty would wait for their time limit.
    const seconds = (performance.now() - startedAt) / 1_000;
    const after = totalsOf(server, 'redis-state');
    expect(after.failed - before.failed).toBeLessThanOrEqual(10 + seconds);
    expect(after.failed - before.failed + after.rejected - before.rejected).toBe(60);
    await redis.thaw();
  });
});

describe.skipIf(usesForeignServers)(`the start${why}`, () => {
  it('is refused with a Redis for state that evicts', async () => {
    const evicting = await startRedis({ policy: 'allkeys-lru' });
    await expect(startServer({ variables: { REDIS_STATE_URL: evicting.url } })).rejects.toThrow(
      /maxmemory-policy allkeys-lru; it must be noeviction/,
    );
    await expect(
      startServer({
        variables: {
          REDIS_STATE_URL: undefined,
          REDIS_CACHE_URL: undefined,
          REDIS_URL: evicting.url,
        },
      }),
    ).rejects.toThrow(/REDIS_CACHE_URL/);
    await evicting.stop();
  });

  it('goes on without a Redis that is away, and uses it once it is there', async () => {
    const redis = await startRedis();
    await redis.kill();
    const server = await startServer({
      variables: { REDIS_STATE_URL: redis.url, LOG_LEVEL: 'error' },
    });
    const { api, user } = await server.signIn('client');
    expect((await api.get('/api/v1/users/me')).status).toBe(200);
    await redis.restart();
    const admin = new Redis(redis.url);
    await until(
      async () => {
        await server.api.login(user.email);
        return (await admin.keys('*session:*')).length > 0;
      },
      { what: 'a session in Redis', timeoutMs: 10_000, intervalMs: 100 },
    );

    // Somebody sets another policy: after the next connect the server wants nothing of it any more.
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await until(() => server.log.lines.some(({ msg }) => /must be noeviction/.test(String(msg))), {
      what: 'the refusal in the log',
      timeoutMs: 10_000,
    });
    admin.disconnect();
    await server.stop();
    await redis.stop();
  });
});

describe.skipIf(usesForeignServers)(`without a primary${why}`, () => {
  let set: ReplicaSet;
  let server: RunningServer;

  beforeAll(async () => {
    set = await startReplicaSet({ failover: false });
    server = await startServer({
      variables: { MONGODB_URI: set.uri, MONGODB_SERVER_SELECTION_TIMEOUT_MS: '500' },
    });
  });
  afterAll(async () => {
    await server.stop();
    await set.stop();
  });

  it('writes are answered 503, soon at once; the instance is alive and not ready; then all is well again', {
    timeout: 120_000,
  }, async () => {
    const register = (name: string): Promise<{ status: number; headers: Headers }> =>
      server.api.post('/api/v1/auth/register/client', {
        fullName: name,
        email: `${name}@example.com`,
        password: PASSWORD,
      });
    expect((await register('before')).status).toBe(201);
    await set.members.primary.kill();

    const first = await Promise.all(
      Array.from({ length: 20 }, (_, index) => register(`lost${index}`)),
    );
    for (const { status, headers } of first) {
      expect(status).toBe(503);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const { api } = server;
    // At once means: by the breaker, asking nobody. Between two trials, which come every two seconds.
    await until(
      async () => {
        const before = totalsOf(server, 'mongodb-primary');
        const login = await api.post<ProblemBody>('/api/v1/auth/login', {
          email: 'before@example.com',
          password: PASSWORD,
        });
        expect([login.status, login.body.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
        const after = totalsOf(server, 'mongodb-primary');
        return after.failed === before.failed && after.rejected > before.rejected;
      },
      { what: 'an answer by the open breaker', timeoutMs: 30_000 },
    );
    const state = await metric(server, 'nestcms_circuit_breaker_state{breaker="mongodb-primary"}');
    expect(state).toBeGreaterThan(0);
    expect((await api.get('/health/live')).status).toBe(200);
    expect((await api.get('/health/ready')).status).toBe(503);

    await set.members.primary.restart();
    await until(
      async () => (await register(`after${Math.random()}`.replace('0.', ''))).status === 201,
      {
        what: 'writes',
        timeoutMs: 30_000,
        intervalMs: 250,
      },
    );
    expect((await api.get('/health/ready')).status).toBe(200);
  });
});
