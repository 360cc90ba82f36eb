import { hash } from 'node:crypto';

/** 128 bits that stand for the key of what this process keeps: in memory they take a tenth of the text. */
export interface MemoryKey {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

export const memoryKey = (localKey: string): MemoryKey =>
  wordsOf(hash('sha256', localKey, 'buffer'));

/** The first 128 bits of a hash. */
export const wordsOf = (digest: Buffer): MemoryKey => {
  const [a, b] = [digest.readInt32LE(0), digest.readInt32LE(4)];
  const [c, d] = [digest.readInt32LE(8), digest.readInt32LE(12)];
  return { a, b, c, d };
};
