import type { Timestamp } from 'mongodb';
import type { ServedBy } from '../ports/source.js';
import { reaches } from '../validity/causal-token.js';
import type { Ticket } from '../validity/generation-table.js';

/** A result kept in this process. */
export interface MemoryEntry {
  /** Frozen, and handed to every caller. */
  readonly rows: readonly unknown[];
  /** What stood when it was loaded; it is void as soon as that moved. */
  readonly ticket: Ticket;
  /** When its generations were last known to stand. Monotonic ms, as all times here. */
  verifiedAt: number;
  readonly loadedAt: number;
  readonly expiresAt: number;
  readonly asOf: Timestamp | undefined;
  readonly member: ServedBy | undefined;
}

/** Whether it is a right answer, as far as this process knows, for a reader that has seen `after`. */
export const isRight = (entry: MemoryEntry, now: number, after: Timestamp | undefined): boolean =>
  now < entry.expiresAt && entry.ticket.isCurrent() && reaches(entry.asOf, after);
