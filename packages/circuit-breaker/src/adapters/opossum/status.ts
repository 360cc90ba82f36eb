import { EventEmitter } from 'node:events';
import { systemClock } from '../../ports/system-clock.js';
import { callListeners } from './call-listeners.js';
import { OPOSSUM_DEFAULTS, readAmount } from './options.js';
import { RollingCounts } from './rolling-counts.js';
import type { CircuitBucket, CircuitStats } from './stats.js';

/** Where a circuit finds the counts of a status, also of one that another copy of this entry made. */
export const counted: unique symbol = Symbol.for('@nestcms/circuit-breaker.opossum.counts');

export interface CircuitStatusOptions {
  /** Slices of the window; default 10. */
  readonly rollingCountBuckets?: number | undefined;
  /** Milliseconds of the window; default 10,000. */
  readonly rollingCountTimeout?: number | undefined;
  /** Whether latencies are kept; default true. */
  readonly rollingPercentilesEnabled?: boolean | undefined;
  /** Whether `snapshot` is told at the end of each slice, to those who listen; default true. */
  readonly enableSnapshots?: boolean | undefined;
  /** Its event `rotate` begins each slice; default: the clock does. */
  readonly rotateBucketController?: EventEmitter | undefined;
  /** What was counted before, as `stats` gives it. */
  readonly stats?: Partial<CircuitStats> | undefined;
}

/** The counts of a circuit. Emits `snapshot` with the {@link CircuitStats} at the end of each slice while someone listens. */
export class CircuitStatus extends EventEmitter {
  readonly rollingPercentilesEnabled: boolean;
  readonly enableSnapshots: boolean;
  readonly #counts: RollingCounts;
  readonly #controller: EventEmitter | undefined;
  readonly #rotate = (): void => this.#counts.rotate();
  #isRotated = false;
  #cancelSnapshot: (() => void) | undefined;
  #isShutDown = false;

  /** @throws InvalidOptionError for an amount that is no number */
  constructor(options: CircuitStatusOptions = {}) {
    super();
    this.rollingPercentilesEnabled = options.rollingPercentilesEnabled !== false;
    this.enableSnapshots = options.enableSnapshots !== false;
    this.#controller = options.rotateBucketController;
    const read = (option: 'rollingCountTimeout' | 'rollingCountBuckets') =>
      // No window is none at all: 0 is taken for the default.
      readAmount(option, options[option], 0) || OPOSSUM_DEFAULTS[option];
    this.#counts = new RollingCounts({
      durationMs: read('rollingCountTimeout'),
      slices: read('rollingCountBuckets'),
      keepsLatencies: this.rollingPercentilesEnabled,
      rotatedByHand: this.#controller !== undefined,
      clock: systemClock,
      stats: options.stats,
    });
    this.startRotating();
  }

  /** What the window holds. */
  get stats(): CircuitStats {
    return this.#counts.stats();
  }

  /** The slices of the window, newest first; a copy. */
  get window(): CircuitBucket[] {
    return this.#counts.buckets();
  }

  /** Its {@link RollingCounts}. */
  get [counted](): unknown {
    return this.#counts;
  }

  /** Listens to the controller, if there is one. */
  startRotating(): void {
    if (this.#isRotated || this.#isShutDown) return;
    this.#isRotated = true;
    this.#controller?.on('rotate', this.#rotate);
  }

  stopRotating(): void {
    this.#isRotated = false;
    this.#controller?.removeListener('rotate', this.#rotate);
  }

  /** Stops telling snapshots, for good. */
  shutdown(): void {
    this.#isShutDown = true;
    this.#cancelSnapshot?.();
    this.#cancelSnapshot = undefined;
    this.stopRotating();
    this.removeAllListeners();
  }

  override on(event: 'snapshot', listener: (snapshot: CircuitStats) => void): this;
  override on(event: string | symbol, listener: (...args: never[]) => void): this;
  override on(event: string | symbol, listener: (...args: never[]) => void): this {
    super.on(event, listener as () => void);
    this.#awaitSnapshot();
    return this;
  }

  override addListener(event: 'snapshot', listener: (snapshot: CircuitStats) => void): this;
  override addListener(event: string | symbol, listener: (...args: never[]) => void): this;
  override addListener(event: string | symbol, listener: (...args: never[]) => void): this {
    return this.on(event, listener);
  }

  override prependListener(event: 'snapshot', listener: (snapshot: CircuitStats) => void): this;
  override prependListener(event: string | symbol, listener: (...args: never[]) => void): this;
  override prependListener(event: string | symbol, listener: (...args: never[]) => void): this {
    super.prependListener(event, listener as () => void);
    this.#awaitSnapshot();
    return this;
  }

  /** Holds a timer only while someone listens. */
  #awaitSnapshot(): void {
    if (this.#cancelSnapshot !== undefined || this.#isShutDown || !this.enableSnapshots) return;
    if (this.listenerCount('snapshot') === 0) return;
    const tell = () => {
      this.#cancelSnapshot = undefined;
      callListeners(this, 'snapshot', [this.stats]);
      this.#awaitSnapshot();
    };
    const delayMs = this.#counts.untilSliceEndsMs();
    this.#cancelSnapshot = systemClock.setTimer(tell, delayMs, { background: true });
  }
}
