import { AUDIENCE } from '../events/audience.js';
import type { TimeSource } from '../ports/time-source.js';
import type { Bulletin } from './bulletin.js';
import type { Refusal } from './refusal.js';
import { RunningCalls } from './running-calls.js';

/** What `execute` hands to `.then`; made once for each generation. */
export interface Handlers {
  readonly fulfilled: (value: unknown) => unknown;
  readonly rejected: (error: unknown) => unknown;
}

/**
 * The time between two changes of state. A call belongs to the generation it began in, and its result
 * counts in no other.
 */
export class Generation {
  /** Whether each call is let through without being asked for: closed, untimed, by its rules. */
  isOpenToAll: boolean;
  /**
   * What `AUDIENCE` is at if a success that is not slow changes nothing but how many there were: it is the
   * current one, and has neither a failure nor a `classify` nor a listener. Else -1.
   */
  plainAt = -1;
  /** The time that must not have gone on meanwhile; undefined where it plays no part. */
  ticking: TimeSource | undefined = undefined;
  /** How many more may go the short way before that is looked at: its tick may be long overdue. */
  shortWays = 0;
  /** Whether each plain success must be asked all the same who hears it: some may begin to without a word. */
  asks = false;
  /** Milliseconds from which a call is slow. Up to date while it is plain. */
  slowMs = Number.POSITIVE_INFINITY;
  /** What `AUDIENCE` is at if a call is surely refused, and nobody hears of it. Else -1. */
  refusedAt = -1;
  /** Until when `wouldOpen` is not told again: a real breaker would be open. */
  quietUntil = 0;
  handlers: Handlers | undefined = undefined;
  /** What callers are refused with: see `refusedAt`. */
  sharedRefusal: Promise<never> | undefined = undefined;
  /** What callers are refused with. */
  refusal: Refusal | undefined = undefined;
  #running: RunningCalls | undefined = undefined;

  constructor(isOpenToAll: boolean) {
    this.isOpenToAll = isOpenToAll;
  }

  /** Its timed calls. */
  get running(): RunningCalls {
    this.#running ??= new RunningCalls();
    return this.#running;
  }
}

/** As many go the short way at most before time is looked at. */
export const SHORT_WAYS = 64;

/** Whether a success that is not slow needs nothing but to be counted. Ask once for each. */
export const isPlain = (generation: Generation, bulletin: Bulletin): boolean =>
  generation.plainAt === AUDIENCE.changes &&
  (generation.ticking === undefined || mayGo(generation, generation.ticking)) &&
  !(generation.asks && bulletin.hears('succeeded'));

/** Whether a call is refused without a look at anything. Ask once for each. */
export const isRefused = (generation: Generation): boolean =>
  generation.refusedAt === AUDIENCE.changes &&
  generation.ticking !== undefined &&
  mayGo(generation, generation.ticking);

const mayGo = (generation: Generation, { ticks }: TimeSource): boolean => {
  generation.shortWays -= 1;
  return ticks === true && generation.shortWays >= 0;
};
