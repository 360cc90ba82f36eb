import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Semaphore } from './semaphore.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('hands a lock on to those who wait, in the order of asking', async () => {
  const semaphore = Semaphore(1);
  const taken: string[] = [];
  for (const name of ['a', 'b', 'c']) void semaphore.take().then(() => taken.push(name));
  await vi.advanceTimersByTimeAsync(0);
  expect(taken).toEqual(['a']);
  semaphore.release();
  expect(semaphore.test()).toBe(false);
  await vi.advanceTimersByTimeAsync(0);
  expect(taken).toEqual(['a', 'b']);
  semaphore.release();
  semaphore.release();
  await vi.advanceTimersByTimeAsync(0);
  expect(taken).toEqual(['a', 'b', 'c']);
  expect(semaphore.count).toBe(1);
});

it('gives no lock to one whose time was over', async () => {
  const semaphore = Semaphore(1);
  await semaphore.take();
  const late = semaphore.take(100).catch((error: unknown) => error);
  const next = semaphore.take(200);
  await vi.advanceTimersByTimeAsync(100);
  expect(await late).toMatchObject({ code: 'ETIMEDOUT', message: 'Timed out after 100ms' });
  semaphore.release();
  await next;
  expect(vi.getTimerCount()).toBe(0);
  semaphore.release();
  expect(semaphore.count).toBe(1);
});

it('has no more locks than it began with, however often one is given back', () => {
  const semaphore = Semaphore(2);
  semaphore.release();
  expect(semaphore.count).toBe(2);
  expect([semaphore.test(), semaphore.test(), semaphore.test()]).toEqual([true, true, false]);
});
