import type { WindowSums } from '../window/outcome-window.js';
import { closeKeepingCalls } from './closing.js';
import { halfOpen } from './half-open.js';
import { isHeld } from './hold.js';
import { type Openings, reopen } from './opening.js';
import type { CircuitState } from './state.js';
import type { StateMachine } from './state-machine.js';

/** A state from elsewhere, checked. */
export interface RestoredState {
  readonly state: CircuitState;
  /** What is left of the wait, if it is open; else 0. */
  readonly remainingMs: number;
  /** The whole wait, if it is open. */
  readonly waitMs: number;
  readonly window: WindowSums | undefined;
  readonly failuresInARow: number;
  readonly openings: Openings;
}

/**
 * Takes a state from elsewhere; calls still running will be late. Holds are kept as they are and go
 * first, and so does the mode: only an enforcing breaker opens by it.
 */
export const restore = (machine: StateMachine, to: RestoredState): void => {
  const { settings, state } = machine;
  if (state.kind === 'shutDown' || settings.mode === 'disabled') return;
  const mayOpen = settings.mode === 'enforcing' && state.kind !== 'heldClosed';
  // What opened a breaker there says nothing of one that stays closed here: it would open by it at once.
  const counts = mayOpen || to.state === 'closed';
  if (counts) machine.tally.restore(settings, to.window, to.failuresInARow);
  else machine.tally.restore(settings, undefined, 0);
  machine.openings = to.openings;
  machine.newGeneration();
  if (mayOpen && !isHeld(machine.holds, 'open')) enter(machine, to);
};

const enter = (machine: StateMachine, { state, waitMs, remainingMs }: RestoredState): void => {
  if (state === 'closed') closeKeepingCalls(machine, 'restored');
  else if (remainingMs <= 0) halfOpen(machine);
  else reopen(machine, waitMs, remainingMs);
};
