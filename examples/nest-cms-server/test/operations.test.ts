import { setTimeout as sleep } from 'node:timers/promises';
import { AggregationCache } from '@nestcms/aggregation-cache';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Public } from '../src/identity/access.js';
import { Health } from '../src/operations/health.js';
import type { ProblemBody } from '../src/platform/http/problem.js';
import { Database } from '../src/platform/mongo/database.js';
import { OUTBOX } from '../src/platform/outbox/outbox.collection.js';
import { Outbox } from '../src/platform/outbox/outbox.js';
import { OutboxRelay } from '../src/platform/outbox/outbox-relay.js';
import { PASSWORD } from './support/api.js';
import { type RunningServer, startServer } from './support/start-server.js';

@Controller('broken')
@Public()
class BrokenController {
  @Get()
  fail(): never {
    throw Object.assign(new Error('mongodb://root:hunter2@db says: Bearer abc.def.ghi'), {
      password: 'hunter2',
    });
  }

  @Post('card')
  card(): never {
    throw new Error('card 4111 1111 1111 1111 declined');
  }
}

@Module({ controllers: [BrokenController] })
class BrokenModule {}

/** Something that happens once. */
function signal(): { give: () => void; given: Promise<void> } {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { give, given };
}

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({
    variables: { LOG_LEVEL: 'debug' },
    overrides: { modules: [BrokenModule] },
  });
});
afterAll(() => server.stop());

describe('health', () => {
  it('says that the process lives and that it is ready', async () => {
    const live = await server.api.get('/health/live');
    const ready = await server.api.get('/health/ready');
    expect([live.status, live.body]).toEqual([200, { status: 'up' }]);
    expect([ready.status, ready.body]).toEqual([200, { status: 'up' }]);
  });

  it('is not ready while draining, but alive, and closes connections', async () => {
    const draining = await startServer();
    draining.app.get(Health).drain();
    const ready = await draining.api.get<ProblemBody>('/health/ready');
    expect([ready.status, ready.body.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(ready.headers.get('connection')).toBe('close');
    expect((await draining.api.get('/health/live')).status).toBe(200);
    await draining.stop();
  });
});

describe('a shutdown', () => {
  it('lets a subscriber finish and records its delivery before the database is closed', async () => {
    const stopping = await startServer();
    const { app, db } = stopping;
    let release = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      app.get(OutboxRelay).subscribe('slow', () => {
        resolve();
        return new Promise((done) => {
          release = done;
        });
      });
    });
    await app.get(Database).transaction((session) =>
      app.get(Outbox).append(session, {
        type: 'thing.made',
        aggregate: { type: 'thing', id: 'a' },
        data: {},
      }),
    );
    await arrived;
    const closed = app.close();
    await new Promise((resolve) => setImmediate(resolve));
    release();
    await closed;
    expect(await db.collection(OUTBOX).countDocuments({ pending: true })).toBe(0);
    await stopping.stop();
  });

  it('closes the cache only when the delivery that drops from it has ended', async () => {
    const stopping = await startServer({ variables: { LOG_LEVEL: 'info' } });
    const { app, db, log } = stopping;
    const cache = app.get(AggregationCache);
    const order: string[] = [];
    const invalidate = cache.invalidate.bind(cache);
    const close = cache.close.bind(cache);
    const called = signal();
    const release = signal();
    const closed = signal();
    vi.spyOn(cache, 'invalidate').mockImplementation(async (change) => {
      called.give();
      await release.given;
      const result = await invalidate(change);
      order.push('dropped');
      return result;
    });
    vi.spyOn(cache, 'close').mockImplementation(async () => {
      await close();
      order.push('closed');
      closed.give();
    });
    await app.get(Database).transaction((session) =>
      app.get(Outbox).append(session, {
        type: 'payment.paid',
        aggregate: { type: 'payment', id: 'a' },
        data: {},
      }),
    );
    await called.given;
    const stopped = app.close();
    // A cache that does not wait is closed by now, and then what is to be dropped comes too late.
    await Promise.race([closed.given, sleep(300)]);
    release.give();
    await stopped;
    expect(order).toEqual(['dropped', 'closed']);
    expect(await db.collection(OUTBOX).countDocuments({ pending: true })).toBe(0);
    expect(log.named('an outbox subscriber failed')).toEqual([]);
    await stopping.stop();
  });
});

