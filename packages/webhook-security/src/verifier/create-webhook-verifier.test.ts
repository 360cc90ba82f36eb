import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { hookUrl, keyOf, pairOf, told } from '../../test/support/signed.js';
import { createMemoryReplayStore } from '../index.js';
import type { WebhookEvent } from '../observer.js';
import type { ReplayStore } from '../ports/replay-store.js';
import { github } from '../scheme/presets/github.js';
import { meta } from '../scheme/presets/meta.js';
import { square } from '../scheme/presets/square.js';

const peerAddress = '203.0.113.7';

describe('a verifier', () => {
  it('cannot be changed', () => {
    expect(Object.isFrozen(pairOf(github()).verifier)).toBe(true);
  });

  it.each([undefined, 'shop-1'])('names the tenant %s in what it accepts', (tenant) => {
    const { verifier, sign } = pairOf(github(), { ...(tenant !== undefined && { tenant }) });
    expect(verifier.verifySync(sign())).toMatchObject({ verdict: 'accepted', tenant });
  });

  it('takes the query from the request, or the one that stands in its own address', () => {
    const url = `${hookUrl}?a=1`;
    const plain = pairOf(square());
    const withQuery = pairOf(square(), { url });
    const asked = { ...plain.sign('{}', { url }), url: '/hook?a=1' };
    expect(told(plain.verifier.verifySync(asked))).toBe('accepted');
    expect(told(plain.verifier.verifySync({ ...asked, url: '/hook?a=2' }))).toBe('signature');
    expect(told(withQuery.verifier.verifySync({ ...asked, url: '/hook?a=2' }))).toBe('accepted');
  });
});

describe('a refusal that an adapter came to', () => {
  it('is like any other of the request stage, and is told', () => {
    const events: WebhookEvent[] = [];
    const { verifier } = pairOf(github(), { observer: (event) => events.push(event) });
    const known = { reason: 'body-timeout', stage: 'request', status: 408 } as const;
    expect(verifier.refuse('body-timeout')).toStrictEqual({
      verdict: 'refused',
      clientAddress: undefined,
      ...known,
    });
    expect(events).toStrictEqual([
      { event: 'refused', scheme: 'github', clientAddress: undefined, ...known },
    ]);
  });

  it('needs no observer', () => {
    expect(pairOf(github()).verifier.refuse('server-busy')).toMatchObject({ status: 503 });
  });
});

describe('what an observer is told', () => {
  it('of a handshake: that it was answered, and to whom', () => {
    const events: WebhookEvent[] = [];
    const { verifier } = pairOf(meta(), {
      verifyToken: 'right',
      observer: (event) => events.push(event),
    });
    const url = '/hook?hub.mode=subscribe&hub.verify_token=right&hub.challenge=42';
    const request = { method: 'GET', headers: {}, body: new Uint8Array(), url, peerAddress };
    expect(verifier.verifySync(request)).toStrictEqual({
      verdict: 'challenged',
      reply: { status: 200, contentType: 'text/plain', body: '42' },
      visit: undefined,
      clientAddress: peerAddress,
    });
    expect(events).toStrictEqual([
      { event: 'challenged', scheme: 'meta', clientAddress: peerAddress },
    ]);
  });

  it('of a repeat: which delivery it repeats', () => {
    const events: WebhookEvent[] = [];
    const { verifier, sign } = pairOf(github(), {
      replay: { store: createMemoryReplayStore({ maxEntries: 10 }) },
      observer: (event) => events.push(event),
    });
    const first = verifier.verifySync(sign());
    verifier.verifySync({ ...sign(), peerAddress });
    expect(events[1]).toStrictEqual({
      event: 'replayed',
      scheme: 'github',
      deliveryId: first.verdict === 'accepted' && first.deliveryId,
      repeat: 'claimedElsewhere',
      status: 409,
      clientAddress: peerAddress,
    });
  });

  it('of a payload that does not fit: where, and in other refusals nothing of that', () => {
    const events: WebhookEvent[] = [];
    const issues = [{ message: 'secret', path: ['a'] }];
    const { verifier, sign } = pairOf(github(), {
      payload: { '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) } },
      observer: (event) => events.push(event),
    });
    const request = sign();
    const common = { event: 'refused', scheme: 'github', clientAddress: undefined };
    const invalid = { reason: 'payload-invalid', stage: 'payload', status: 422, paths: ['a'] };
    expect(verifier.verifySync(request)).toMatchObject(invalid);
    verifier.verifySync({ ...request, body: Buffer.from('{}') });
    expect(events).toStrictEqual([
      { ...common, ...invalid },
      { ...common, reason: 'signature', stage: 'signature', status: 401 },
    ]);
  });
});

describe('verifySync where an answer comes later', () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  const message =
    'the platform, the keys, the replay store or the schema answer with a promise: use verify';

  afterEach(() => {
    process.off('unhandledRejection', note);
    unhandled.length = 0;
  });

  it('throws, and frees what it claimed in the end', async () => {
    const calls: [string, string][] = [];
    const store: ReplayStore = {
      claim: async (key) => {
        calls.push(['claim', key]);
        return 'claimed' as const;
      },
      confirm: async () => undefined,
      release: async (key) => {
        calls.push(['release', key]);
      },
    };
    const { verifier, sign } = pairOf(github(), { replay: { store } });
    expect(() => verifier.verifySync(sign())).toThrow(
      expect.objectContaining({ code: 'NOT_SYNC', message: expect.stringContaining(message) }),
    );
    await setImmediate();
    const key = calls[0]?.[1];
    expect(calls).toEqual([
      ['claim', key],
      ['release', key],
    ]);
  });

  it('has nothing to free of a request that is refused later', async () => {
    process.on('unhandledRejection', note);
    const { verifier, sign } = pairOf(github(), { keys: async () => [keyOf(github())] });
    const request = { ...sign(), body: Buffer.from('{}') };
    expect(() => verifier.verifySync(request)).toThrow(message);
    await setImmediate();
    await setImmediate();
    expect(unhandled).toEqual([]);
  });
});
