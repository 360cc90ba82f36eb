import { describe, expect, it } from 'vitest';
import { queryOf, queryParameter } from './request-url.js';

describe('queryOf', () => {
  it.each<[unknown, string]>([
    ['/path?a=b&c', '?a=b&c'],
    ['https://host.example/path?a=b?c#part', '?a=b?c'],
    ['/path#part?a', '?a'],
    ['/path?', '?'],
    ['/path', ''],
    ['', ''],
    [undefined, ''],
    [7, ''],
    [['/path?a=b'], ''],
  ])('of %j is %j', (url, query) => {
    expect(queryOf(url)).toBe(query);
  });
});

describe('queryParameter', () => {
  it('decodes the one of that name', () => {
    expect(queryParameter('/path?a=%26+b&c=d', 'a')).toBe('& b');
    expect(queryParameter('/path?a', 'a')).toBe('');
  });

  it.each(['/path?b=1', '/path?a=1&a=1', '/path', undefined])('finds none in %j', (url) => {
    expect(queryParameter(url, 'a')).toBeUndefined();
  });
});