describe('metrics', () => {
  const value = async (line: string): Promise<number> => {
    const { body } = await server.api.get<string>('/metrics');
    const found = body.split('\n').find((one) => one.startsWith(`${line} `));
    return found === undefined ? 0 : Number(found.split(' ').at(-1));
  };

  it('count requests by route pattern and status, never by path', async () => {
    const line =
      'nestcms_http_request_duration_seconds_count{method="GET",route="/api/v1/users/me",status="401"}';
    const nowhere =
      'nestcms_http_request_duration_seconds_count{method="GET",route="(none)",status="404"}';
    const [before, nowhereBefore] = [await value(line), await value(nowhere)];
    await server.api.get('/api/v1/users/me');
    await server.api.get('/secret-path-1');
    await server.api.get('/secret-path-2');
    expect(await value(line)).toBe(before + 1);
    expect(await value(nowhere)).toBe(nowhereBefore + 2);
    expect((await server.api.get<string>('/metrics')).body).not.toContain('secret-path');
  });

  it('tell the state of each breaker, the outbox and the session checks', async () => {
    const before = await value('nestcms_session_checks_total{result="active"}');
    const { api } = await server.signIn('client');
    await api.get('/api/v1/users/me');
    expect(await value('nestcms_session_checks_total{result="active"}')).toBe(before + 1);
    const { body, headers } = await server.api.get<string>('/metrics');
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(body).toContain('nestcms_circuit_breaker_state{breaker="mongodb-primary"} 0');
    expect(body).toContain('nestcms_circuit_breaker_state{breaker="redis-state"} 0');
    expect(body).toContain('nestcms_outbox_pending 0');
    expect(body).toContain('process_cpu_seconds_total');
  });
});

describe('the log', () => {
  it('of a healthy start and stop holds neither warning nor error', async () => {
    const healthy = await startServer({ variables: { LOG_LEVEL: 'info' } });
    await healthy.stop();
    const { lines } = healthy.log;
    const connected = lines.filter(({ msg }) => msg === 'redis connected').map(({ role }) => role);
    expect(new Set(connected)).toEqual(new Set(['cache', 'state']));
    expect(lines.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('has one line per request: id, route pattern, status, time, user', async () => {
    const { api, user } = await server.signIn('employee');
    await api.get('/api/v2/users/me?x=1', { headers: { 'x-request-id': 'log-test-0001' } });
    const lines = server.log.named('request').filter((line) => line.requestId === 'log-test-0001');
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        requestId: 'log-test-0001',
        method: 'GET',
        route: '/api/v2/users/me',
        status: 200,
        durationMs: expect.any(Number),
        userId: user.id,
        msg: 'request',
      },
    ]);
  });

  it('tells of an unexpected error what the caller is not told, without its secrets', async () => {
    const { status, body } = await server.api.get<ProblemBody>('/api/v1/broken', {
      headers: { 'x-request-id': 'log-test-0002' },
    });
    expect([status, body.code]).toEqual([500, 'INTERNAL_ERROR']);
    expect(JSON.stringify(body)).not.toMatch(/mongodb|hunter2|Bearer/);
    const [line] = server.log.named('request failed');
    expect(line).toMatchObject({ requestId: 'log-test-0002', err: { type: 'Error' } });
    expect(JSON.stringify(line)).toContain('mongodb://[hidden]@db says: [hidden]');
  });

  it('never holds a password, a token, a cookie or a card number', async () => {
    const { api } = await server.signIn('client');
    await server.api.post('/api/v1/auth/login', {
      email: 'x@example.com',
      password: 'swordfish swordfish',
    });
    await server.api.post('/api/v1/auth/register/client', { fullName: 'x', password: PASSWORD });
    await api.get('/api/v1/users/me?token=swordfish', { headers: { cookie: 'session=swordfish' } });
    await server.api.post('/api/v1/broken/card', {}, { headers: { 'x-api-key': 'swordfish' } });
    const { text } = server.log;
    expect(text).toContain('/api/v1/broken/card');
    for (const secret of ['swordfish', PASSWORD, api.token ?? 'none', '4111', 'hunter2', '$2b$']) {
      expect(text).not.toContain(secret);
    }
  });
});

describe('the documentation', () => {
  it('is a page whose scripts and styles come from this server alone', async () => {
    const { status, body, headers } = await server.api.get<string>('/docs');
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toContain("script-src 'self';");
    expect(body).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>\s*\S/);
    const files = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      expect(file).not.toMatch(/^(?:https?:)?\/\//);
      expect((await server.api.get(new URL(file, `${server.url}/docs`).pathname)).status).toBe(200);
    }
  });

  it('describes the routes for programs', async () => {
    const { body } = await server.api.get<{ paths: Record<string, unknown> }>('/docs-json');
    expect(Object.keys(body.paths)).toContain('/api/v2/auth/login');
  });
});

describe('the page', () => {
  it('is served at the root', async () => {
    const { status, headers, body } = await server.api.get<string>('/');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(body).toContain('NestCMS');
  });
});
