import type { BreakerMode } from '../options.js';
import { type Hold, isHeld } from './hold.js';
import { NEVER_OPENED } from './opening.js';
import { publicState, type State } from './state.js';
import type { StateMachine } from './state-machine.js';
import type { CloseReason } from './transition.js';

const CLOSED: State = { kind: 'closed' };
const HELD_CLOSED: State = { kind: 'heldClosed' };
const DISABLED: State = { kind: 'disabled' };

/** Closed, as the mode and the holds say. */
export const closedState = (mode: BreakerMode, holds: readonly Hold[]): State => {
  if (mode === 'disabled') return DISABLED;
  return isHeld(holds, 'closed') ? HELD_CLOSED : CLOSED;
};

/** Closes with an empty window. */
export const close = (machine: StateMachine, reason: CloseReason): void => {
  const from = publicState(machine.state);
  machine.forgetCalls();
  machine.become(closedState(machine.settings.mode, machine.holds));
  machine.openings = NEVER_OPENED;
  if (from !== 'closed') machine.note({ to: 'closed', from, reason });
};

/** Closes with the calls of before, which count on. */
export const closeKeepingCalls = (machine: StateMachine, reason: CloseReason): void => {
  const from = publicState(machine.state);
  machine.goOnAs(closedState(machine.settings.mode, machine.holds));
  machine.openings = NEVER_OPENED;
  if (from !== 'closed') machine.note({ to: 'closed', from, reason });
};

/** Closes it if it must be closed in the mode it has now, which is another than before. */
export const followMode = (machine: StateMachine): void => {
  const { kind } = machine.state;
  const { mode } = machine.settings;
  if (kind === 'heldOpen' || kind === 'shutDown') return;
  if (mode === 'disabled' || kind === 'disabled') close(machine, 'modeChanged');
  else if (mode === 'shadow' && publicState(machine.state) !== 'closed') {
    closeKeepingCalls(machine, 'modeChanged');
  }
};
