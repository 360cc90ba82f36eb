import type { Layer } from '../operation/layer.js';
import { POLICY_OPTIONS, Policy, type PolicyOptions } from '../operation/policy.js';
import { LONGEST_MS, readNumber, refuseUnknown } from '../validation.js';
import { type AdaptiveConcurrency, readConcurrency } from './bulkhead/adaptive.js';
import { AdaptiveLimit } from './bulkhead/adaptive-limit.js';
import { BulkheadLayer } from './bulkhead/bulkhead-layer.js';
import type { BulkheadEvents } from './bulkhead/events.js';
import { FixedLimit, type Limit } from './bulkhead/limit.js';
import { Places } from './bulkhead/places.js';
import { Queue } from './bulkhead/queue.js';
import type { Teller } from './teller.js';

/** Defaults of a bulkhead, with the reason for each. */
export const BULKHEAD_DEFAULTS = Object.freeze({
  /** Calls that may wait. None: a full side is told at once, and what waits costs memory and patience. */
  maxQueue: 0,
  /** Milliseconds a call waits at most. Below what a person notices as a hang. */
  maxQueueMs: 1000,
  /** Milliseconds for which an operation that outlives its caller keeps its place. Beyond it, it hangs for good. */
  abandonAfterMs: 30_000,
} as const);

export interface BulkheadOptions extends PolicyOptions {
  /** Calls at once; 1 to 100,000, or `adaptive()`. There is no default: only you know what the other side bears. */
  readonly maxConcurrent: number | AdaptiveConcurrency;
  /** Calls that may wait for a place; 0 to 1,000,000; default 0: they are refused. */
  readonly maxQueue?: number | undefined;
  /** Milliseconds a call waits at most; above 0, to 30 days; default 1,000. */
  readonly maxQueueMs?: number | undefined;
  /**
   * Milliseconds for which an operation keeps its place after its caller was answered (by a time limit, an
   * abort), while it still runs; 0 to 30 days; default 30,000.
   */
  readonly abandonAfterMs?: number | undefined;
}

const OPTIONS = ['maxConcurrent', 'maxQueue', 'maxQueueMs', 'abandonAfterMs', ...POLICY_OPTIONS];

/**
 * Lets so many calls run at once, and so many wait: first come, first served within a priority, higher
 * priorities first. All others end with `BULKHEAD_FULL`. A place is held until the operation has really
 * ended, for one that nobody waits for any more is load all the same.
 */
export class BulkheadPolicy extends Policy<never, false, BulkheadEvents> {
  readonly kind = 'bulkhead';
  readonly repeats = false;
  /** A call that waits keeps the context of its caller by itself. */
  readonly runsLater = false;
  readonly #places: Places;
  readonly #queue: Queue;
  readonly #teller: Teller<BulkheadEvents>;

  /** @throws InvalidOptionError for an unknown or impossible option */
  constructor(options: BulkheadOptions) {
    refuseUnknown('', options, OPTIONS);
    super(options);
    const { clock, onListenerError } = this;
    const defaults = BULKHEAD_DEFAULTS;
    const ms = { max: LONGEST_MS, unit: 'ms' };
    const abandonAfterMs = readNumber(
      'abandonAfterMs',
      options.abandonAfterMs,
      defaults.abandonAfterMs,
      { ...ms, min: 0 },
    );
    const maxQueue = readNumber('maxQueue', options.maxQueue, defaults.maxQueue, {
      min: 0,
      max: 1_000_000,
      integer: true,
      unit: 'calls',
    });
    const maxQueueMs = readNumber('maxQueueMs', options.maxQueueMs, defaults.maxQueueMs, {
      ...ms,
      min: 0,
      above: true,
    });
    const concurrency = readConcurrency(options.maxConcurrent);
    const limit: Limit =
      typeof concurrency === 'number'
        ? new FixedLimit(concurrency)
        : new AdaptiveLimit(concurrency, clock, onListenerError);
    const teller: Teller<BulkheadEvents> = {
      hears: (event) => this.isHeard(event),
      tell: (event, payload) => this.emit(event, payload),
    };
    const onFree = () => this.#queue.admit();
    const shared = { clock, onListenerError, teller };
    this.#teller = teller;
    this.#places = new Places({ ...shared, limit, abandonAfterMs, onFree });
    this.#queue = new Queue({ ...shared, places: this.#places, maxQueue, maxQueueMs });
  }

  /** Places taken now. */
  get running(): number {
    return this.#places.taken;
  }

  /** How many of them are taken by operations that still run though their callers were answered. */
  get abandoned(): number {
    return this.#places.abandoned;
  }

  /** Calls that wait for a place. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Calls that may run at once, now. */
  get limit(): number {
    return this.#places.limit;
  }

  layer(next: Layer): Layer {
    const [places, queue, teller] = [this.#places, this.#queue, this.#teller];
    return new BulkheadLayer({ next, places, queue, teller });
  }
}

/**
 * Lets so many calls run at once: `bulkhead({ maxConcurrent: 10, maxQueue: 20 })`.
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const bulkhead = (options: BulkheadOptions): BulkheadPolicy => new BulkheadPolicy(options);
