import { askGuarded } from '../events/guard.js';
import type { ResolvedWindow, Settings } from '../options.js';
import { WHOLE, type WindowSums } from '../window/outcome-window.js';
import type { CircuitBreaker } from './circuit-breaker.js';
import { inner } from './inner.js';
import { readSnapshot } from './read-snapshot.js';
import { restore } from './restore.js';
import { type CircuitState, publicState, type State } from './state.js';

/** A breaker's state as plain JSON. Times are calendar times in ms since 1970. */
export interface BreakerSnapshot {
  /** Version of the format. */
  readonly v: 1;
  /** When it was exported. */
  readonly takenAt: number;
  /** Ramping up is half-open here. */
  readonly state: CircuitState;
  /** If it is open by its rules or by `trip()`, and not held open: since when, and for how long in all. */
  readonly opening: { readonly openedAt: number; readonly waitMs: number } | null;
  /** How often it opened since it was last closed, and the last wait: longer waits go on from here. */
  readonly openings: { readonly count: number; readonly lastWaitMs: number | null };
  readonly failuresInARow: number;
  /** The finished calls in the window, by their sums; null without any. */
  readonly window: WindowSnapshot | null;
  readonly holds: readonly HoldSnapshot[];
}

/** Sums of a window. Those of a window of kind `ewma` are no whole numbers. */
export interface WindowSnapshot {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  /** By weight, as which the rates are taken. */
  readonly weight: number;
  readonly failedWeight: number;
  readonly slowWeight: number;
}

export interface HoldSnapshot {
  readonly kind: 'open' | 'closed';
  readonly reason: string | null;
}

/**
 * The breaker's state, to be kept as JSON and taken in by `importState`: what it would do with a call, the
 * calls in its window, its holds. Not its options, totals or durations. Of a breaker that was shut down, it
 * is the state it was shut down in, so that the next process can go on from there; its holds ended with it.
 */
export const exportState = (breaker: CircuitBreaker): BreakerSnapshot => {
  const engine = breaker[inner];
  engine.advance();
  const { machine } = engine;
  const { settings, openings, failuresInARow } = machine;
  // A clock without a calendar: what it exports is older than any wait when it is imported.
  const takenAt = Math.floor(wallTime(settings) ?? 0);
  return {
    v: 1,
    takenAt,
    ...stateIn(machine.state, machine.now(), takenAt),
    openings: { count: openings.count, lastWaitMs: openings.lastWaitMs ?? null },
    failuresInARow,
    window: windowIn(machine.window),
    holds: breaker.holds.map(({ kind, reason = null }) => ({ kind, reason })),
  };
};

/**
 * Takes in a state that `exportState` gave, of this or another process. An open breaker stays open for
 * what is left of its wait: at most what was left at the export, whatever the two calendars say. One that
 * was half-open or ramping up begins its trials anew. The calls in the window count as if they ended now,
 * unless a window of time has forgotten them by now. Holds become holds of this breaker (`breaker.holds`),
 * to be released here; those it has already stay, and calls that still run will be late.
 *
 * The mode stays: in mode `shadow` the breaker is closed whatever was exported, and in mode `disabled`, or
 * once it is shut down, it takes in nothing but the holds, or nothing.
 * @throws InvalidSnapshotError if `snapshot` is none; then nothing is changed
 */
export const importState = (breaker: CircuitBreaker, snapshot: unknown): void => {
  const from = readSnapshot(snapshot);
  const engine = breaker[inner];
  if (breaker.isShutDown) return;
  restoreHolds(breaker, from.holds);
  const { machine } = engine;
  const { settings } = machine;
  const ageMs = Math.max(0, (wallTime(settings) ?? from.takenAt) - from.takenAt);
  const { opening, openings, state, failuresInARow } = from;
  engine.change(() =>
    restore(machine, {
      state,
      waitMs: opening?.waitMs ?? 0,
      remainingMs: opening === null ? 0 : remainingMs(opening, from.takenAt) - ageMs,
      window: from.window === null ? undefined : sumsOf(from.window, settings.window, ageMs),
      failuresInARow,
      openings: { count: openings.count, lastWaitMs: openings.lastWaitMs ?? undefined },
    }),
  );
  engine.bulletin.tell('restored', { state: publicState(machine.state) });
};

const wallTime = ({ clock, onListenerError }: Settings): number | undefined =>
  askGuarded(
    () => clock.wallTime(),
    Number.isFinite,
    { kind: 'callback', name: 'clock', expected: 'a number from wallTime()' },
    onListenerError,
  );

const stateIn = (
  state: State,
  now: number,
  takenAt: number,
): Pick<BreakerSnapshot, 'state' | 'opening'> => {
  if (state.kind === 'shutDown') {
    const { before } = state;
    // A hold that ends leaves a breaker half-open, and so does a wait that has ended by now.
    const isOver = before.kind === 'heldOpen' || (before.kind === 'open' && now >= before.until);
    return isOver ? { state: 'halfOpen', opening: null } : stateIn(before, now, takenAt);
  }
  if (state.kind !== 'open') return { state: publicState(state), opening: null };
  const { until, waitMs } = state;
  return {
    state: 'open',
    opening: { openedAt: Math.floor(takenAt - (now - (until - waitMs))), waitMs },
  };
};

/** What was left of a wait at the export: nothing a calendar says makes it longer than the wait. */
const remainingMs = (
  { openedAt, waitMs }: NonNullable<BreakerSnapshot['opening']>,
  takenAt: number,
): number => waitMs - (takenAt - openedAt);

const windowIn = (window: WindowSums | undefined): WindowSnapshot | null => {
  if (window === undefined || window.calls === 0) return null;
  const { calls, failures, slow, weight, failedWeight, slowWeight } = window;
  return {
    calls,
    failures,
    slow,
    weight: weight / WHOLE,
    failedWeight: failedWeight / WHOLE,
    slowWeight: slowWeight / WHOLE,
  };
};

/** The sums that are left after `ageMs` in a window of that kind. */
const sumsOf = (
  { calls, failures, slow, weight, failedWeight, slowWeight }: WindowSnapshot,
  window: ResolvedWindow,
  ageMs: number,
): WindowSums | undefined => {
  if (window.kind === 'time' && ageMs >= window.durationMs) return undefined;
  const left = window.kind === 'ewma' ? 0.5 ** (ageMs / window.halfLifeMs) : 1;
  return {
    calls: calls * left,
    failures: failures * left,
    slow: slow * left,
    weight: weight * WHOLE * left,
    failedWeight: failedWeight * WHOLE * left,
    slowWeight: slowWeight * WHOLE * left,
  };
};

/** Makes the holds that are not out already, so that a second import makes no second set of them. */
const restoreHolds = (breaker: CircuitBreaker, holds: readonly HoldSnapshot[]): void => {
  const out = breaker.holds.map(({ kind, reason = null }) => ({ kind, reason }));
  for (const { kind, reason } of holds) {
    const same = out.findIndex((hold) => hold.kind === kind && hold.reason === reason);
    if (same >= 0) {
      out.splice(same, 1);
      continue;
    }
    const options = reason === null ? {} : { reason };
    if (kind === 'open') breaker.holdOpen(options);
    else breaker.holdClosed(options);
  }
};
