import { close, closedState } from './closing.js';
import { halfOpen } from './half-open.js';
import { type BreakerHold, isHeld, NO_HOLDS } from './hold.js';
import { enterOpen } from './opening.js';
import type { State } from './state.js';
import type { StateMachine } from './state-machine.js';

const HELD_OPEN: State = { kind: 'heldOpen' };

/** Adds a hold. One that holds open goes first. */
export const addHold = (machine: StateMachine, hold: BreakerHold): void => {
  const isFirst = !isHeld(machine.holds, hold.kind);
  machine.holds = [...machine.holds, hold];
  if (!isFirst) return;
  if (hold.kind === 'closed') holdClosed(machine);
  else if (machine.state.kind !== 'shutDown') enterOpen(machine, 'byHand', HELD_OPEN, 0);
};

/** Takes a hold off. When the last that held it open goes it is half-open: nobody knows yet whether the other side works. */
export const removeHold = (machine: StateMachine, hold: BreakerHold): void => {
  machine.holds = machine.holds.filter((other) => other !== hold);
  const { holds, settings, state } = machine;
  if (state.kind === 'heldClosed') machine.goOnAs(closedState(settings.mode, holds));
  else if (state.kind === 'heldOpen' && !isHeld(holds, 'open')) {
    if (isHeld(holds, 'closed') || settings.mode !== 'enforcing') close(machine, 'byHand');
    else halfOpen(machine);
  }
};

/** Closes, forgets all counted calls and all holds. */
export const reset = (machine: StateMachine): void => {
  if (machine.state.kind === 'shutDown') return;
  dropHolds(machine);
  close(machine, 'reset');
};

/** Opens for good, and ends all holds. */
export const shutDown = (machine: StateMachine): void => {
  dropHolds(machine);
  const before = machine.state;
  if (before.kind !== 'shutDown') {
    enterOpen(machine, 'shutDown', { kind: 'shutDown', before }, 0);
  }
};

/** Nobody is told that they end. */
const dropHolds = (machine: StateMachine): void => {
  for (const hold of machine.holds) hold.drop();
  machine.holds = NO_HOLDS;
};

const holdClosed = (machine: StateMachine): void => {
  const { holds, settings, state } = machine;
  const { kind } = state;
  if (isHeld(holds, 'open') || kind === 'disabled' || kind === 'shutDown') return;
  if (kind === 'closed') machine.goOnAs(closedState(settings.mode, holds));
  else close(machine, 'byHand');
};
