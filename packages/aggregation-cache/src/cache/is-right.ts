import type { Timestamp } from 'mongodb';
import type { MemoryEntry } from '../memory/memory-entry.js';
import { reaches } from '../validity/causal-token.js';

/** Whether it is a right answer, as far as this process knows, for a reader that has seen `after`. */
export const isRight = (entry: MemoryEntry, now: number, after: Timestamp | undefined): boolean =>
  now < entry.expiresAt && entry.isCurrent() && reaches(entry.asOf, after);
