import type { BreakerSnapshot } from '../../src/index.js';
import { sumsOf, takenIn } from './meaning.js';
import type { Breaker, Kind, PlainOptions } from './model-types.js';
import { become } from './reference-model.js';

/** What a breaker was before it was shut down. */
export interface Before {
  readonly kind: Kind;
  readonly openUntil: number;
}

/** What `exportState` should give. Look at the breaker before. */
export const exported = (
  b: Breaker,
  { window }: PlainOptions,
  wallTime: number,
  before: Before = b,
): BreakerSnapshot => {
  const { calls, failures, slow, weight, failedWeight, slowWeight } = sumsOf(window, b);
  const waitMs = b.waits.at(-1) ?? 0;
  const isOpen = before.kind === 'open' && b.now < before.openUntil;
  const openedAt = wallTime - (b.now - (before.openUntil - waitMs));
  return {
    v: 1,
    takenAt: wallTime,
    state: stateFor(b, before, isOpen),
    opening: isOpen ? { openedAt: Math.floor(openedAt), waitMs } : null,
    openings: { count: b.waits.length, lastWaitMs: b.waits.at(-1) ?? null },
    failuresInARow: b.failuresInARow,
    window:
      calls === 0
        ? null
        : {
            calls,
            failures,
            slow,
            weight: weight / 100,
            failedWeight: failedWeight / 100,
            slowWeight: slowWeight / 100,
          },
    holds: b.holds.map((kind) => ({ kind, reason: null })),
  };
};

const stateFor = (b: Breaker, { kind }: Before, isOpen: boolean): BreakerSnapshot['state'] => {
  if (!b.isShutDown) return b.state;
  if (isOpen) return 'open';
  return kind === 'closed' || kind === 'heldClosed' || kind === 'disabled' ? 'closed' : 'halfOpen';
};

/** What `importState` should do, beside the holds. */
export const imported = (
  b: Breaker,
  options: PlainOptions,
  from: BreakerSnapshot,
  wallTime: number,
): void => {
  if (options.mode === 'disabled') return;
  const { state, opening, openings, failuresInARow } = from;
  const ageMs = Math.max(0, wallTime - from.takenAt);
  const mayOpen = options.mode === 'enforcing' && b.kind !== 'heldClosed';
  const counts = mayOpen || state === 'closed';
  const waits = Array.from({ length: openings.count }, () => openings.lastWaitMs ?? 0);
  const leftMs = opening === null ? 0 : opening.waitMs - (from.takenAt - opening.openedAt) - ageMs;
  const is = b.state;
  b.generation += 1;
  b.quietUntil = 0;
  b.trials = [];
  b.finished = counts ? aged(options, from, ageMs, b.now) : [];
  const isFree = mayOpen && b.kind !== 'heldOpen';
  if (isFree && state === 'open' && leftMs > 0) {
    b.openUntil = b.now + leftMs;
    b.waits = waits;
    b.failuresInARow = 0;
    become(b, 'open', 'restored');
    return;
  }
  if (isFree && state !== 'closed') {
    become(b, 'halfOpen');
    // Its trials begin anew, also if it was half-open.
    if (is === 'halfOpen') b.tell('halfOpen', is);
    b.waits = waits;
    return;
  }
  b.failuresInARow = counts ? failuresInARow : 0;
  if (isFree) become(b, 'closed', 'restored', { keeps: true });
  else b.waits = waits;
};

const aged = (
  { window }: PlainOptions,
  { window: sums }: BreakerSnapshot,
  ageMs: number,
  now: number,
) => {
  if (sums === null || (window.kind === 'time' && ageMs >= window.durationMs)) return [];
  const left = window.kind === 'ewma' ? 0.5 ** (ageMs / window.halfLifeMs) : 1;
  const { calls, failures, slow, weight, failedWeight, slowWeight } = sums;
  return takenIn(
    window,
    {
      calls: calls * left,
      failures: failures * left,
      slow: slow * left,
      weight: weight * 100 * left,
      failedWeight: failedWeight * 100 * left,
      slowWeight: slowWeight * 100 * left,
    },
    now,
  );
};
