import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MemoryCache } from './memory-cache.js';

beforeEach(() => {
  vi.useFakeTimers({ now: 1000 });
});
afterEach(() => {
  vi.useRealTimers();
});

it('keeps a value until it expires, and one without a time for ever', () => {
  const cache = new MemoryCache();
  cache.set('a', 1, 1100);
  cache.set('b', 2);
  vi.setSystemTime(1099);
  expect([cache.get('a'), cache.get('b')]).toEqual([1, 2]);
  vi.setSystemTime(1100);
  expect([cache.get('a'), cache.get('b')]).toEqual([undefined, 2]);
  expect([...cache.cache.keys()]).toEqual(['b']);
});

it('drops the one that was set first when it is full, and none for one it has', () => {
  const cache = new MemoryCache(2);
  for (const key of ['a', 'b', 'a', 'c']) cache.set(key, key);
  expect([...cache.cache.keys()]).toEqual(['b', 'c']);
  cache.delete('b');
  expect(cache.get('b')).toBeUndefined();
  cache.flush();
  expect(cache.cache.size).toBe(0);
});

it('keeps nothing where it may keep nothing', () => {
  const cache = new MemoryCache(0);
  cache.set('a', 1);
  expect(cache.cache.size).toBe(0);
});
