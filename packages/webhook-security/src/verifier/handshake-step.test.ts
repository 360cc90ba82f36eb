import { createHmac, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { pairOf, secret } from '../../test/support/signed.js';
import {
  type BodyReply,
  defineScheme,
  dropbox,
  github,
  meta,
  slack,
  type WebhookRequest,
  type WebhookScheme,
  zoom,
} from '../index.js';
import type { VerifierSettings } from '../options.js';
import { readRequest } from '../request/webhook-request.js';
import { Check } from './check.js';
import { bodyHandshake, queryHandshake } from './handshake-step.js';

const challenged = (contentType: string, body: string, visit?: string) => ({
  verdict: 'challenged',
  reply: { status: 200, contentType, body },
  visit,
  clientAddress: undefined,
});

const refused = {
  verdict: 'refused',
  reason: 'challenge-refused',
  status: 403,
  clientAddress: undefined,
};

const ask = (query: string, method = 'GET'): WebhookRequest => ({
  method,
  url: `/hook${query}`,
  headers: {},
  body: Buffer.alloc(0),
});

describe('a handshake in the address', () => {
  it('sends its text back, without a token where none is wanted', () => {
    const { verifier } = pairOf(dropbox());
    expect(verifier.verifySync(ask('?challenge=a%20b'))).toEqual(challenged('text/plain', 'a b'));
  });

  it('is none without the text, or with another method', () => {
    const { verifier, sign } = pairOf(dropbox());
    expect(verifier.verifySync(ask(''))).toMatchObject({ reason: 'method' });
    expect(verifier.verifySync(ask('?challenge=a&challenge=b'))).toMatchObject({
      reason: 'method',
    });
    expect(verifier.verifySync(ask('?challenge=a', 'POST'))).toMatchObject({
      reason: 'header-missing',
    });
    const delivery = { ...sign(), url: '/hook?challenge=a' };
    expect(verifier.verifySync(delivery)).toMatchObject({ verdict: 'accepted' });
  });

  it('is known by another parameter, and must hold the token', () => {
    const { verifier } = pairOf(meta(), { verifyToken: 'the token' });
    const verify = (mode: string, token: string) =>
      verifier.verifySync(ask(`?hub.mode=${mode}&hub.verify_token=${token}&hub.challenge=%3Cb%3E`));
    expect(verify('subscribe', 'the+token')).toEqual(challenged('text/plain', '<b>'));
    expect(verify('subscribe', 'a+token')).toEqual({ ...refused, stage: 'address' });
    expect(verify('unsubscribe', 'the+token')).toMatchObject({ reason: 'method' });
  });

  it('is refused without the token, and where the verifier was given none', () => {
    const asked = '?hub.mode=subscribe&hub.challenge=a';
    const known = pairOf(meta(), { verifyToken: 'the token' }).verifier;
    const unknown = pairOf(meta()).verifier;
    expect(known.verifySync(ask(asked))).toEqual({ ...refused, stage: 'address' });
    for (const query of [asked, `${asked}&hub.verify_token=`, `${asked}&hub.verify_token=a`]) {
      expect(unknown.verifySync(ask(query))).toEqual({ ...refused, stage: 'address' });
    }
  });

  it('is answered by no scheme that has none, or has it in the body', () => {
    for (const scheme of [github(), slack()]) {
      const { verifier } = pairOf(scheme);
      expect(verifier.verifySync(ask('?challenge=a'))).toMatchObject({ reason: 'method' });
    }
  });

  it('waits for a token that is compared later', async () => {
    const request = ask('?hub.mode=subscribe&hub.challenge=a');
    const answerOf = (isRight: boolean) => {
      const settings = { scheme: meta(), isVerifyToken: async () => isRight };
      return queryHandshake(settings as unknown as VerifierSettings)?.(
        new Check(readRequest(request)),
      )?.();
    };
    await expect(answerOf(true)).resolves.toEqual({
      reply: { status: 200, contentType: 'text/plain', body: 'a' },
    });
    await expect(answerOf(false)).resolves.toEqual({ reason: 'challenge-refused' });
  });
});

function schemeWith(reply: BodyReply, more: Partial<WebhookScheme> = {}): WebhookScheme {
  return defineScheme({
    ...github(),
    name: 'asking',
    handshake: { kind: 'body', when: { path: ['type'], equals: 'ask' }, reply },
    ...more,
  });
}

/** What a scheme with this reply makes of a signed body. */
function verdictOn(reply: BodyReply, content: unknown) {
  const { verifier, sign } = pairOf(schemeWith(reply));
  return verifier.verifySync(sign(JSON.stringify(content)));
}

const refusedLate = { ...refused, stage: 'signature' };

describe('a handshake in the body', () => {
  it('is answered with the same JSON always', () => {
    const reply: BodyReply = { kind: 'json', value: { type: 1 } };
    expect(verdictOn(reply, { type: 'ask' })).toEqual(challenged('application/json', '{"type":1}'));
    expect(verdictOn(reply, { type: 'tell' })).toMatchObject({ verdict: 'accepted' });
  });

  it('has its text sent back, if it is one and not too long', () => {
    const reply: BodyReply = { kind: 'echo', path: ['text'] };
    const longest = 'a'.repeat(4_096);
    expect(verdictOn(reply, { type: 'ask', text: longest })).toEqual(
      challenged('text/plain', longest),
    );
    expect(verdictOn(reply, { type: 'ask', text: `${longest}a` })).toEqual(refusedLate);
    expect(verdictOn(reply, { type: 'ask', text: 1 })).toEqual(refusedLate);
    expect(verdictOn(reply, { type: 'ask', text: [longest] })).toEqual(refusedLate);
    expect(verdictOn(reply, { type: 'ask' })).toEqual(refusedLate);
  });

  it('has its address opened, if it is at one of the hosts', () => {
    const reply: BodyReply = { kind: 'visit', path: ['link'], hosts: ['example.com'] };
    const link = 'https://example.com/confirm?a=1';
    expect(verdictOn(reply, { type: 'ask', link })).toEqual(challenged('text/plain', '', link));
    expect(verdictOn(reply, { type: 'ask', link: 'https://example.org/' })).toEqual(refusedLate);
  });

  it('is answered with the HMAC of its text', () => {
    const { verifier, sign } = pairOf(zoom());
    const body = '{"event":"endpoint.url_validation","payload":{"plainToken":"a1"}}';
    const encryptedToken = createHmac('sha256', secret).update('a1').digest('hex');
    expect(verifier.verifySync(sign(body))).toEqual(
      challenged('application/json', JSON.stringify({ plainToken: 'a1', encryptedToken })),
    );
  });

  it('gets no HMAC under a public key', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const scheme = schemeWith(
      { kind: 'hmac', path: ['text'], plainName: 'text', hmacName: 'hmac' },
      {
        versions: [
          { algorithm: 'ed25519', encoding: 'hex', key: { encoding: 'hex', minBytes: 32 } },
        ],
      },
    );
    const { verifier, sign } = pairOf(scheme, { keys: [publicKey] });
    const request = sign('{"type":"ask","text":"a"}', { key: privateKey });
    expect(verifier.verifySync(request)).toEqual(refusedLate);
  });

  it('waits for an HMAC that comes later', async () => {
    const check = new Check(undefined);
    const sign = async () => Uint8Array.of(0, 255);
    check.keys = [{ version: 0, check: () => true, sign }];
    const settings = { scheme: zoom() } as VerifierSettings;
    const step = bodyHandshake(settings, () => ({
      ok: true,
      value: { event: 'endpoint.url_validation', payload: { plainToken: 'a1' } },
    }));
    await expect(step?.(check)).resolves.toEqual({
      reply: {
        status: 200,
        contentType: 'application/json',
        body: '{"plainToken":"a1","encryptedToken":"00ff"}',
      },
    });
  });
});
