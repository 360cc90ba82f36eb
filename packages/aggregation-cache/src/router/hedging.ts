import type { AnyPipelineClass } from '../classes/pipeline-class.js';
import type { RoutingWishes } from '../ports/source.js';
import { RecentTimes } from './recent-times.js';

/** Extra reads that one read earns: one in twenty is made twice, not more. */
const SHARE = 0.05;
/** Extra reads that can be saved up: what is in flight to a member when it becomes slow, until its breaker opens. */
const MOST_SAVED = 50;
/** Milliseconds. Below it members would race instead of help out. */
const SHORTEST_MS = 10;
/** A member that was overtaken, and needs so many times the delay, is slow rather than unlucky. */
const SLOW_FACTOR = 3;
/** Milliseconds. What a collection of garbage or a busy disk takes now and then is no slowness. */
const SLOWEST_USUAL_MS = 100;

/** When, and how often, a class may ask a second member. */
export class Hedging {
  readonly #delay: number | 'p95' | undefined;
  readonly #times = new RecentTimes();
  #saved = 0;

  constructor(pipelineClass: RoutingWishes) {
    this.#delay = pipelineClass.hedgeDelayMs;
  }

  /** Milliseconds after which the next member may be asked too; undefined: never. */
  get delayMs(): number | undefined {
    if (this.#delay !== 'p95') return this.#delay;
    const { p95 } = this.#times;
    return p95 === undefined ? undefined : Math.max(SHORTEST_MS, p95);
  }

  /** A read begins. */
  readBegan(): void {
    if (this.#delay !== undefined) this.#saved = Math.min(MOST_SAVED, this.#saved + SHARE);
  }

  /** One answer took so long, or had taken so long when another was quicker: left out, the slow ones would never be seen. */
  record(ms: number): void {
    if (this.#delay === 'p95') this.#times.record(ms);
  }

  get mayHedge(): boolean {
    // Twenty shares of a twentieth are a hair less than one.
    return this.#saved > 1 - 1e-9;
  }

  spend(): void {
    this.#saved -= 1;
  }
}

/** Milliseconds after which a member that was overtaken, and still has not answered, is slow. */
export const slowAfterMs = (delayMs: number): number =>
  Math.max(SLOWEST_USUAL_MS, SLOW_FACTOR * delayMs);

/** One for each class, for as long as the class is in use. */
export class HedgingByClass {
  readonly #byClass = new WeakMap<object, Hedging>();

  of(pipelineClass: AnyPipelineClass & RoutingWishes): Hedging {
    let hedging = this.#byClass.get(pipelineClass);
    if (hedging === undefined) {
      hedging = new Hedging(pipelineClass);
      this.#byClass.set(pipelineClass, hedging);
    }
    return hedging;
  }
}
