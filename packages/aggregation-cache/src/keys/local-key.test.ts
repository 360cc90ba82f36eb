import { describe, expect, it } from 'vitest';
import { localKey } from './local-key.js';

describe('the key of decoded rows', () => {
  it('is the key itself where nobody makes anything of the rows', () => {
    expect(localKey('k', undefined)).toBe('k');
  });

  it('is another one for each schema, and always the same for one', () => {
    const [one, other] = [{}, {}];
    const key = localKey('k', one);
    expect(key).toMatch(/^k:\d+$/);
    expect(localKey('k', one)).toBe(key);
    const keys = [key, localKey('k', other), localKey('j', one), localKey('k', {}), 'k'];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
