import { same } from './difference.js';
import type { Told } from './event.js';
import { retryAfterMs, sumsOf } from './meaning.js';
import type { ModelledBreaker } from './modelled-breaker.js';
import { inAWord, type TestedBreaker } from './tested-breaker.js';

/** How many events were compared already. */
export interface Progress {
  events: number;
}

/** Looks at both and compares all there is to see. @throws Difference */
export const compare = (tested: TestedBreaker, model: ModelledBreaker, done: Progress): void => {
  const { breaker } = tested;
  model.look();
  compareStats(tested, model);
  same('retryAfterMs()', breaker.retryAfterMs(), retryAfterMs(model.b));
  same('isShutDown', breaker.isShutDown, model.b.isShutDown);
  same('mayWait', breaker.mayWait, model.mayWait);
  same('holds', breaker.holds.map(({ kind }) => kind).join(), model.b.holds.join());
  compareEvents(tested.heard, model.told, done);
  compareTimers(tested, model);
};

const compareStats = ({ breaker }: TestedBreaker, model: ModelledBreaker): void => {
  const { b, options } = model;
  const stats = breaker.stats();
  const { calls, failures, slow, weight, failedWeight, slowWeight } = sumsOf(options.window, b);
  const isRamp = b.kind === 'rampUp';
  same('state', stats.state, b.state);
  same('mode', stats.mode, b.options.mode);
  same('held', stats.held, { heldOpen: 'open', heldClosed: 'closed' }[b.kind as 'heldOpen']);
  same('stats().retryAfterMs', stats.retryAfterMs, retryAfterMs(b));
  same('inFlight', stats.inFlight, b.running.length);
  same('waiting', stats.waiting, model.waiting.length);
  same('window.calls', stats.window.calls, calls);
  same('window.failures', stats.window.failures, failures);
  same('window.slow', stats.window.slow, slow);
  same('window.failureRate', stats.window.failureRate, weight === 0 ? 0 : failedWeight / weight);
  same('window.slowRate', stats.window.slowRate, weight === 0 ? 0 : slowWeight / weight);
  same('failuresInARow', stats.failuresInARow, b.failuresInARow);
  same('share', stats.share, isRamp ? Math.min(1, b.options.share(b)) : undefined);
  const { trials } = stats;
  same('trials', trials !== undefined, b.kind === 'halfOpen');
  if (trials !== undefined) {
    const ended = (how: string) => b.trials.filter((outcome) => outcome === how).length;
    same('trials.running', trials.running, b.mine.length);
    same('trials.succeeded', trials.succeeded, ended('success'));
    same('trials.failed', trials.failed, ended('failure'));
  }
  const { totals } = stats;
  same('totals.succeeded', totals.succeeded, model.totals.succeeded);
  same('totals.failed', totals.failed, model.totals.failed);
  same('totals.ignored', totals.ignored, model.totals.ignored);
  same('totals.rejected', totals.rejected, model.totals.rejected);
  same('totals.late', totals.late, model.totals.late);
  same('totals.opened', totals.opened, model.totals.opened);
};

const compareEvents = (heard: readonly Told[], told: readonly Told[], done: Progress): void => {
  for (; done.events < Math.max(heard.length, told.length); done.events += 1) {
    const place = `event ${done.events}`;
    const [actual, expected] = [heard[done.events], told[done.events]];
    same(place, actual?.event, expected?.event);
    if (actual === undefined || expected === undefined) return;
    same(`state at ${place} (${actual.event})`, actual.state, expected.state);
    const names = Object.keys(expected.facts);
    same(`facts of ${place}`, Object.keys(actual.facts).length, names.length);
    for (const name of names) {
      const fact = `${actual.event}.${name}`;
      same(fact, inAWord(actual.facts[name]), inAWord(expected.facts[name]));
    }
  }
};

/**
 * One timer for all that waits, which a clock with slack may keep for a while when nothing does; one more
 * if someone wants to hear of half-open in time.
 */
const compareTimers = ({ clock }: TestedBreaker, model: ModelledBreaker): void => {
  const wakesUp = model.b.kind === 'open' && model.hears('halfOpened');
  const pending = clock.pendingTimers - (wakesUp ? 1 : 0);
  if (clock.slackMs > 0) same('at most one timer', pending === 0 || pending === 1, true);
  else same('pending timers', pending, Math.min(1, model.deadlines.count));
};
