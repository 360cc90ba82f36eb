export {
  RECORDER_DEFAULTS,
  type RecordTraceOptions,
  recordTrace,
  type TraceRecorder,
} from './record-trace.js';
export {
  type OutcomeCounts,
  type SimulatedTransition,
  type SimulateOptions,
  type Simulation,
  simulate,
} from './simulate.js';
export type { OutcomeOf, Trace, TraceCall } from './trace.js';
