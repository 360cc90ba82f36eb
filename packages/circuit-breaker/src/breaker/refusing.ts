import {
  BreakerOpenError,
  BreakerShutDownError,
  type CircuitBreakerError,
  type RejectionReason,
  withoutStack,
} from '../errors.js';
import { AUDIENCE } from '../events/audience.js';
import { slackOf } from '../ports/slack-of.js';
import type { Bulletin } from './bulletin.js';
import { type Generation, SHORT_WAYS } from './generation.js';
import { Refusal } from './refusal.js';
import { refusalTimer, refusedForMs } from './retry-after.js';
import type { StateMachine } from './state-machine.js';

/** An engine, to those who are not let in. */
interface Refuser {
  readonly machine: StateMachine;
  readonly bulletin: Bulletin;
  /** Calls that were refused. */
  rejected: number;
}

/** Refuses a call for `reason`, by a promise. */
export const refuse = (engine: Refuser, reason: RejectionReason): Promise<never> => {
  countRefusal(engine, reason);
  const refusal = refusalFor(engine, reason);
  return engine.machine.settings.sharedRejection ? refusal.shared() : refusal.own();
};

/** The refusal of a breaker that is surely still open, by the shortest way; else undefined. */
export const refuseIfOpen = (
  engine: Refuser,
  generation: Generation,
): Promise<never> | undefined => {
  const { machine, bulletin } = engine;
  if (!isSurelyOpen(machine)) return undefined;
  const refusal = refuse(engine, 'open');
  if (bulletin.isSteady && !bulletin.hears('rejected')) refuseUntilTick(machine, generation);
  generation.sharedRefusal = machine.settings.sharedRejection ? refusal : undefined;
  return refusal;
};

/** Refuses a call of which `isRefused` says that it is. */
export const refuseAgain = (
  engine: Refuser,
  { refusal, sharedRefusal }: Generation,
): Promise<never> => {
  engine.rejected += 1;
  // It was refused before.
  return sharedRefusal ?? (refusal as Refusal).own();
};

/** Counts and tells a refusal. */
export const countRefusal = (engine: Refuser, reason: RejectionReason): void => {
  engine.rejected += 1;
  if (engine.bulletin.isSilent) return;
  engine.bulletin.rejected(reason, () => refusedForMs(engine.machine));
};

/** What callers are refused with, one for each generation. */
export const refusalFor = (engine: Refuser, reason: RejectionReason): Refusal => {
  const { generation } = engine.machine;
  generation.refusal ??= new Refusal(withoutStack(() => refusalError(engine, reason)));
  return generation.refusal;
};

/** Whether it is open and stays so for a while yet, by a time that costs nothing to read. */
const isSurelyOpen = (machine: StateMachine): boolean => {
  const { state } = machine;
  if (state.kind !== 'open') return false;
  const slackMs = slackOf(machine.settings.clock);
  const now = slackMs > 0 ? state.coarse.read() + slackMs : machine.now();
  return now < state.until;
};

const refuseUntilTick = ({ state }: StateMachine, generation: Generation): void => {
  if (state.kind !== 'open') return;
  const { coarse } = state;
  // What is told once for a generation is enough: the next tick ends all of it.
  if (generation.refusedAt < 0) {
    const ended = () => {
      generation.refusedAt = -1;
    };
    if (!coarse.beforeTick?.(ended)) return;
  }
  generation.refusedAt = AUDIENCE.changes;
  generation.ticking = coarse;
  generation.shortWays = SHORT_WAYS;
};

const refusalError = (
  { machine, bulletin }: Refuser,
  reason: RejectionReason,
): CircuitBreakerError => {
  const { breaker } = bulletin;
  if (machine.state.kind === 'shutDown') return new BreakerShutDownError({ breaker });
  return new BreakerOpenError({ breaker, reason, retryAfterMs: refusalTimer(machine) });
};
