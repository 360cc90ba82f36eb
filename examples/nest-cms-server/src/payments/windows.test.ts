import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attempt } from './payment.document.js';
import {
  freshTryFrom,
  isUndecidedForLong,
  mayStillBeRequesting,
  nextCheckAfter,
  PAGE_TTL_MINUTES,
  pageIsOpen,
  retryAfterSeconds,
  silentFrom,
  watchedUntil,
} from './windows.js';

const START = Date.UTC(2026, 10, 20, 9);
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

const requested: Attempt = {
  number: 1,
  cartId: 'payment.1',
  state: 'requesting',
  startedAt: new Date(START),
};
const lost: Attempt = { ...requested, state: 'unknown' };
const open: Attempt = {
  ...requested,
  state: 'open',
  pageExpiresAt: new Date(START + PAGE_TTL_MINUTES * MINUTE_MS),
};

describe('the windows of a try', () => {
  it('waits a minute for a page request that may still be on its way', () => {
    expect(mayStillBeRequesting(requested, START + 59 * SECOND_MS)).toBe(true);
    expect(mayStillBeRequesting(requested, START + 60 * SECOND_MS)).toBe(false);
    expect(mayStillBeRequesting(lost, START)).toBe(false);
  });

  it('gives the page as long as the gateway does', () => {
    expect(pageIsOpen(open, START + 20 * MINUTE_MS - 1)).toBe(true);
    expect(pageIsOpen(open, START + 20 * MINUTE_MS)).toBe(false);
    expect(pageIsOpen(lost, START)).toBe(false);
  });

  it('keeps a fresh try back until the duplicate guard, or the page and its last second, are over', () => {
    expect(freshTryFrom(lost) - START).toBe(130 * SECOND_MS);
    expect(freshTryFrom(requested) - START).toBe(130 * SECOND_MS);
    expect(freshTryFrom(open) - START).toBe(20 * MINUTE_MS + 30 * SECOND_MS);
  });

  it('calls a try expired five minutes after its page can have ended', () => {
    expect(silentFrom(open) - START).toBe(25 * MINUTE_MS);
    expect(silentFrom(lost) - START).toBe(25 * MINUTE_MS);
  });

  it('asks about a try for three days after its page, and for a month when its end is left open', () => {
    const days = (ms: number) => (ms - START - PAGE_TTL_MINUTES * MINUTE_MS) / (1_440 * MINUTE_MS);
    expect(days(watchedUntil(open, { undecided: false }))).toBe(3);
    expect(days(watchedUntil(lost, { undecided: true }))).toBe(31);
  });

  it('calls a person when the end has been left open for a day without a break', () => {
    const undecided = { ...lost, undecidedSince: new Date(START) };
    expect(isUndecidedForLong(undecided, START + 1_440 * MINUTE_MS - 1)).toBe(false);
    expect(isUndecidedForLong(undecided, START + 1_440 * MINUTE_MS)).toBe(true);
    expect(isUndecidedForLong(lost, START + 9_999 * MINUTE_MS)).toBe(false);
  });

  it('sends a caller away for longer the longer the gateway is silent, between 2 s and 5 min', () => {
    expect(retryAfterSeconds(open, START)).toBe(2);
    expect(retryAfterSeconds(open, START - MINUTE_MS)).toBe(2);
    expect(retryAfterSeconds(open, START + 10 * MINUTE_MS)).toBe(60);
    expect(retryAfterSeconds(open, START + 1_440 * MINUTE_MS)).toBe(300);
  });

  it('asks more seldom the older a try is, but at least every hour', () => {
    fc.assert(
      fc.property(fc.nat(40 * 24 * 60 * MINUTE_MS), fc.nat(MINUTE_MS), (age, later) => {
        const pause = (at: number) => nextCheckAfter(lost, START + at).getTime() - START - at;
        expect(pause(age)).toBeGreaterThanOrEqual(MINUTE_MS);
        expect(pause(age)).toBeLessThanOrEqual(60 * MINUTE_MS);
        expect(pause(age + later)).toBeGreaterThanOrEqual(pause(age));
      }),
    );
  });
});
