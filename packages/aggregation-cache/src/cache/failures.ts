import type { Clock } from '@nestcms/circuit-breaker';
import type { Timestamp } from 'mongodb';
import {
  AggregationCacheError,
  type AggregationCacheErrorCode,
  isAggregationCacheError,
} from '../errors.js';
import { reaches } from '../validity/causal-token.js';
import type { Ticket } from '../validity/generation-table.js';

/** Ends of a load that say something about the database, and so to all who ask the same. */
const SHARED_CODES: readonly AggregationCacheErrorCode[] = [
  'NO_MEMBER',
  'MAX_TIME_EXCEEDED',
  'QUERY_FAILED',
];

/** Beyond so many, those whose time is over are looked for. */
const SWEPT_FROM = 1_000;

interface RecentFailure {
  readonly error: AggregationCacheError;
  readonly until: number;
  /** What stood: the question may have another answer once its data changed. */
  readonly ticket: Ticket;
  /** How new the rows had to be: who asks for less may be answered. */
  readonly after: Timestamp | undefined;
}

/** Whether others should be spared the same question for a moment. */
export const isShared = (error: unknown): error is AggregationCacheError =>
  isAggregationCacheError(error) && SHARED_CODES.includes(error.code);

/** The questions at which the database failed a moment ago: the negative window. */
export class RecentFailures {
  readonly #recent = new Map<string, RecentFailure>();
  readonly #clock: Clock;
  #sweptFrom = SWEPT_FROM;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What happened to a reader who asked for rows as new as this one does, or for older ones. */
  get(key: string, after: Timestamp | undefined): AggregationCacheError | undefined {
    const known = this.#known(key);
    return known !== undefined && reaches(after, known.after) ? known.error : undefined;
  }

  note(
    key: string,
    error: AggregationCacheError,
    { forMs, ticket, after }: Pick<RecentFailure, 'ticket' | 'after'> & { readonly forMs: number },
  ): void {
    if (forMs <= 0) return;
    if (this.#recent.size >= this.#sweptFrom) this.#sweep();
    this.#recent.set(key, { error, until: this.#clock.now() + forMs, ticket, after });
  }

  #known(key: string): RecentFailure | undefined {
    const known = this.#recent.get(key);
    if (known === undefined) return undefined;
    if (known.until > this.#clock.now() && known.ticket.isCurrent()) return known;
    this.#recent.delete(key);
    return undefined;
  }

  /** Next when as many again have come, so that each of many failures does not look at all others. */
  #sweep(): void {
    for (const key of this.#recent.keys()) this.#known(key);
    this.#sweptFrom = Math.max(SWEPT_FROM, 2 * this.#recent.size);
  }
}

/** A failure as other processes are told of it: its cause stays here, for it may hold anything. */
export const encodeFailure = ({ code, message, details }: AggregationCacheError): Uint8Array =>
  Buffer.from(JSON.stringify({ code, message, details }));

/** @returns undefined for what is none; anybody can write to the store */
export const decodeFailure = (bytes: Uint8Array): AggregationCacheError | undefined => {
  try {
    const read: unknown = JSON.parse(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(),
    );
    const { code, message, details } = Object(read) as Partial<AggregationCacheError>;
    const isWhole =
      SHARED_CODES.includes(code as AggregationCacheErrorCode) &&
      typeof message === 'string' &&
      typeof details === 'object' &&
      details !== null;
    if (!isWhole) return undefined;
    return new AggregationCacheError(code as AggregationCacheErrorCode, message, details as never);
  } catch {
    return undefined;
  }
};
