import { describe, expect, it } from 'vitest';
import { isPinnedUrl } from './pinned-url.js';

const hosts = ['keys.example', 'sns.*.amazonaws.com'];

describe('isPinnedUrl', () => {
  it.each([
    'https://keys.example/keys?a=b',
    'https://KEYS.example:443/',
    'https://sns.eu-west-1.amazonaws.com/a.pem',
  ])('takes %s', (url) => {
    expect(isPinnedUrl(url, hosts)).toBe(true);
  });

  it.each([
    ['no address', 'keys.example/keys'],
    ['another protocol', 'http://keys.example/'],
    ['a port', 'https://keys.example:8443/'],
    ['a user', 'https://user@keys.example/'],
    ['a password', 'https://:password@keys.example/'],
    ['a host in place of a user', 'https://keys.example@evil.example/'],
    ['another host', 'https://evil.example/'],
    ['a host that differs at its end', 'https://keys.evil/'],
    ['a name below a host', 'https://evil.keys.example/'],
    ['a host with more behind it', 'https://keys.example.evil/'],
    ['a host with less', 'https://keys/'],
    ['nothing for the star', 'https://sns.amazonaws.com/'],
    ['two labels for the star', 'https://sns.a.b.amazonaws.com/'],
    ['more behind a host with a star', 'https://sns.a.amazonaws.com.evil.example/'],
    ['another label than the first', 'https://s3.eu-west-1.amazonaws.com/'],
    ['another label than the last', 'https://sns.eu-west-1.amazonaws.evil/'],
  ])('refuses %s', (_what, url) => {
    expect(isPinnedUrl(url, hosts)).toBe(false);
  });

  it('knows no host where none is given', () => {
    expect(isPinnedUrl('https://keys.example/', [])).toBe(false);
  });

  it('takes 2,048 characters and no more', () => {
    const start = 'https://keys.example/';
    expect(isPinnedUrl(start.padEnd(2_048, 'a'), hosts)).toBe(true);
    expect(isPinnedUrl(start.padEnd(2_049, 'a'), hosts)).toBe(false);
  });
});
