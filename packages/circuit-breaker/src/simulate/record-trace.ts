import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { inner } from '../breaker/inner.js';
import type { Outcome } from '../breaker/outcome.js';
import { readNumber, refuseUnknown } from '../validation.js';
import type { Trace, TraceCall } from './trace.js';

/** Defaults of a recorder, with the reason for each. */
export const RECORDER_DEFAULTS = Object.freeze({
  /** Calls kept. Minutes of a busy service, in about a megabyte. */
  maxCalls: 10_000,
} as const);

export interface RecordTraceOptions {
  /** Calls kept, the latest; 1 to 10,000,000; default 10,000. */
  readonly maxCalls?: number | undefined;
}

/** Writes down the calls of a breaker. */
export interface TraceRecorder {
  /** The calls that have ended, the latest `maxCalls` of them, in the order of their ends. Times count from the start of the recording. */
  readonly trace: Trace;
  /** How many older ones were left out. */
  readonly dropped: number;
  /** How many calls were refused: nobody knows how they would have ended, so they are not in the trace. */
  readonly refused: number;
  /** Ends the recording; what was recorded stays. */
  stop(): void;
  [Symbol.dispose](): void;
}

/**
 * Records the calls of `breaker` from its events, for `simulate`. How long a call took is known only if calls
 * are timed (`latency` or `slowCalls`) and its result was not late; otherwise it is taken for one that began
 * when it ended. Weights and waits that `classify` gave are not kept. While a breaker is open it has no
 * calls to record: to find out what other options would have done, record in mode `shadow`.
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const recordTrace = (
  breaker: CircuitBreaker,
  options: RecordTraceOptions = {},
): TraceRecorder => new Recorder(breaker, options);

class Recorder implements TraceRecorder {
  readonly #maxCalls: number;
  /** A ring, once it is full. */
  readonly #calls: TraceCall[] = [];
  readonly #now: () => number;
  readonly #stops: (() => void)[];
  #ended = 0;
  refused = 0;

  constructor(breaker: CircuitBreaker, options: RecordTraceOptions) {
    refuseUnknown('', options, ['maxCalls']);
    this.#maxCalls = readNumber('maxCalls', options.maxCalls, RECORDER_DEFAULTS.maxCalls, {
      min: 1,
      max: 10_000_000,
      integer: true,
      unit: 'calls',
    });
    const { machine } = breaker[inner];
    const began = machine.now();
    this.#now = () => machine.now() - began;
    const { events } = breaker;
    this.#stops = [
      events.on('succeeded', ({ durationMs }) => this.#add('success', durationMs)),
      events.on('failed', ({ durationMs }) => this.#add('failure', durationMs)),
      events.on('ignored', ({ durationMs }) => this.#add('ignored', durationMs)),
      events.on('lateResultDropped', ({ outcome }) => this.#add(outcome, undefined)),
      events.on('rejected', () => {
        this.refused += 1;
      }),
    ];
  }

  get trace(): Trace {
    const oldest = this.dropped % this.#maxCalls;
    return [...this.#calls.slice(oldest), ...this.#calls.slice(0, oldest)];
  }

  get dropped(): number {
    return this.#ended - this.#calls.length;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #add(outcome: Outcome, durationMs = 0): void {
    const call = { atMs: this.#now() - durationMs, durationMs, outcome };
    this.#calls[this.#ended % this.#maxCalls] = call;
    this.#ended += 1;
  }
}
