import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact, redactText } from './redact.js';

const SECRET = 'swordfish';

describe('redaction', () => {
  it.each([
    'authorization',
    'Authorization',
    'cookie',
    'set-cookie',
    'password',
    'passwordHash',
    'token',
    'accessToken',
    'refresh_token',
    'secret',
    'clientSecret',
    'serverKey',
    'server_key',
    'x-api-key',
    'card',
    'cardNumber',
    'cvv',
    'mongodbUri',
    'redisStateUrl',
  ])('hides what is called %s, at any depth', (name) => {
    const line = { a: [{ b: { [name]: SECRET } }], [name]: { deep: SECRET } };
    expect(JSON.stringify(redact(line))).not.toContain(SECRET);
  });

  it('hides it wherever it is put by chance', () => {
    const names = fc.constantFrom('password', 'authorization', 'cookie', 'accessToken', 'card');
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.string(),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.string({ maxLength: 5 }), tie('tree'), { maxKeys: 3 }),
        names.map((name) => ({ [name]: SECRET })),
      ),
    }));
    fc.assert(
      fc.property(tree, (line) => {
        expect(JSON.stringify(redact(line)) ?? '').not.toContain(SECRET);
      }),
    );
  });

  it.each([
    ['a bearer token', `refused: Bearer ${SECRET}.x.y`],
    ['a JWT', `token was eyJhbGciOi.${SECRET}.abc`],
    ['credentials in a URL', `cannot reach mongodb://root:${SECRET}@db:27017`],
    ['a password without a user', `cannot reach redis://:${SECRET}@db:6379`],
    ['a token in place of a user', `cannot reach https://${SECRET}@db/path`],
    ['a password with an @', `cannot reach redis://default:p@${SECRET}@db:6379`],
    ['a password with a slash', `cannot reach redis://:p/${SECRET}@x@db:6379`],
    ['one of two', `tried mongodb://db/ and redis://:${SECRET}@db`],
  ])('hides %s in a text', (_what, text) => {
    expect(redactText(text)).not.toContain(SECRET);
  });

  it.each(['4111111111111111', '4111 1111 1111 1111', '5200-0000-0000-0114'])(
    'hides the card number %s in a text',
    (number) => {
      expect(redactText(`card ${number} declined`)).toBe('card [hidden] declined');
    },
  );

  it('hides a server key of the gateway, and leaves the text around it', () => {
    const key = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';
    expect(redactText(`the key "${key}" was refused`)).toBe('the key "[hidden]" was refused');
    expect(redact({ given: [key] })).toEqual({ given: ['[hidden]'] });
  });

  it('leaves the host of a URL, whatever was hidden before it', () => {
    expect(redactText('redis://:p@ss@db:6379/0 lost')).toBe('redis://[hidden]@db:6379/0 lost');
  });

  it('leaves alone what is not secret', () => {
    const line = {
      requestId: '0b5f8c1e-6f7a-4a51-9d3c-1f2e3d4c5b6a',
      luckyId: '12345678-1234-4123-8123-12345678901a',
      paymentId: '665f1c2ab7e4d2a1c3f4e5d6',
      durationMs: 12.5,
      tokenType: 'Bearer',
      at: new Date(0),
      none: null,
    };
    expect(redact(line)).toEqual(line);
    for (const text of [
      'redis://127.0.0.1:6379 lost',
      'https://cms.example.org/users/sara@example.org',
      'TST2632400000777 of PMNT0101.6A000001.00000A01',
      'SHA-256 and STATE-OF-THE-ART',
    ]) {
      expect(redactText(text)).toBe(text);
    }
  });

  it('keeps name, message, code and cause of an error, and drops its other fields', () => {
    const error = Object.assign(new Error('outer', { cause: new TypeError('inner') }), {
      code: 'E1',
      request: { password: SECRET },
    });
    const line = redact({ err: error }) as { err: Record<string, unknown> };
    expect(line.err).toMatchObject({
      type: 'Error',
      message: 'outer',
      code: 'E1',
      cause: { type: 'TypeError', message: 'inner' },
    });
    expect(JSON.stringify(line)).not.toContain(SECRET);
  });

  it('ends for a value that holds itself', () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(JSON.stringify(redact(loop))).toContain('[deep]');
  });
});
