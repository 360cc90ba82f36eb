import {
  type BulkheadPolicy,
  bulkhead,
  type CircuitBreaker,
  type Pipeline,
  type PipelineOptions,
  pipeline,
  type RepeatableOperation,
  type RetryPolicy,
} from '@nestcms/circuit-breaker';
import { BULKHEAD_DEFAULTS } from '../defaults.js';
import type { OperationKind } from '../events.js';
import type { ResolvedOptions } from '../options.js';
import { tuned } from './tuned.js';

/** The way that calls of one kind take: tries, a place among so many for each, then the breaker. */
export class Lane {
  readonly breaker: CircuitBreaker;
  readonly #bulkhead: BulkheadPolicy;
  readonly #maxQueue: number;
  readonly #pipeline: Pipeline<never, true>;

  /** @throws PayTabsError INVALID_OPTION */
  constructor(
    kind: OperationKind,
    parts: { options: ResolvedOptions; breaker: CircuitBreaker; retry: RetryPolicy },
  ) {
    const { options, breaker, retry } = parts;
    const { clock, maxConnections, onListenerError } = options;
    const {
      // Both kinds together fill the connections: beyond that they would wait where nobody counts them.
      maxConcurrent = Math.max(1, Math.floor(maxConnections / 2)),
      maxQueue = BULKHEAD_DEFAULTS.maxQueue,
      maxQueueMs = BULKHEAD_DEFAULTS.maxQueueMs,
      ...unknown
    } = options.bulkheads[kind] ?? {};
    const common: PipelineOptions = { clock, onListenerError };
    const all = { ...unknown, ...common, maxConcurrent, maxQueue, maxQueueMs };
    this.breaker = breaker;
    this.#maxQueue = maxQueue;
    this.#bulkhead = tuned(`bulkheads.${kind}`, () => bulkhead(all));
    this.#pipeline = pipeline([retry, this.#bulkhead, breaker], common);
  }

  /** Whether a call would be refused now for want of a place. */
  get isFull(): boolean {
    const { running, limit, queued } = this.#bulkhead;
    return running >= limit && queued >= this.#maxQueue;
  }

  /** `timeoutMs` is for all of it. When it is over the breaker counts a failure, when the caller aborts nothing. */
  run<Result>(
    tries: RepeatableOperation<Result>,
    limits: { readonly signal: AbortSignal | undefined; readonly timeoutMs: number },
  ): Promise<Result> {
    return this.#pipeline.execute(tries, limits);
  }
}
