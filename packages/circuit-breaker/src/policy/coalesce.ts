import type { Call } from '../operation/call.js';
import type { Layer, Sink } from '../operation/layer.js';
import { neverThrows } from '../operation/own-layer.js';
import { POLICY_OPTIONS, Policy, type PolicyOptions } from '../operation/policy.js';
import type { Scope } from '../operation/scope.js';
import { refuseUnknown } from '../validation.js';
import { SharedCalls } from './sharing/shared-calls.js';

export interface CoalesceEvents {
  /** A call waits for the result of one that runs already. */
  joined: {
    readonly key: string;
    /** Callers that wait for it, this one included. */
    readonly callers: number;
  };
}

/**
 * Calls with the same `key` share one run while it lasts, and get the same result: the very same object. A
 * caller who gives up leaves; the run is only given up when the last has left. A call without a key passes
 * straight through.
 */
export class CoalescePolicy extends Policy<never, false, CoalesceEvents> {
  readonly kind = 'coalesce';
  readonly repeats = false;
  /** A call that joins another keeps the context of its caller by itself. */
  readonly runsLater = false;
  readonly #calls = new SharedCalls();

  /** @throws InvalidOptionError for an unknown or impossible option */
  constructor(options: PolicyOptions = {}) {
    refuseUnknown('', options, POLICY_OPTIONS);
    super(options);
  }

  /** Keys for which a call runs that others may join. */
  get running(): number {
    return this.#calls.running;
  }

  layer(next: Layer): Layer {
    return new CoalesceLayer(next, this.#calls, (told) => this.emit('joined', told));
  }
}

class CoalesceLayer implements Layer {
  readonly [neverThrows] = true;
  readonly #next: Layer;
  readonly #calls: SharedCalls;
  readonly #tellJoined: (told: CoalesceEvents['joined']) => void;

  constructor(
    next: Layer,
    calls: SharedCalls,
    tellJoined: (told: CoalesceEvents['joined']) => void,
  ) {
    this.#next = next;
    this.#calls = calls;
    this.#tellJoined = tellJoined;
  }

  run(call: Call, scope: Scope, sink: Sink): void {
    const { key } = call.options;
    if (key === undefined) {
      this.#next.run(call, scope, sink);
      return;
    }
    const joined = this.#calls.join(key, scope, sink);
    if (joined === undefined) {
      const shared = this.#calls.open(key, scope, sink);
      this.#next.run(call, shared, shared);
    } else this.#tellJoined({ key, callers: joined.callers });
  }
}

/**
 * Lets calls with the same key share one run: `coalesce().execute(fetchRates, { key: 'rates' })`.
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const coalesce = (options?: PolicyOptions): CoalescePolicy => new CoalescePolicy(options);
