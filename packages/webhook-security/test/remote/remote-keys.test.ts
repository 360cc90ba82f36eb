import { generateKeyPairSync } from 'node:crypto';
import { generate } from 'selfsigned';
import { beforeAll, describe, expect, it } from 'vitest';
import { createWebhookVerifier, defineScheme, SNS_HOSTS, sendGrid, sns } from '../../src/index.js';
import {
  confirmSubscription,
  createCertificateKeys,
  createJwksKeys,
} from '../../src/remote/index.js';
import { signWebhookAsync } from '../../src/signing/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { serve, text } from './server.js';

const now = Date.UTC(2026, 8, 13, 8, 20);

/** As SendGrid signs, with the key's name in a header. */
const named = defineScheme({
  ...sendGrid(),
  name: 'named',
  keyHint: { kind: 'header', name: 'x-key-id' },
});

const pair = (kid: string) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  return { kid, privateKey: pem, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' } };
};

const setOf = (...keys: readonly { readonly jwk: object }[]) =>
  text(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));

describe('keys from a key set', () => {
  const first = pair('one');
  const second = pair('two');

  const setUp = async () => {
    const clock = new ManualClock({ wallTime: now });
    const server = await serve(setOf(first));
    const keys = createJwksKeys({
      url: 'https://example.com/keys.json',
      clock,
      fetch: server.fetch,
    });
    const verifier = createWebhookVerifier({ scheme: named, keys, clock });
    const deliver = async (kid: string, privateKey: string) => {
      const sent = await signWebhookAsync({
        scheme: named,
        key: privateKey,
        body: '{}',
        time: clock.wallTime(),
      });
      const headers = { ...sent.headers, 'x-key-id': kid };
      const verdict = await verifier.verify({ method: 'POST', headers, body: sent.body });
      return verdict.verdict === 'refused' ? verdict.reason : verdict.verdict;
    };
    return { ...server, clock, deliver };
  };

  it('verify, and are asked for once for many requests', async () => {
    const { deliver, asked } = await setUp();
    const many = await Promise.all(
      Array.from({ length: 20 }, () => deliver('one', first.privateKey)),
    );
    expect(new Set(many)).toEqual(new Set(['accepted']));
    expect(await deliver('one', second.privateKey)).toBe('signature');
    expect(asked).toHaveLength(1);
  });

  it('are asked for anew where a request names one that is not there, but not for each request', async () => {
    const { deliver, asked, answerWith, clock } = await setUp();
    await deliver('one', first.privateKey);
    for (let time = 0; time < 5; time += 1) {
      expect(await deliver('two', second.privateKey)).toBe('keys-unavailable');
    }
    expect(asked).toHaveLength(1);
    answerWith(setOf(first, second));
    clock.advance(30_000);
    expect(await deliver('two', second.privateKey)).toBe('accepted');
    expect(asked).toHaveLength(2);
  });

  it('stay in force where the next set cannot be had', async () => {
    const { deliver, asked, answerWith, clock } = await setUp();
    await deliver('one', first.privateKey);
    answerWith((_request, response) => response.writeHead(500).end());
    clock.advance(600_000);
    expect(await deliver('one', first.privateKey)).toBe('accepted');
    await expect.poll(() => asked.length).toBe(2);
    expect(await deliver('one', first.privateKey)).toBe('accepted');
    expect(asked).toHaveLength(2);
  });

  it('are followed when they change, without a request that waits', async () => {
    const { deliver, asked, answerWith, clock } = await setUp();
    await deliver('one', first.privateKey);
    answerWith(setOf(second));
    clock.advance(600_000);
    expect(await deliver('one', first.privateKey)).toBe('accepted');
    await expect.poll(() => asked.length).toBe(2);
    await expect.poll(() => deliver('one', first.privateKey)).toBe('keys-unavailable');
    expect(await deliver('two', second.privateKey)).toBe('accepted');
  });

  it('may lie among keys of other kinds', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
      format: 'jwk',
    });
    const server = await serve(setOf({ jwk: rsa }, { jwk: first.jwk }));
    const clock = new ManualClock({ wallTime: now });
    const keys = createJwksKeys({ url: 'https://example.com/k', clock, fetch: server.fetch });
    const verifier = createWebhookVerifier({ scheme: sendGrid(), keys, clock });
    const sent = await signWebhookAsync({
      scheme: sendGrid(),
      key: first.privateKey,
      body: '{}',
      time: now,
    });
    const verdict = await verifier.verify({
      method: 'POST',
      headers: sent.headers,
      body: sent.body,
    });
    expect(verdict).toMatchObject({ verdict: 'accepted', keyIndex: 0 });
  });

  it.each([
    ['no JSON', '<html>'],
    ['no set', '{}'],
    ['no key that signs', JSON.stringify({ keys: [{ ...first.jwk, use: 'enc' }] })],
  ])('are unavailable where the address gives %s', async (_name, body) => {
    const { deliver, answerWith } = await setUp();
    answerWith(text(body));
    expect(await deliver('one', first.privateKey)).toBe('keys-unavailable');
  });
});

