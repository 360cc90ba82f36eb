import { describe, expect, it } from 'vitest';
import { KeyedQueue } from './keyed-queue.js';

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

describe('the keyed queue', () => {
  it('runs one piece of a key at a time, in order, and keys beside each other', async () => {
    const queue = new KeyedQueue();
    const told: string[] = [];
    const piece = (key: string, name: string, length: number) =>
      queue.run(key, async () => {
        told.push(`${name} begins`);
        await turns(length);
        told.push(`${name} ends`);
      });
    await Promise.all([piece('a', 'a1', 30), piece('a', 'a2', 1), piece('b', 'b1', 5)]);
    expect(told).toEqual(['a1 begins', 'b1 begins', 'b1 ends', 'a1 ends', 'a2 begins', 'a2 ends']);
  });

  it('hands out results and errors, goes on after an error and forgets idle keys', async () => {
    const queue = new KeyedQueue();
    const results = await Promise.allSettled([
      queue.run('a', async () => 1),
      queue.run('a', () => Promise.reject(new Error('no'))),
      queue.run('a', async () => 3),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await turns(5);
    expect(queue.size).toBe(0);
  });
});
