import { CoarseTime } from '../operation/coarse-time.js';
import type { ResolvedWindow } from '../options.js';
import type { Clock } from '../ports/clock.js';
import { ElapsedTime } from '../ports/elapsed-time.js';
import { slackOf } from '../ports/slack-of.js';
import type { TimeSource } from '../ports/time-source.js';
import { ConsecutiveWindow } from './consecutive-window.js';
import { CountWindow } from './count-window.js';
import { EwmaWindow } from './ewma-window.js';
import type { OutcomeWindow } from './outcome-window.js';
import { TimeWindow } from './time-window.js';

/**
 * An empty window.
 * @param exact the time of `clock` for a window that tells short times apart
 */
export const createWindow = (
  window: ResolvedWindow,
  clock: Clock,
  exact: TimeSource = ElapsedTime.of(clock),
): OutcomeWindow => {
  const slackMs = slackOf(clock);
  // Coarse time will do where it is no more than half of what is told apart.
  const timeFor = (stepMs: number) =>
    slackMs > 0 && stepMs >= 2 * slackMs ? CoarseTime.of(clock) : exact;
  switch (window.kind) {
    case 'count':
      return new CountWindow(window.size);
    case 'time': {
      const { durationMs, buckets } = window;
      return new TimeWindow(durationMs, buckets, timeFor(durationMs / buckets));
    }
    case 'ewma':
      return new EwmaWindow(window.halfLifeMs, timeFor(window.halfLifeMs / 10));
    case 'consecutive':
      return new ConsecutiveWindow();
  }
};

/** Moves the calls of `from` to `to`: one by one where both are of a kind, else by their sums. */
export const moveCalls = (from: OutcomeWindow, to: OutcomeWindow): void => {
  if (from instanceof CountWindow && to instanceof CountWindow) to.takeOver(from);
  else if (from instanceof TimeWindow && to instanceof TimeWindow) to.takeOver(from);
  else {
    from.refresh();
    to.takeIn(from);
  }
};
