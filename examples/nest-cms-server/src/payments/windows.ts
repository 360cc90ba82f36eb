import type { Attempt } from './payment.document.js';

/** Life of a hosted page. The gateway's own default, sent all the same. */
export const PAGE_TTL_MINUTES = 20;

/** A request for a page is over after this, answered or not: longer than the client's deadline. */
const REQUEST_PATIENCE_MS = 60_000;

/**
 * The gateway refuses the same cart and amount again for about two minutes, and a page request that
 * got lost may become visible late. Before this has passed, "no such transaction" proves nothing.
 */
const GUARD_WINDOW_MS = 130_000;

/** A card form sent in the last second of a page may still be on its way. */
const LAST_SECOND_MS = 30_000;

/** With no word from the gateway for this long after the page's end, the try is called expired. */
const SILENCE_MS = 5 * 60_000;

const DAY_MS = 24 * 60 * 60_000;

/** A try is asked about for this long after its page's end, whatever became of it. */
const WATCH_MS = 3 * DAY_MS;

/** One whose end the gateway leaves open for longer: banks drop a hold within 30 days, without a word. */
const WATCH_UNDECIDED_MS = 31 * DAY_MS;

/** Without a final word for this long a person is told: the gateway may never give one. */
const UNDECIDED_MS = DAY_MS;

const FIRST_CHECK_MS = 60_000;
const LONGEST_CHECK_PAUSE_MS = 60 * 60_000;

const SHORTEST_RETRY_SECONDS = 2;
const LONGEST_RETRY_SECONDS = 5 * 60;

const pageEnd = (attempt: Attempt): number =>
  attempt.pageExpiresAt?.getTime() ?? attempt.startedAt.getTime() + PAGE_TTL_MINUTES * 60_000;

/** Somebody is asking for the page of this try right now. */
export const mayStillBeRequesting = (attempt: Attempt, nowMs: number): boolean =>
  attempt.state === 'requesting' && nowMs < attempt.startedAt.getTime() + REQUEST_PATIENCE_MS;

/** The client can still pay on the page of this try. */
export const pageIsOpen = (attempt: Attempt, nowMs: number): boolean =>
  attempt.state === 'open' && nowMs < pageEnd(attempt);

/** From then on a new try may take the place of this one, if the gateway knows nothing of it. */
export const freshTryFrom = (attempt: Attempt): number =>
  attempt.state === 'open'
    ? pageEnd(attempt) + LAST_SECOND_MS
    : attempt.startedAt.getTime() + GUARD_WINDOW_MS;

/** From then on a try that the gateway knows nothing of is called expired. */
export const silentFrom = (attempt: Attempt): number => pageEnd(attempt) + SILENCE_MS;

/** When to ask about a try next: often while it is young, each hour in the end. */
export function nextCheckAfter(attempt: Attempt, nowMs: number): Date {
  const age = nowMs - attempt.startedAt.getTime();
  const pause = Math.min(Math.max(age / 2, FIRST_CHECK_MS), LONGEST_CHECK_PAUSE_MS);
  return new Date(nowMs + pause);
}

/** From then on nobody asks about a try any more. */
export const watchedUntil = (attempt: Attempt, { undecided }: { undecided: boolean }): number =>
  pageEnd(attempt) + (undecided ? WATCH_UNDECIDED_MS : WATCH_MS);

/** Whether a try whose end the gateway leaves open is a case for a person by now. */
export const isUndecidedForLong = ({ undecidedSince }: Attempt, nowMs: number): boolean =>
  undecidedSince !== undefined && nowMs >= undecidedSince.getTime() + UNDECIDED_MS;

/** When a caller who waits for the gateway's word should ask again: later the longer it has been open. */
export function retryAfterSeconds(attempt: Attempt, nowMs: number): number {
  const age = Math.max(0, nowMs - attempt.startedAt.getTime());
  const seconds = Math.ceil(age / 10_000);
  return Math.min(Math.max(seconds, SHORTEST_RETRY_SECONDS), LONGEST_RETRY_SECONDS);
}
