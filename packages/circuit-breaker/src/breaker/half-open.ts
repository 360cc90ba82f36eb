import { close } from './closing.js';
import { open } from './opening.js';
import { startRampUp } from './ramp-up.js';
import { publicState, type State } from './state.js';
import type { StateMachine } from './state-machine.js';
import { type HalfOpen, noTrials, trialDeadline, verdictOf } from './trials.js';

/** Lets trials find out whether the other side works. */
export const halfOpen = (machine: StateMachine): void => enter(machine, noTrials(), 'halfOpen');

/** Opens, closes or ramps up, as the trials say; goes on if they say nothing yet. */
export const judgeTrials = (machine: StateMachine, trials: HalfOpen): void => {
  const verdict = verdictOf(trials, machine.settings.halfOpen);
  if (verdict === 'failed') open(machine, 'trialFailed', undefined);
  else if (verdict === 'succeeded') trialsSucceeded(machine);
};

/** Opens if the trials should have come to a verdict by now. */
export const endTrialsInTime = (machine: StateMachine, trials: HalfOpen): void => {
  if (trials.running === 0) return;
  const lateMs = machine.now() - trialDeadline(trials, machine.settings.halfOpen);
  if (lateMs >= 0) open(machine, 'trialsTimedOut', undefined, lateMs);
};

const trialsSucceeded = (machine: StateMachine): void => {
  const { rampUp } = machine.settings;
  if (rampUp === false) {
    close(machine, 'trialsSucceeded');
    return;
  }
  machine.forgetCalls();
  enter(machine, startRampUp(rampUp, machine.now()), 'rampUp');
};

const enter = (machine: StateMachine, state: State, to: 'halfOpen' | 'rampUp'): void => {
  const from = publicState(machine.state);
  machine.become(state);
  machine.note({ to, from });
};
