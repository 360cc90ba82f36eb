import { readFileSync } from 'node:fs';
import type { RouteOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limitRules } from '../src/perimeter/limit-classes.js';
import { type ProblemBody, unauthorized } from '../src/platform/http/problem.js';
import { handlersOf } from './support/handlers.js';
import { offlineOpenApi } from './support/offline-open-api.js';
import { type RunningServer, startServer } from './support/start-server.js';

let server: RunningServer;
const routes: { method: string; url: string }[] = [];

beforeAll(async () => {
  const onRoute = ({ method, url }: RouteOptions): void => {
    for (const one of [method].flat()) {
      if (one !== 'HEAD' && one !== 'OPTIONS') routes.push({ method: one, url });
    }
  };
  server = await startServer({ overrides: { onRoute } });
});
afterAll(() => server.stop());

/** Pages and their files: public by nature. */
const isFile = (url: string): boolean => /^\/(?:docs(?:-json)?(?:\/|$)|$|\*|.*\.\w+$)/.test(url);

describe('the routes', () => {
  it('that answer anybody are these and no others', async () => {
    const open: string[] = [];
    for (const { method, url } of routes.filter((route) => !isFile(route.url))) {
      const path = url.replace(':id', '665f1c2ab7e4d2a1c3f4e5d6');
      const { status, body } = await server.api.send(method, path, {});
      // A bad signature is answered 401 too, but by the route itself.
      const isSignedOut = status === 401 && (body as ProblemBody).detail === unauthorized().detail;
      if (!isSignedOut) open.push(`${method} ${url}`);
    }
    expect(open.sort()).toMatchInlineSnapshot(`
      [
        "GET /api/v2/payments/return",
        "GET /health/live",
        "GET /health/ready",
        "GET /metrics",
        "POST /api/v1/auth/login",
        "POST /api/v1/auth/register/client",
        "POST /api/v2/auth/login",
        "POST /api/v2/auth/register/client",
        "POST /api/v2/payments/return",
        "POST /api/v2/payments/webhook",
      ]
    `);
  });

  it('are described in openapi.json as they are; run update:openapi after a change', async () => {
    const committed: unknown = JSON.parse(
      readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'),
    );
    expect(JSON.parse(JSON.stringify(await offlineOpenApi()))).toEqual(committed);
  });

  it('are described with each key of their queries and each header that they take', async () => {
    const { paths } = await offlineOpenApi();
    const operations = Object.values(paths).flatMap((item) => [item.get, item.post]);
    const described = handlersOf(server.app)
      .filter(({ query, headers }) => query.length + headers.length > 0)
      .map(({ operation, query, headers }) => {
        const mine = operations.filter((one) => one?.operationId?.startsWith(`${operation}_v`));
        expect(mine).not.toEqual([]);
        for (const one of mine) {
          const parameters = (one?.parameters ?? []) as { name: string; in: string }[];
          const names = (where: string) =>
            parameters.filter((parameter) => parameter.in === where).map(({ name }) => name);
          expect([operation, names('query'), names('header')]).toEqual([operation, query, headers]);
        }
        return `${operation}(${[...query, ...headers].join(', ')})`;
      });
    expect(described.sort()).toMatchInlineSnapshot(`
      [
        "ContractController_list(limit, before)",
        "OfferController_list(limit, before)",
        "PaymentsController_create(Idempotency-Key)",
        "PaymentsController_list(limit, before)",
        "PaymentsController_process(Idempotency-Key)",
      ]
    `);
  });

  it('describe a key as the schema checks it', async () => {
    const { paths } = await offlineOpenApi();
    const keyOf = (path: string) =>
      paths[path]?.post?.parameters?.find((one) => 'name' in one && one.name === 'Idempotency-Key');
    const schema = { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' };
    expect(keyOf('/api/v2/payments/create')).toMatchObject({ required: true, schema });
    expect(keyOf('/api/v2/payments/process/{id}')).toMatchObject({ required: false, schema });
  });

  it('of the gateway are described: what is signed, how it comes, and where a browser is led', async () => {
    const { paths } = await offlineOpenApi();
    const webhook = paths['/api/v2/payments/webhook']?.post;
    expect(webhook?.parameters).toMatchObject([
      { name: 'signature', in: 'header', required: true, schema: { pattern: '^[0-9a-f]{64}$' } },
    ]);
    expect(webhook?.requestBody).toMatchObject({
      content: {
        'application/json': { schema: { required: expect.arrayContaining(['cart_id']) } },
      },
    });
    const back = paths['/api/v2/payments/return'];
    expect(back?.post?.requestBody).toMatchObject({
      content: {
        'application/x-www-form-urlencoded': {
          schema: { properties: { cartId: {}, signature: { pattern: '^[0-9a-f]{64}$' } } },
        },
      },
    });
    for (const operation of [back?.post, back?.get]) {
      expect(Object.keys(operation?.responses ?? {})).toEqual(['303', 'default']);
      expect(operation?.responses['303']).toMatchObject({ headers: { location: {} } });
    }
  });

  it('with a limit of their own exist', () => {
    const known = new Set(routes.map(({ method, url }) => `${method} ${url}`));
    const limited = Object.values(limitRules).flatMap((rule) => rule.routes);
    const unknown = limited.filter(
      (route) =>
        !known.has(route.replace(':version', 'v1')) && !known.has(route.replace(':version', 'v2')),
    );
    expect(unknown).toEqual([]);
  });
});
