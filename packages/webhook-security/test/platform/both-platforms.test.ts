import { hash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { algorithms } from '../../src/crypto/algorithms.js';
import { bothPlatforms, onNode, onWeb } from './both-platforms.js';

const utf8 = (text: string) => new TextEncoder().encode(text);
const everyByte = Uint8Array.from({ length: 20_000 }, (_, index) => index & 0xff);

describe.each(bothPlatforms)('on %s', (_name, platform) => {
  it('the digest of bytes and of text is that of SHA-256', async () => {
    // FIPS 180-2, appendix B.1
    const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(await platform.sha256Hex('abc')).toBe(digest);
    expect(await platform.sha256Hex(utf8('abc'))).toBe(digest);
    expect(await platform.sha256Hex('é')).toBe(await onNode.sha256Hex(utf8('é')));
  });

  it('bytes become text and text bytes, each character one', () => {
    const text = platform.toByteText(everyByte);
    expect(text.length).toBe(20_000);
    expect(text.slice(126, 130)).toBe('~\x7f\x80\x81');
    expect(Uint8Array.from(platform.fromByteText(text))).toEqual(everyByte);
    expect(platform.toByteText(everyByte.subarray(65, 67))).toBe('AB');
    expect(platform.toBase64(everyByte.subarray(250, 254))).toBe('+vv8/Q==');
  });

  it('pieces become one', () => {
    const joined = platform.concatBytes([utf8('a'), utf8(''), utf8('bc')]);
    expect(Uint8Array.from(joined)).toEqual(utf8('abc'));
  });

  it('a token is taken whole alone', async () => {
    const secret = utf8('the token');
    const isToken = platform.tokenChecker(secret);
    secret.fill(0);
    expect(await isToken([], [utf8('the token')])).toBe(true);
    expect(await isToken([], [utf8('other'), utf8('the token')])).toBe(true);
    for (const wrong of ['the toke', 'the tokens', 'uhe token', 'the tokem', '']) {
      expect([wrong, await isToken([], [utf8(wrong)])]).toEqual([wrong, false]);
    }
    expect(await isToken([], [])).toBe(false);
  });

  it.each([0, 31])('a token is not taken whose digest has the same byte %s', async (place) => {
    const byteOf = (token: string) => hash('sha256', token).slice(2 * place, 2 * place + 2);
    const isToken = platform.tokenChecker(utf8('the token'));
    const names = Array.from({ length: 5_000 }, (_, index) => `other ${index}`);
    const alike = names.filter((name) => byteOf(name) === byteOf('the token')).slice(0, 3);
    expect(alike).toHaveLength(3);
    expect(await isToken([], alike.map(utf8))).toBe(false);
  });

  it('no identifier comes twice', () => {
    const identifiers = Array.from({ length: 100 }, () => platform.randomId());
    expect(new Set(identifiers).size).toBe(100);
  });

  it('what is no private key signs nothing', async () => {
    const facts = algorithms.ed25519 as Extract<
      (typeof algorithms)['ed25519'],
      { kind: 'public-key' }
    >;
    const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
    for (const wrong of ['', key, key.replaceAll('PRIVATE', 'PUBLIC'), undefined]) {
      await expect((async () => platform.signPrivately(facts, wrong, []))()).rejects.toThrow(Error);
    }
  });
});

it('the web warns on the console, as there is nothing else', () => {
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
  onWeb.warn('observer failed');
  expect(warned).toHaveBeenCalledExactlyOnceWith('WebhookSecurityWarning: observer failed');
  warned.mockRestore();
});
