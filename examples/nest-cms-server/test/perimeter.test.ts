import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemBody } from '../src/platform/http/problem.js';
import type { Answer } from './support/api.js';
import { createPayment, type Deal, makeDeal, processPayment } from './support/house.js';
import { type RunningServer, startServer } from './support/start-server.js';

let server: RunningServer;
let strict: RunningServer;
beforeAll(async () => {
  server = await startServer({
    variables: { BODY_MAX_BYTES: '2048', PAYTABS_BASE_URL: 'https://gateway.test:4010' },
  });
  strict = await startServer({
    variables: {
      LIMIT_AUTH_PER_MINUTE: '5',
      LIMIT_GENERAL_PER_MINUTE: '8',
      LIMIT_WEBHOOK_REFUSED_PER_MINUTE: '3',
      TRUSTED_PROXIES: '127.0.0.0/8',
    },
  });
});
afterAll(() => Promise.all([server.stop(), strict.stop()]));

const login = { email: 'nobody@example.com', password: 'wrong password here' };

describe('a request id', () => {
  it('is made when none comes, and told', async () => {
    const { headers } = await server.api.get('/health/live');
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is taken over when it has a good form', async () => {
    const answer = await server.api.get<ProblemBody>('/nowhere', {
      headers: { 'x-request-id': 'trace-1234.abc' },
    });
    expect([answer.headers.get('x-request-id'), answer.body.requestId]).toEqual([
      'trace-1234.abc',
      'trace-1234.abc',
    ]);
  });

  it.each(['short', 'with space here', 'x'.repeat(65), '"><script>'])(
    'is replaced when it is %j',
    async (given) => {
      const { headers } = await server.api.get('/health/live', {
        headers: { 'x-request-id': given },
      });
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});

describe('headers', () => {
  it.each(['/', '/health/live', '/api/v1/users/me', '/nowhere'])(
    'of %s allow nothing inline and nothing from elsewhere',
    async (path) => {
      const { headers } = await server.api.get(path);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self' https://gateway.test:4010; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  it('of answers about one caller forbid caching', async () => {
    for (const path of ['/api/v1/users/me', '/health/ready', '/metrics']) {
      expect((await server.api.get(path)).headers.get('cache-control')).toBe('no-store');
    }
  });

  it('ask for https in later visits only where the address is https', async () => {
    expect((await server.api.get('/')).headers.get('strict-transport-security')).toBeNull();
  });
});

describe('a refused request', () => {
  it.each([
    ['an unknown route', 'GET', '/api/v1/nowhere', undefined, {}, 404, 'NOT_FOUND'],
    ['an unknown version', 'GET', '/api/v3/users/me', undefined, {}, 404, 'NOT_FOUND'],
    ['another method', 'DELETE', '/api/v1/auth/login', undefined, {}, 404, 'NOT_FOUND'],
    ['an upward path', 'GET', '/..%2f..%2fpackage.json', undefined, {}, 404, 'NOT_FOUND'],
    ['no token', 'GET', '/api/v1/users/me', undefined, {}, 401, 'UNAUTHORIZED'],
    ['a path that cannot be decoded', 'GET', '/api/%zz', undefined, {}, 400, 'VALIDATION_ERROR'],
    [
      'an id of any length',
      'GET',
      `/api/v1/contracts/${'a'.repeat(200)}`,
      undefined,
      {},
      401,
      'UNAUTHORIZED',
    ],
    [
      'spoilt JSON',
      'POST',
      '/api/v1/auth/login',
      '{"email":',
      { 'content-type': 'application/json' },
      400,
      'VALIDATION_ERROR',
    ],
    ['no body', 'POST', '/api/v1/auth/login', undefined, {}, 400, 'VALIDATION_ERROR'],
    [
      'plain text',
      'POST',
      '/api/v1/auth/login',
      '{}',
      { 'content-type': 'text/plain' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a form',
      'POST',
      '/api/v1/auth/login',
      'email=a%40example.com&password=a',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'XML',
      'POST',
      '/api/v1/auth/login',
      '<a/>',
      { 'content-type': 'application/xml' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a large body',
      'POST',
      '/api/v1/auth/login',
      JSON.stringify({ email: 'a'.repeat(3_000) }),
      { 'content-type': 'application/json' },
      413,
      'BODY_TOO_LARGE',
    ],
    [
      'wrong values',
      'POST',
      '/api/v1/auth/login',
      '{"email":7}',
      { 'content-type': 'application/json' },
      400,
      'VALIDATION_ERROR',
    ],
  ] as const)(
    'for %s is a problem of one form',
    async (_what, method, path, body, headers, status, code) => {
      const answer = await server.api.send<ProblemBody>(method, path, {
        headers,
        ...(body === undefined ? {} : { body }),
      });
      expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(answer.body).toMatchObject({ type: 'about:blank', status, code });
      expect(answer.status).toBe(status);
      const known = ['type', 'title', 'status', 'code', 'detail', 'requestId', 'errors'];
      expect(known).toEqual(expect.arrayContaining(Object.keys(answer.body)));
      expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
      expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts\b|Error:|FST_/);
    },
  );

  it('for wrong values says where, and not what was given', async () => {
    const { body } = await server.api.post<ProblemBody>('/api/v1/auth/login', {
      email: 'not-an-address',
      password: 'correct horse battery',
      admin: 'hunter2',
    });
    expect(body.errors?.map(({ path }) => path)).toEqual(['email', '']);
    expect(JSON.stringify(body)).not.toMatch(/correct horse|hunter2|not-an-address/);
  });

  it.each([
    ['headers that never end', `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(20_000)}`, 431],
    ['bytes that are no request', 'HELLO\r\n\r\n', 400],
    [
      'two lengths of one body',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
  ])('for %s is one too, and the connection is closed', async (_what, bytes, status) => {
    const { hostname, port } = new URL(server.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
      socket.write(bytes);
    });
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toContain('content-type: application/problem+json; charset=utf-8');
    expect(head).toContain('x-frame-options: DENY');
    expect(JSON.parse(body)).toMatchObject({ status, requestId: expect.any(String) });
  });
});

describe('limits', () => {
  const from = (address: string): { headers: Record<string, string> } => ({
    headers: { 'x-forwarded-for': address },
  });

  it('let five sign-ins a minute through from one address, on whatever version, and tell how many are left', async () => {
    const answers: Answer<ProblemBody>[] = [];
    for (let index = 0; index < 7; index += 1) {
      const version = index % 2 === 0 ? 'v1' : 'v2';
      answers.push(
        await strict.api.post(`/api/${version}/auth/login`, login, from('198.51.100.1')),
      );
    }
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect(answers.map(({ headers }) => headers.get('ratelimit-remaining')).join('')).toBe(
      '4321000',
    );
    const last = answers.at(-1);
    expect(last?.body.code).toBe('RATE_LIMITED');
    expect(last?.headers.get('ratelimit-limit')).toBe('5');
    const wait = Number(last?.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
  });

  it('count each address for itself', async () => {
    const { status } = await strict.api.post('/api/v1/auth/login', login, from('198.51.100.2'));
    expect(status).toBe(401);
  });

  it('count the whole /64 of an IPv6 address, and not its neighbour', async () => {
    const statuses: number[] = [];
    for (let index = 1; index <= 6; index += 1) {
      const { status } = await strict.api.post(
        '/api/v1/auth/login',
        login,
        from(`2001:db8:1:2::${index}`),
      );
      statuses.push(status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    const neighbour = from('2001:db8:1:3::1');
    expect((await strict.api.post('/api/v1/auth/login', login, neighbour)).status).toBe(401);
  });

  it('are shared by instances through Redis', async () => {
    const twin = await startServer({
      variables: { ...strict.variables, PORT: '0', PUBLIC_URL: strict.url },
    });
    const ask = (api: typeof twin.api): Promise<{ status: number }> =>
      api.post('/api/v1/auth/login', login, from('198.51.100.3'));
    const statuses: number[] = [];
    for (const api of [strict.api, twin.api, strict.api, twin.api, strict.api, twin.api]) {
      statuses.push((await ask(api)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    await twin.stop({ keepData: true });
  });

  it('count a signed-in caller wherever they come from, and an address without one', async () => {
    const { api } = await strict.signIn('client');
    const statuses: number[] = [];
    for (let index = 0; index < 10; index += 1) {
      statuses.push((await api.get('/api/v1/users/me', from(`203.0.113.${index}`))).status);
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(8);
    expect(statuses.slice(-2)).toEqual([429, 429]);
    expect((await strict.api.get('/api/v1/users/me', from('203.0.113.1'))).status).toBe(401);
  });

  it('hold for paths that lead nowhere too, and not for health and metrics', async () => {
    const statuses: number[] = [];
    for (let index = 0; index < 9; index += 1) {
      statuses.push((await strict.api.get(`/nowhere/${index}`, from('198.51.100.4'))).status);
    }
    expect(statuses).toEqual([404, 404, 404, 404, 404, 404, 404, 404, 429]);
    for (let index = 0; index < 12; index += 1) {
      expect((await strict.api.get('/health/live', from('198.51.100.4'))).status).toBe(200);
    }
  });

  it('count refused notices of the gateway, each address for itself', async () => {
    const notice = (address: string): Promise<Answer> =>
      strict.api.post('/api/v2/payments/webhook', { tran_ref: 'TST1' }, from(address));
    const statuses: number[] = [];
    for (let index = 0; index < 5; index += 1) {
      statuses.push((await notice('198.51.100.7')).status);
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await notice('198.51.100.8')).status).toBe(401);
  });

  it('let ten invoices and five payments a minute through for each caller, as it is set up', async () => {
    const preset = await startServer({
      variables: { LIMIT_PAYMENTS_PER_MINUTE: undefined, LIMIT_PROCESS_PER_MINUTE: undefined },
    });
    const times = async (count: number, send: () => Promise<{ status: number }>) => {
      const statuses: number[] = [];
      for (let index = 0; index < count; index += 1) statuses.push((await send()).status);
      return statuses;
    };
    const [one, two] = [await makeDeal(preset), await makeDeal(preset)];
    const create = (deal: Deal) => () => createPayment(deal, { minor: 1 });
    expect(await times(11, create(one))).toEqual([...Array(10).fill(201), 429]);
    expect(await times(1, create(two))).toEqual([201]);

    // Nobody's payment: also what is refused has been counted.
    const nobodys = '665f1c2ab7e4d2a1c3f4e5d6';
    const pay =
      ({ client }: Deal) =>
      () =>
        processPayment(client, nobodys);
    expect(await times(6, pay(one))).toEqual([...Array(5).fill(404), 429]);
    expect(await times(1, pay(two))).toEqual([404]);
    // Reading goes on.
    expect((await one.client.get('/api/v2/payments')).status).toBe(200);
    await preset.stop();
  });

  it('do not believe a forwarded address from anybody who is no trusted proxy', async () => {
    const direct = await startServer({ variables: { LIMIT_AUTH_PER_MINUTE: '1' } });
    expect((await direct.api.post('/api/v1/auth/login', login, from('198.51.100.5'))).status).toBe(
      401,
    );
    expect((await direct.api.post('/api/v1/auth/login', login, from('198.51.100.6'))).status).toBe(
      429,
    );
    await direct.stop();
  });
});
