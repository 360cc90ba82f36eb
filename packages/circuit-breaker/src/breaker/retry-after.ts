import type { RejectionReason } from '../errors.js';
import type { Settings } from '../options.js';
import { heldWait } from './open-wait.js';
import type { State } from './state.js';
import { type HalfOpen, hasPlace, trialDeadline } from './trials.js';

/** Wait proposed to those refused while others are let through: a verdict is near. */
const SOON_MS = 1000;

/** A state machine, to those who only ask. */
interface Machine {
  readonly state: State;
  readonly settings: Settings;
  now(): number;
}

/** Why a call would be refused in `state`, if it were. */
export const refusalReason = ({ kind }: State): RejectionReason => {
  switch (kind) {
    case 'heldOpen':
      return 'heldOpen';
    case 'halfOpen':
      return 'trialsBusy';
    case 'rampUp':
      return 'rampingUp';
    default:
      return 'open';
  }
};

/** Milliseconds until a call may be let in again; 0 if one may be now. */
export const retryAfterMs = (machine: Machine): number => {
  const { state } = machine;
  switch (state.kind) {
    case 'open':
      return leftMs(machine, state.until);
    case 'heldOpen':
      return heldWait(machine.settings);
    case 'shutDown':
      return Number.POSITIVE_INFINITY;
    case 'halfOpen':
      return placeInMs(machine, state);
    default:
      return 0;
  }
};

/** As `retryAfterMs`, for a call that was refused just now. */
export const refusedForMs = (machine: Machine): number =>
  machine.state.kind === 'rampUp' ? SOON_MS : retryAfterMs(machine);

/** The same, for an error that may be read much later: it tells of the state it was refused in. */
export const refusalTimer = (machine: Machine): (() => number) => {
  const { state } = machine;
  if (state.kind === 'open') return () => leftMs(machine, state.until);
  if (state.kind === 'halfOpen') return () => placeInMs(machine, state);
  return () => (state === machine.state ? refusedForMs(machine) : 0);
};

const leftMs = (machine: Machine, until: number): number =>
  Math.max(0, Math.ceil(until - machine.now()));

const placeInMs = (machine: Machine, trials: HalfOpen): number => {
  const { halfOpen } = machine.settings;
  if (hasPlace(trials, halfOpen)) return 0;
  return Math.min(SOON_MS, leftMs(machine, trialDeadline(trials, halfOpen)));
};
