import type { ElapsedTime } from '../breaker/elapsed-time.js';
import type { ResolvedWindow } from '../options.js';
import { CountWindow } from './count-window.js';
import type { OutcomeWindow } from './outcome-window.js';
import { TimeWindow } from './time-window.js';

export const createWindow = (
  window: ResolvedWindow,
  time: Pick<ElapsedTime, 'read'>,
): OutcomeWindow =>
  window.kind === 'count'
    ? new CountWindow(window.size)
    : new TimeWindow(window.durationMs, window.buckets, time);
