import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { Environment } from '../config/environment.js';
import { TokenService } from './tokens.js';

const NOW = Date.UTC(2026, 10, 20);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text.padEnd(32, '.'));
const claims = {
  userId: '665f1c2ab7e4d2a1c3f4e5d6',
  sessionId: '0b5f8c1e-6f7a-4a51-9d3c-1f2e3d4c5b6a',
  role: 'client',
} as const;

function service(
  over: Partial<Environment['jwt']> = {},
  clock = new ManualClock({ wallTime: NOW }),
): TokenService {
  const jwt = {
    keys: [{ kid: 'new', secret: encode('new key') }],
    issuer: 'nestcms',
    audience: 'nestcms-api',
    ttlSeconds: 900,
    ...over,
  };
  return new TokenService({ jwt } as Environment, clock);
}

/** A token that is right in all but what the test changes. */
function forge(change: {
  header?: Record<string, unknown>;
  payload?: Record<string, unknown>;
  key?: Uint8Array;
}): Promise<string> {
  const issuedAt = NOW / 1_000;
  return new SignJWT({
    sub: claims.userId,
    sid: claims.sessionId,
    role: claims.role,
    iss: 'nestcms',
    aud: 'nestcms-api',
    iat: issuedAt,
    exp: issuedAt + 900,
    ...change.payload,
  })
    .setProtectedHeader({ alg: 'HS256', kid: 'new', typ: 'at+jwt', ...change.header })
    .sign(change.key ?? encode('new key'));
}

describe('an access token', () => {
  it('says what it was issued for', async () => {
    const { accessToken, expiresInSeconds } = await service().issue(claims);
    expect(expiresInSeconds).toBe(900);
    expect(decodeProtectedHeader(accessToken)).toEqual({ alg: 'HS256', kid: 'new', typ: 'at+jwt' });
    expect(await service().verify(accessToken)).toEqual(claims);
  });

  it('is accepted when made by hand with every part right', async () => {
    expect(await service().verify(await forge({}))).toEqual(claims);
  });

  it('ends after its time, to the second', async () => {
    const clock = new ManualClock({ wallTime: NOW });
    const tokens = service({}, clock);
    const { accessToken } = await tokens.issue(claims);
    clock.advance(899_000);
    expect(await tokens.verify(accessToken)).toEqual(claims);
    clock.advance(1_000);
    expect(await tokens.verify(accessToken)).toBeUndefined();
  });

  it('outlives a new signing key, until its own is dropped', async () => {
    const old = { kid: 'old', secret: encode('old key') };
    const fresh = { kid: 'new', secret: encode('new key') };
    const { accessToken } = await service({ keys: [old] }).issue(claims);
    expect(await service({ keys: [fresh, old] }).verify(accessToken)).toEqual(claims);
    expect(await service({ keys: [fresh] }).verify(accessToken)).toBeUndefined();
  });

  it.each([
    ['another audience', { payload: { aud: 'somebody-else' } }],
    ['another issuer', { payload: { iss: 'somebody-else' } }],
    ['no audience', { payload: { aud: undefined } }],
    ['no end', { payload: { exp: undefined } }],
    ['no beginning', { payload: { iat: undefined } }],
    ['no subject', { payload: { sub: undefined } }],
    ['an operator as subject', { payload: { sub: '{"$ne":null}' } }],
    ['no session', { payload: { sid: undefined } }],
    ['a role that does not exist', { payload: { role: 'root' } }],
    ['a beginning in the future', { payload: { nbf: NOW / 1_000 + 60 } }],
    ['an unknown key id', { header: { kid: 'other' } }],
    ['no key id', { header: { kid: undefined } }],
    ['another type', { header: { typ: 'JWT' } }],
    [
      'another algorithm of the same key',
      { header: { alg: 'HS512' }, key: encode('new key'.padEnd(64, '.')) },
    ],
    ['the signature of another key', { key: encode('guessed') }],
  ])('is refused with %s', async (_what, change) => {
    expect(await service().verify(await forge(change))).toBeUndefined();
  });

  it('is refused without a signature', async () => {
    const unsigned = new UnsecuredJWT({ sub: claims.userId, sid: claims.sessionId, role: 'admin' })
      .setIssuer('nestcms')
      .setAudience('nestcms-api')
      .setIssuedAt(NOW / 1_000)
      .setExpirationTime(NOW / 1_000 + 900)
      .encode();
    expect(await service().verify(unsigned)).toBeUndefined();
  });

  it('is refused when a public key is used as the shared secret', async () => {
    const { publicKey } = await generateKeyPair('RS256', { extractable: true });
    const key = new TextEncoder().encode(JSON.stringify(await exportJWK(publicKey)));
    expect(await service().verify(await forge({ key }))).toBeUndefined();
  });

  it('is refused after any change of a character', async () => {
    const tokens = service();
    const { accessToken } = await tokens.issue(claims);
    const [header = '', payload = '', signature = ''] = accessToken.split('.');
    const swap = (text: string): string => (text[3] === 'A' ? 'B' : 'A');
    const change = (text: string): string => text.slice(0, 3) + swap(text) + text.slice(4);
    for (const spoilt of [
      [change(header), payload, signature],
      [header, change(payload), signature],
      [header, payload, change(signature)],
      [header, payload, ''],
    ]) {
      expect(await tokens.verify(spoilt.join('.'))).toBeUndefined();
    }
  });
});
