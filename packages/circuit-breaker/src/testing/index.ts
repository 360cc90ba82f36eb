export { ManualClock, type ManualClockOptions } from './manual-clock.js';
export { type BreakerMatchers, breakerMatchers, type MatcherResult } from './matchers.js';
export { type RecordedEvent, recordEvents } from './record-events.js';
export {
  type ScriptedOperation,
  type ScriptedOptions,
  type ScriptedOutcome,
  scripted,
} from './scripted.js';