describe('keys from a certificate', () => {
  let privateKey = '';
  let certificate = '';
  beforeAll(async () => {
    const made = await generate([{ name: 'commonName', value: 'sns.amazonaws.com' }], {
      keySize: 2048,
      notBeforeDate: new Date(now - 86_400_000),
      notAfterDate: new Date(now + 86_400_000),
    });
    privateKey = made.private;
    certificate = made.cert;
  });

  const certUrl = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem';
  const notification = {
    Type: 'Notification',
    MessageId: 'm-1',
    TopicArn: 'arn:aws:sns:eu-west-1:1:topic',
    Subject: 'A subject',
    Message: '{"a":"\u00e9"}',
    Timestamp: new Date(now).toISOString(),
    SignatureVersion: '2',
    SigningCertURL: certUrl,
  };

  const setUp = async () => {
    const clock = new ManualClock({ wallTime: now });
    const server = await serve(text(certificate));
    const keys = createCertificateKeys({
      hosts: SNS_HOSTS,
      clock,
      fetch: server.fetch,
    });
    const verifier = createWebhookVerifier({ scheme: sns(), keys, clock });
    const deliver = async (content: Record<string, string>, change = (body: string) => body) => {
      const { body } = await signWebhookAsync({
        scheme: sns(),
        key: privateKey,
        body: JSON.stringify(content),
      });
      const sent = Buffer.from(change(Buffer.from(body).toString()));
      return verifier.verify({ method: 'POST', headers: {}, body: sent });
    };
    return { ...server, clock, deliver };
  };

  it('verify what SNS sends, and the handler sees signed values alone', async () => {
    const { deliver, asked } = await setUp();
    const verdict = await deliver({ ...notification, Unsigned: 'x' });
    expect(verdict).toMatchObject({
      verdict: 'accepted',
      stale: false,
      deliveryId: 'arn%3Aaws%3Asns%3Aeu-west-1%3A1%3Atopic:m-1',
      payload: { Message: '{"a":"\u00e9"}', Subject: 'A subject' },
    });
    expect(JSON.stringify((verdict as { payload: unknown }).payload)).not.toContain('Unsigned');
    await deliver(notification);
    expect(asked).toHaveLength(1);
  });

  it('answer a subscription as a handshake that names the address to open', async () => {
    const { deliver } = await setUp();
    const SubscribeURL = 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t';
    const asked = { ...notification, Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL };
    expect(await deliver(asked)).toMatchObject({ verdict: 'challenged', visit: SubscribeURL });
    const elsewhere = { ...asked, SubscribeURL: 'https://amazonaws.com.evil.example/' };
    expect(await deliver(elsewhere)).toMatchObject({ reason: 'challenge-refused' });
  });

  it('confirmSubscription opens that address, and tells when it cannot', async () => {
    const { deliver, fetch, asked, answerWith, clock } = await setUp();
    const SubscribeURL = 'https://sns.eu-west-1.amazonaws.com/confirm?Token=t';
    const content = { ...notification, Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL };
    const verdict = await deliver(content);
    if (verdict.verdict !== 'challenged') throw new Error('No handshake.');
    await confirmSubscription(verdict, { fetch, clock });
    expect(asked.at(-1)?.path).toBe('/confirm');
    answerWith((_request, response) => response.writeHead(403).end());
    const failing = confirmSubscription(verdict, { fetch, clock });
    await expect(failing).rejects.toMatchObject({ code: 'REMOTE_FAILED' });
    const nowhere = confirmSubscription({ ...verdict, visit: undefined }, { fetch });
    await expect(nowhere).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it.each<[string, (body: string) => string, string]>([
    ['a changed message', (body) => body.replace('m-1', 'm-2'), 'signature'],
    ['a value that stands twice', (body) => body.replace('{', '{"Message":"x",'), 'form-malformed'],
    ['a subject put in', (body) => body.replace(/"Subject":"[^"]*",/, ''), 'signature'],
    [
      'another host',
      (body) => body.replace(certUrl, 'https://amazonaws.com.evil.example/a.pem'),
      'keys-unavailable',
    ],
    [
      'an address without encryption',
      (body) => body.replace(certUrl, certUrl.replace('https', 'http')),
      'keys-unavailable',
    ],
    [
      'a name and password in the address',
      (body) => body.replace(certUrl, certUrl.replace('//', '//evil.example@')),
      'keys-unavailable',
    ],
    [
      'a host below which anybody may have storage',
      (body) => body.replace(certUrl, 'https://evil.s3.amazonaws.com/a.pem'),
      'keys-unavailable',
    ],
    [
      'a host below one that is pinned',
      (body) => body.replace(certUrl, 'https://a.sns.eu-west-1.amazonaws.com/a.pem'),
      'keys-unavailable',
    ],
    ['a query', (body) => body.replace(certUrl, `${certUrl}?1`), 'keys-unavailable'],
    ['no certificate', (body) => body.replace('SigningCertURL', 'Other'), 'keys-unavailable'],
  ])('refuse %s', async (_name, change, reason) => {
    const { deliver } = await setUp();
    expect(await deliver(notification, change)).toMatchObject({ verdict: 'refused', reason });
  });

  it('refuse a message whose text could be cut in another place', async () => {
    const { deliver } = await setUp();
    const twofold = { ...notification, MessageId: 'm-1\nSubject\nx' };
    expect(await deliver(twofold)).toMatchObject({ reason: 'form-malformed' });
    const lines = { ...notification, Subject: 'a\nb' };
    expect(await deliver(lines)).toMatchObject({ reason: 'form-malformed' });
    const message = { ...notification, Message: 'a\nMessageId\nm-2\nSubject\nb' };
    expect(await deliver(message)).toMatchObject({ verdict: 'accepted' });
  });

  it('are asked for at few new addresses in a while, which cost those in force nothing', async () => {
    const { deliver, asked, clock, answerWith } = await setUp();
    expect(await deliver(notification)).toMatchObject({ verdict: 'accepted' });
    answerWith((_request, response) => response.writeHead(404).end());
    for (let name = 0; name < 20; name += 1) {
      await deliver(notification, (body) =>
        body.replace('Service-1.pem', `Service-${name + 2}.pem`),
      );
    }
    expect(asked).toHaveLength(4);
    expect(await deliver(notification)).toMatchObject({ verdict: 'accepted' });
    answerWith(text(certificate));
    clock.advance(30_000);
    const next = (body: string) => body.replace('Service-1.pem', 'Service-2.pem');
    expect(await deliver(notification, next)).toMatchObject({ verdict: 'accepted' });
  });

  it.each([
    [['amazonaws.com']],
    [['*.com']],
    [['sns.*.com.*']],
    [[]],
    [['SNS.x.com']],
    ['a.b.com'],
  ])('are refused for the hosts %j', (hosts) => {
    expect(() => createCertificateKeys({ hosts: hosts as string[] })).toThrow(/^hosts is/);
  });

  it('are unavailable outside their time, and where there is no certificate', async () => {
    const { deliver, clock, answerWith } = await setUp();
    clock.advance(2 * 86_400_000);
    expect(await deliver(notification)).toMatchObject({ reason: 'keys-unavailable' });
    clock.setWallTime(now);
    answerWith(text('<html>'));
    expect(await deliver(notification)).toMatchObject({ reason: 'keys-unavailable' });
    answerWith(text(certificate));
    expect(await deliver(notification)).toMatchObject({ verdict: 'accepted' });
  });
});
