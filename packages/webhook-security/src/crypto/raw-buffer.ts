import { hash } from 'node:crypto';

/** A buffer with the methods that write text without asking for its encoding first. */
export type RawBuffer = Buffer & {
  latin1Write(text: string, at?: number): number;
  utf8Write(text: string, at?: number): number;
};

/** A hash as text in which each character stands for one byte: no buffer has to be made for it. */
export const hashAsBytes = hash as (name: string, data: Uint8Array, encoding?: string) => string;
