import { describe, expect, it } from 'vitest';
import { keyOf, now, pairOf, told } from '../../test/support/signed.js';
import { defineScheme } from '../scheme/define-scheme.js';
import { github } from '../scheme/presets/github.js';
import { meta } from '../scheme/presets/meta.js';
import type { WebhookScheme } from '../scheme/scheme.js';
import type { WebhookKey } from '../signature/keys.js';

const schemeOf = (more: Partial<WebhookScheme>) =>
  defineScheme({ ...github(), name: 'mine', ...more });

describe('a verifier that is to give no payload', () => {
  const verdictOn = (scheme: WebhookScheme, body: string) => {
    const { verifier, sign } = pairOf(scheme, { payload: false });
    return verifier.verifySync(sign(body));
  };

  it('does not read the content', () => {
    for (const body of ['{"a":1}', 'no JSON at all']) {
      expect(verdictOn(github(), body)).toMatchObject({ verdict: 'accepted', payload: undefined });
    }
  });

  it('still reads the time in it', () => {
    const scheme = schemeOf({
      bodyTime: { path: ['at'], unit: 'ms', maxAgeMs: 1_000, maxAheadMs: 0 },
    });
    expect(verdictOn(scheme, JSON.stringify({ at: now - 500 }))).toMatchObject({
      sentAt: now - 500,
      stale: false,
      payload: undefined,
    });
  });

  it('still names the delivery by it', () => {
    const scheme = schemeOf({ deliveryId: { kind: 'content', paths: [['id']] } });
    expect(verdictOn(scheme, '{"id":"msg_7"}')).toMatchObject({ deliveryId: 'msg_7' });
  });

  it('still answers a handshake in it', () => {
    const scheme = schemeOf({
      handshake: {
        kind: 'body',
        when: { path: ['type'], equals: 'ping' },
        reply: { kind: 'echo', path: ['text'] },
      },
    });
    expect(verdictOn(scheme, '{"type":"ping","text":"42"}')).toMatchObject({
      verdict: 'challenged',
      reply: { body: '42' },
    });
    expect(told(verdictOn(scheme, '{"type":"pong","text":"42"}'))).toBe('accepted');
  });
});

it('answers a handshake that is asked in the address, and no other request for it', () => {
  const { verifier, sign } = pairOf(meta(), { verifyToken: 'right' });
  const ask = (token: string) =>
    verifier.verifySync({
      method: 'GET',
      headers: {},
      body: new Uint8Array(),
      url: `/hook?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=42`,
    });
  expect(ask('right')).toMatchObject({ verdict: 'challenged', reply: { body: '42' } });
  expect(ask('wrong')).toMatchObject({ reason: 'challenge-refused', stage: 'address' });
  expect(told(verifier.verifySync(sign()))).toBe('accepted');
});

describe('a body that is written to while the keys are waited for', () => {
  async function verdictAfter(sent: string, written: string) {
    let give: (keys: readonly WebhookKey[]) => void = () => {};
    const keys = new Promise<readonly WebhookKey[]>((resolve) => {
      give = resolve;
    });
    const { verifier, sign } = pairOf(github(), { keys: () => keys });
    const body = Buffer.from(sent);
    const verdict = verifier.verify({ ...sign('{"a":1}'), body });
    body.write(written);
    give([keyOf(github())]);
    return verdict;
  }

  it('is judged, and read, as it came', async () => {
    expect(await verdictAfter('{"a":1}', '{"a":2}')).toMatchObject({
      verdict: 'accepted',
      payload: { a: 1 },
    });
    expect(told(await verdictAfter('{"a":2}', '{"a":1}'))).toBe('signature');
  });
});
