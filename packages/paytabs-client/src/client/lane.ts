import {
  type BulkheadPolicy,
  bulkhead,
  type CircuitBreaker,
  isCircuitBreakerError,
} from '@nestcms/circuit-breaker';
import { BULKHEAD_DEFAULTS } from '../defaults.js';
import { PayTabsError } from '../errors.js';
import type { OperationKind } from '../events.js';
import type { ResolvedOptions } from '../options.js';

/** @throws PayTabsError INVALID_OPTION in place of what a part of `@nestcms/circuit-breaker` says of its options */
export function tuned<Part>(where: string, make: () => Part): Part {
  try {
    return make();
  } catch (error) {
    if (!isCircuitBreakerError(error, 'INVALID_OPTION')) throw error;
    const { option, allowed, value } = error;
    // Anything but a number may be what was meant for another option.
    const given = typeof value === 'number' ? ` (given: ${value})` : '';
    throw new PayTabsError(
      'INVALID_OPTION',
      `${where}: Option '${option}' must be ${allowed}${given}`,
    );
  }
}

/** The way that calls of one kind take: a place among so many, then the breaker. */
export class Lane {
  readonly breaker: CircuitBreaker;
  readonly #bulkhead: BulkheadPolicy;
  readonly #maxQueue: number;

  /** @throws PayTabsError INVALID_OPTION */
  constructor(
    kind: OperationKind,
    { options, breaker }: { options: ResolvedOptions; breaker: CircuitBreaker },
  ) {
    const { clock, maxConnections, onListenerError } = options;
    const {
      // Both kinds together fill the connections: beyond that they would wait where nobody counts them.
      maxConcurrent = Math.max(1, Math.floor(maxConnections / 2)),
      maxQueue = BULKHEAD_DEFAULTS.maxQueue,
      maxQueueMs = BULKHEAD_DEFAULTS.maxQueueMs,
      ...unknown
    } = options.bulkheads[kind] ?? {};
    const all = { ...unknown, maxConcurrent, maxQueue, maxQueueMs, clock, onListenerError };
    this.breaker = breaker;
    this.#maxQueue = maxQueue;
    this.#bulkhead = tuned(`bulkheads.${kind}`, () => bulkhead(all));
  }

  /** Whether a call would be refused now for want of a place. */
  get isFull(): boolean {
    const { running, limit, queued } = this.#bulkhead;
    return running >= limit && queued >= this.#maxQueue;
  }

  run<Result>(
    work: (signal: AbortSignal) => Promise<Result>,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    return this.#bulkhead.execute(
      (place) => this.breaker.execute((permit) => work(permit.signal), { signal: place.signal }),
      { signal },
    );
  }
}
