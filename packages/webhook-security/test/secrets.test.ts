import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  createMemoryReplayStore,
  createWebhookVerifier,
  discord,
  isWebhookSecurityError,
  payTabsCallback,
  type WebhookEvent,
} from '../src/index.js';
import { callback, key, notice, verifierWith } from './requests.js';

const everywhere = (value: unknown) =>
  [
    inspect(value, { depth: 20, showHidden: true, getters: true }),
    JSON.stringify(value) ?? '',
    String(value),
    value instanceof Error ? `${value.stack} ${value.message}` : '',
  ].join('\n');

function errorOf(make: () => unknown): unknown {
  try {
    return make();
  } catch (error) {
    return error;
  }
}

const { privateKey } = generateKeyPairSync('ed25519');

describe('keys', () => {
  it.each<[string, unknown, RegExp]>([
    ['no list', key, /list of at least one/],
    ['an empty list', [], /list of at least one/],
    ['an empty key', [''], /keys\[0\] is empty/],
    ['an empty key among others', [key, ''], /keys\[1\] is empty/],
    ['a blank key', [' \t'], /keys\[0\] is blank/],
    ['a key with a newline behind', [`${key}\n`], /padded with white space/],
    ['a key with a space before', [` ${key}`], /padded with white space/],
    ['a short key', ['SHORT-SECRET'], /is 12 bytes long; allowed: at least 16/],
    ['too few bytes', [Buffer.alloc(15)], /is 15 bytes long/],
    ['something else', [{ key }], /neither text nor bytes/],
    ['undefined', [undefined], /neither text nor bytes/],
  ])('are refused when the verifier is made: %s', (_name, keys, message) => {
    const make = () =>
      createWebhookVerifier({ scheme: payTabsCallback(), keys: keys as readonly string[] });
    expect(make).toThrow(message);
    const error = errorOf(make);
    expect(isWebhookSecurityError(error, 'INVALID_KEY')).toBe(true);
    expect(everywhere(error)).not.toMatch(/SZJNT3ST01|SHORT-SECRET/);
  });

  it.each([
    ['PEM', () => privateKey.export({ format: 'pem', type: 'pkcs8' }) as string],
    ['JWK', () => privateKey.export({ format: 'jwk' })],
  ])('are refused when a private one is given for a public one, as %s', (_name, write) => {
    const make = () => createWebhookVerifier({ scheme: discord(), keys: [write()] });
    expect(make).toThrow('keys[0] is a private key; a public one is needed');
  });

  it('never show in a verifier, a verdict or an event', async () => {
    const events: WebhookEvent[] = [];
    const verifier = verifierWith({
      keys: ['the newer key of this profile', key],
      replay: { store: createMemoryReplayStore() },
      observer: (event) => events.push(event),
    });
    const verdicts = [
      await verifier.verify(callback()),
      await verifier.verify(callback()),
      await verifier.verify(callback(notice, { body: Buffer.from('{}') })),
    ];
    const shown = everywhere([verifier, verdicts, events]);
    expect(shown).toContain('accepted');
    expect(shown).not.toMatch(/SZJNT3ST01|newer key/);
  });
});
