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

const FIRST_CHECK_MS = 60_000;
const LONGEST_CHECK_PAUSE_MS = 60 * 60_000;

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
