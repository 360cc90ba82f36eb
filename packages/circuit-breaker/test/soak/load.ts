import { setTimeout as sleep } from 'node:timers/promises';
import type { Ours } from '../../bench/support/build.ts';
import type { Fate, Weather } from './weather.ts';

type Breaker = InstanceType<Ours['CircuitBreaker']>;
interface Context {
  readonly signal: AbortSignal;
}

const DOWN = new Error('down');

/** Calls through all policies at once, whose ends are counted. */
export class Load {
  readonly breaker: Breaker;
  readonly #ours: Ours;
  readonly #weather: Weather;
  readonly #execute: (
    operation: (context: Context) => Promise<number>,
    signal?: AbortSignal,
  ) => Promise<number>;
  readonly #bulkhead: ReturnType<Ours['bulkhead']>;
  readonly #budget: ReturnType<Ours['retryBudget']>;
  #made = 0;
  #ended = 0;
  #failed = 0;
  #refused = 0;

  constructor(ours: Ours, weather: Weather) {
    this.#ours = ours;
    this.#weather = weather;
    this.breaker = new ours.CircuitBreaker({
      name: 'soak',
      window: { kind: 'count', size: 1000 },
      slowCalls: { thresholdMs: 100 },
      latency: true,
      openForMs: { kind: 'exponential', initialMs: 200, maxMs: 2000 },
      halfOpen: { trials: 5, maxConcurrent: 2 },
      rampUp: { durationMs: 500 },
      random: () => weather.random(),
    });
    this.#budget = ours.retryBudget();
    this.#bulkhead = ours.bulkhead({ maxConcurrent: 2000, maxQueue: 1000, abandonAfterMs: 1000 });
    const policies = ours.pipeline([
      ours.timeout({ timeoutMs: 2000 }),
      this.#bulkhead,
      ours.retry({ budget: this.#budget, backoff: { kind: 'exponential', initialMs: 10 } }),
      this.breaker,
      ours.timeout({ timeoutMs: 300 }),
    ]);
    this.#execute = (operation, signal) =>
      policies.execute(ours.safe(operation), signal === undefined ? {} : { signal });
  }

  call(): void {
    const fate = this.#weather.fate();
    const controller = fate.isAborted ? new AbortController() : undefined;
    this.#made += 1;
    this.#execute((context) => this.#operation(fate, context), controller?.signal).then(
      () => this.#end(undefined),
      (error: unknown) => this.#end(error),
    );
    if (controller !== undefined) setTimeout(() => controller.abort('enough'), 5);
  }

  summary(): string {
    const { made, failed, refused } = {
      made: this.#made,
      failed: this.#failed,
      refused: this.#refused,
    };
    const { state, totals } = this.breaker.stats();
    return `${made} calls, ${failed} failed, ${refused} refused, opened ${totals.opened} times, ${state}`;
  }

  /** Waits until every time limit is over. */
  async drained(): Promise<void> {
    await sleep(6000);
  }

  /** What is still held though no call runs any more. */
  leftOver(): string[] {
    const left: [string, number][] = [
      ['callers without an answer', this.#made - this.#ended],
      ['permits', this.breaker.stats().inFlight],
      ['places in the bulkhead', this.#bulkhead.running],
      ['callers in the queue', this.#bulkhead.queued],
      ['calls in the budget', this.#budget.calls],
      ['extra attempts in the budget', this.#budget.extras],
    ];
    return left
      .filter(([, count]) => count !== 0)
      .map(([what, count]) => `left over: ${count} ${what}`);
  }

  async #operation({ fails, takesMs, hangs }: Fate, context: Context): Promise<number> {
    if (hangs) {
      await new Promise((_resolve, reject) => {
        context.signal.addEventListener('abort', () => reject(context.signal.reason));
      });
    }
    if (takesMs > 0) await sleep(takesMs);
    if (fails) throw DOWN;
    return 1;
  }

  #end(error: unknown): void {
    this.#ended += 1;
    if (error === undefined) return;
    if (this.#ours.isCircuitBreakerError(error, 'BREAKER_OPEN')) this.#refused += 1;
    else this.#failed += 1;
  }
}
