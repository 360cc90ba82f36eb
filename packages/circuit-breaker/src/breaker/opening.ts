import { CoarseTime } from '../operation/coarse-time.js';
import { openWait } from './open-wait.js';
import { retryAfterMs } from './retry-after.js';
import { publicState, type State } from './state.js';
import type { StateMachine } from './state-machine.js';
import type { OpenReason } from './transition.js';

/** What is known of the openings since the breaker was last closed. */
export interface Openings {
  readonly count: number;
  readonly lastWaitMs: number | undefined;
}

export const NEVER_OPENED: Openings = { count: 0, lastWaitMs: undefined };

/** Opens it, as a rule or someone asks; held, disabled and shut down ones stay as they are. */
export const trip = (machine: StateMachine, reason: OpenReason, openForMs?: number): void => {
  const { kind } = machine.state;
  if (kind !== 'closed' && kind !== 'halfOpen' && kind !== 'rampUp' && kind !== 'open') return;
  if (machine.settings.mode === 'shadow') wouldOpen(machine, reason, openForMs);
  else open(machine, reason, openForMs);
};

/** @param lateMs how long ago it should have been noticed */
export const open = (
  machine: StateMachine,
  reason: OpenReason,
  openForMs: number | undefined,
  lateMs = 0,
): void => {
  const { openings } = machine;
  const waitMs = openForMs ?? askForWait(machine, openings);
  if (waitMs === undefined) return;
  machine.openings = { count: openings.count + 1, lastWaitMs: waitMs };
  const state = openState(machine, machine.now() - lateMs, waitMs);
  enterOpen(machine, reason, state, Math.max(0, waitMs - lateMs));
};

/** As `open`, for an opening of before or elsewhere that has `remainingMs` left. */
export const reopen = (machine: StateMachine, waitMs: number, remainingMs: number): void => {
  const openedAt = machine.now() + remainingMs - waitMs;
  enterOpen(machine, 'restored', openState(machine, openedAt, waitMs), remainingMs);
};

/** @param leftMs until it may be half-open, where that is known */
export const enterOpen = (
  machine: StateMachine,
  reason: OpenReason,
  state: State,
  leftMs: number,
): void => {
  const window = machine.tally.count();
  const from = publicState(machine.state);
  const wasOpen = machine.state.kind === 'open' && state.kind === 'open';
  machine.become(state);
  if (from === 'open' && !wasOpen) return;
  const retryMs = state.kind === 'open' ? Math.ceil(leftMs) : retryAfterMs(machine);
  machine.note({ to: 'open', from, reason, retryAfterMs: retryMs, window });
};

/** What opening is in mode `shadow`: it is told, once for the time for which a real breaker would be open. */
const wouldOpen = (
  machine: StateMachine,
  reason: OpenReason,
  openForMs: number | undefined,
): void => {
  const now = machine.now();
  if (now >= machine.generation.quietUntil) {
    const waitMs = openForMs ?? askForWait(machine, NEVER_OPENED);
    if (waitMs === undefined) return;
    machine.generation.quietUntil = now + waitMs;
    machine.note({
      to: 'wouldOpen',
      from: 'closed',
      reason,
      retryAfterMs: Math.ceil(waitMs),
      window: machine.tally.count(),
    });
  }
  machine.forgetCalls();
};

const openState = ({ settings }: StateMachine, at: number, waitMs: number): State => ({
  kind: 'open',
  until: at + waitMs,
  waitMs,
  coarse: CoarseTime.of(settings.clock),
});

/** Undefined if the user code that is asked for it has changed the state: that change stands. */
const askForWait = (machine: StateMachine, { count, lastWaitMs }: Openings): number | undefined => {
  // That code uses this breaker, which is about to open as it is.
  if (machine.isAsking) return undefined;
  const { state, generation } = machine;
  machine.isAsking = true;
  const waitMs = openWait(machine.settings, count + 1, lastWaitMs);
  machine.isAsking = false;
  return state === machine.state && generation === machine.current ? waitMs : undefined;
};
