import { readText, refuseUnknown } from '../validation.js';
import { close, closedState } from './closing.js';
import type { Engine } from './engine.js';
import { halfOpen } from './half-open.js';
import { BreakerHold, type Hold, isHeld, NO_HOLDS } from './hold.js';
import { enterOpen } from './opening.js';
import type { State } from './state.js';
import type { StateMachine } from './state-machine.js';

const HELD_OPEN: State = { kind: 'heldOpen' };

/** Holds a breaker open or closed. One that is shut down needs no hold, and tells of none. */
export const takeHold = (
  engine: Engine,
  kind: Hold['kind'],
  options: { readonly reason?: string | undefined },
): Hold => {
  refuseUnknown('', options, ['reason']);
  const reason = options.reason === undefined ? undefined : readText('reason', options.reason);
  const { machine, bulletin } = engine;
  const made = new BreakerHold(kind, reason, (released) => {
    engine.change(() => removeHold(machine, released));
    bulletin.tell('released', { kind, reason });
  });
  if (machine.state.kind === 'shutDown') {
    made.drop();
    return made;
  }
  engine.change(() => addHold(machine, made));
  bulletin.tell('held', { kind, reason });
  return made;
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

/** Adds a hold. One that holds open goes first. */
const addHold = (machine: StateMachine, hold: BreakerHold): void => {
  const isFirst = !isHeld(machine.holds, hold.kind);
  machine.holds = [...machine.holds, hold];
  if (!isFirst) return;
  if (hold.kind === 'closed') holdClosed(machine);
  else if (machine.state.kind !== 'shutDown') enterOpen(machine, 'byHand', HELD_OPEN, 0);
};

const holdClosed = (machine: StateMachine): void => {
  const { holds, settings, state } = machine;
  const { kind } = state;
  if (isHeld(holds, 'open') || kind === 'disabled' || kind === 'shutDown') return;
  if (kind === 'closed') machine.goOnAs(closedState(settings.mode, holds));
  else close(machine, 'byHand');
};

/** Takes a hold off. When the last that held it open goes it is half-open: nobody knows yet whether the other side works. */
const removeHold = (machine: StateMachine, hold: BreakerHold): void => {
  machine.holds = machine.holds.filter((other) => other !== hold);
  const { holds, settings, state } = machine;
  if (state.kind === 'heldClosed') machine.goOnAs(closedState(settings.mode, holds));
  else if (state.kind === 'heldOpen' && !isHeld(holds, 'open')) {
    if (isHeld(holds, 'closed') || settings.mode !== 'enforcing') close(machine, 'byHand');
    else halfOpen(machine);
  }
};

/** Nobody is told that they end. */
const dropHolds = (machine: StateMachine): void => {
  for (const hold of machine.holds) hold.drop();
  machine.holds = NO_HOLDS;
};
