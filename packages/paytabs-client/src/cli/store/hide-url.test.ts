import { describe, expect, it } from 'vitest';
import { hideUrl } from './hide-url.js';

describe('what a driver says', () => {
  it.each([
    ['mongodb://me:s3cret@host/db', 'cannot parse mongodb://me:s3cret@host/db'],
    ['mongodb://me:s3%40cret@host', 'no user me with s3@cret'],
    ['mongodb://me:s3cret@more@host', 'Unescaped @ in me:s3cret@more@host'],
    ['redis://:s3cret@host', 'WRONGPASS s3cret'],
    ['rediss://me:s3cret@host', 'also of another: //you:s3cret-too@host'],
  ])('tells nothing of %s', (url, said) => {
    expect(hideUrl(said, url)).not.toMatch(/s3/);
    expect(hideUrl('connect ECONNREFUSED 127.0.0.1:1', url)).toBe(
      'connect ECONNREFUSED 127.0.0.1:1',
    );
  });

  it('stays as it is without a password', () => {
    const said = 'connect ECONNREFUSED 127.0.0.1:1';
    expect(hideUrl(said, 'redis://127.0.0.1:1')).toBe(said);
  });
});
