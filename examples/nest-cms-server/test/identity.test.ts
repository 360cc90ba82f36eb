import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USERS, type UserDocument } from '../src/identity/user.collection.js';
import { createBcryptHasher } from '../src/protection/password-hasher.js';
import { type Answer, PASSWORD } from './support/api.js';
import { type RunningServer, startServer } from './support/start-server.js';

let server: RunningServer;
const clock = new ManualClock({ wallTime: Date.UTC(2026, 10, 20) });

beforeAll(async () => {
  server = await startServer({ overrides: { clock } });
});
afterAll(() => server.stop());

const register = (over: object = {}): Promise<Answer<Record<string, unknown>>> =>
  server.api.post('/api/v1/auth/register/client', {
    fullName: 'Layla Haddad',
    email: 'layla@example.com',
    password: PASSWORD,
    ...over,
  });

const login = (
  email: unknown,
  password: unknown = PASSWORD,
): Promise<Answer<Record<string, unknown>>> =>
  server.api.post('/api/v1/auth/login', { email, password });

describe('registering', () => {
  it('makes a client, whatever the case of the address, and gives no password back', async () => {
    const { status, body } = await register({
      email: ' Layla@Example.COM ',
      phone: '+971 4 555 0100',
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      fullName: 'Layla Haddad',
      email: 'layla@example.com',
      role: 'client',
      phone: '+971 4 555 0100',
      createdAt: '2026-11-20T00:00:00.000Z',
    });
  });

  it('stores a hash in place of the password', async () => {
    const stored = await server.db
      .collection<UserDocument>(USERS)
      .findOne({ email: 'layla@example.com' });
    expect(stored?.passwordHash).toMatch(/^\$2b\$04\$/);
    expect(JSON.stringify(stored)).not.toContain(PASSWORD);
  });

  it('refuses an address that is taken, also in another case', async () => {
    const { status, body } = await register({ email: 'LAYLA@example.com' });
    expect([status, body.code]).toEqual([409, 'EMAIL_TAKEN']);
  });

  it('lets one of ten registrations with the same address at the same time through', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => register({ email: 'race@example.com' })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
  });

  it.each([
    ['isAdmin', { isAdmin: true }],
    ['role', { role: 'admin' }],
    ['adminType', { adminType: 'owner' }],
    ['employeeType', { employeeType: 'manager' }],
    ['_id', { _id: '665f1c2ab7e4d2a1c3f4e5d6' }],
  ])('refuses a body with %s in it', async (name, over) => {
    const { status, body } = await register({ email: 'evil@example.com', ...over });
    expect(status).toBe(400);
    expect(JSON.stringify(body.errors)).toContain(name);
    expect(await server.db.collection(USERS).countDocuments({ email: 'evil@example.com' })).toBe(0);
  });

  it.each([
    ['a short password', { password: 'elevenchars' }],
    ['a password of more than 72 bytes', { password: 'é'.repeat(37) }],
    ['no e-mail address', { email: 'nobody' }],
    ['an empty name', { fullName: '   ' }],
    ['control characters in the name', { fullName: 'Eve\u0000' }],
  ])('refuses %s', async (_what, over) => {
    const { status, body } = await register({ email: 'new@example.com', ...over });
    expect([status, body.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(JSON.stringify(body)).not.toContain('elevenchars');
  });

  it('takes a password of exactly 72 bytes', async () => {
    const password = 'é'.repeat(36);
    expect((await register({ email: 'long@example.com', password })).status).toBe(201);
    expect((await login('long@example.com', password)).status).toBe(200);
    expect((await login('long@example.com', `${password}x`)).status).toBe(401);
  });

  it.each([
    ['client', 403, undefined],
    ['employee', 403, undefined],
    ['owner', 403, undefined],
    ['auditor', 403, undefined],
    ['manager', 201, 'employee'],
    ['admin', 201, 'employee'],
  ] as const)('of employees by a %s is answered %i', async (role, expected, made) => {
    const { api } = await server.signIn(role);
    const { status, body } = await api.post<Record<string, unknown>>(
      '/api/v1/auth/register/employee',
      {
        fullName: 'Omar Nasser',
        email: `made-by-${role}@example.com`,
        password: PASSWORD,
      },
    );
    expect([status, body.role]).toEqual([expected, made]);
  });
});

describe('signing in', () => {
  it('gives a token for the routes of the signed in', async () => {
    const { status, body } = await login('Layla@example.com');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      tokenType: 'Bearer',
      expiresInSeconds: 900,
      user: { role: 'client' },
    });
    const api = await server.api.login('layla@example.com');
    const me = await api.get<Record<string, unknown>>('/api/v2/users/me');
    expect([me.status, me.body.email]).toEqual([200, 'layla@example.com']);
    expect(JSON.stringify([body, me.body])).not.toContain('$2b$');
  });

  it('answers a wrong password and an unknown address alike', async () => {
    const wrong = await login('layla@example.com', 'wrong password here');
    const unknown = await login('nobody@example.com');
    const { requestId: _first, ...wrongBody } = wrong.body;
    const { requestId: _second, ...unknownBody } = unknown.body;
    expect(wrong.status).toBe(401);
    expect(wrongBody.code).toBe('INVALID_CREDENTIALS');
    expect([unknown.status, unknownBody]).toEqual([401, wrongBody]);
    expect([...unknown.headers.keys()].sort()).toEqual([...wrong.headers.keys()].sort());
  });

  it.each([
    ['an operator as address', { $ne: null }, PASSWORD],
    ['an operator as password', 'layla@example.com', { $gt: '' }],
    ['a pattern as address', { $regex: '.*' }, PASSWORD],
    ['a list as address', ['layla@example.com'], PASSWORD],
    ['nothing as address', null, PASSWORD],
  ])('refuses %s', async (_what, email, password) => {
    const { status, body } = await login(email, password);
    expect([status, body.code]).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('does the same work for an unknown address as for a known one, in every case', async () => {
    const cheap = createBcryptHasher({ cost: 4 });
    const verified: (string | undefined)[] = [];
    const watched = await startServer({
      overrides: {
        passwordHasher: {
          hash: (password) => cheap.hash(password),
          verify: (password, hash) => {
            verified.push(hash);
            return cheap.verify(password, hash);
          },
        },
      },
    });
    const { user } = await watched.signIn('client');
    const wrong = { password: 'wrong password here' };
    verified.length = 0;
    for (const email of [user.email, 'nobody@example.com']) {
      const { status } = await watched.api.post('/api/v1/auth/login', { email, ...wrong });
      expect(status).toBe(401);
    }
    // One verification each; how long one without a hash takes is tested where it is made.
    expect(verified).toEqual([expect.stringMatching(/^\$2b\$/), undefined]);
    await watched.stop();
  });

  it('refuses keys that change prototypes', async () => {
    for (const body of [
      '{"email":"layla@example.com","password":"x","__proto__":{"role":"admin"}}',
      '{"email":"layla@example.com","password":"x","constructor":{"prototype":{"role":"admin"}}}',
    ]) {
      const answer = await server.api.post('/api/v1/auth/login', body, {
        headers: { 'content-type': 'application/json' },
      });
      expect(answer.status).toBe(400);
    }
  });
});

describe('a session', () => {
  it('ends with logout on the next call, and no other does', async () => {
    const first = await server.api.login('layla@example.com');
    const second = await server.api.login('layla@example.com');
    expect((await first.post('/api/v1/auth/logout')).status).toBe(204);
    const after = await first.get<Record<string, unknown>>('/api/v1/users/me');
    expect([after.status, after.body.code]).toEqual([401, 'UNAUTHORIZED']);
    expect((await second.get('/api/v1/users/me')).status).toBe(200);
  });

  it('ends with its token', async () => {
    const api = await server.api.login('layla@example.com');
    clock.advance(899_000);
    expect((await api.get('/api/v1/users/me')).status).toBe(200);
    clock.advance(2_000);
    expect((await api.get('/api/v1/users/me')).status).toBe(401);
  });

  it('does not outlive its user', async () => {
    const { api, user } = await server.signIn('client');
    await server.db.collection(USERS).deleteOne({ email: user.email });
    expect((await api.get('/api/v1/users/me')).status).toBe(401);
  });

  it('says how to sign in when there is none', async () => {
    const { status, headers } = await server.api.get('/api/v1/users/me');
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });
});
