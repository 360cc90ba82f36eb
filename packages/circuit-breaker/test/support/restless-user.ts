import {
  type ChangeableOptions,
  CircuitBreaker,
  type CircuitBreakerEvents,
  type Classification,
  type Permit,
} from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { type Deferred, deferred } from './deferred.js';

/** Random numbers from 0 to below 1 that are the same for the same seed. */
const randomFrom = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const EVENTS = [
  ...(['opened', 'closed', 'halfOpened', 'rampUpStarted', 'wouldOpen'] as const),
  ...(['rejected', 'failed', 'succeeded', 'ignored', 'lateResultDropped', 'held'] as const),
] satisfies (keyof CircuitBreakerEvents)[];

/** Deep enough for a listener in a callback in a listener. */
const DEEPEST = 3;

/**
 * A user who does anything at any time, also in the middle of what the breaker calls: in listeners,
 * `classify` and `openForMs`. All by chance, which is the same for the same seed.
 */
export class RestlessUser {
  readonly clock = new ManualClock();
  readonly breaker: CircuitBreaker;
  readonly #random: () => number;
  readonly #works: Deferred<unknown>[] = [];
  readonly #permits: Permit[] = [];
  readonly #controllers: AbortController[] = [];
  #depth = 0;
  /** Promises of the breaker that are not settled. */
  pending = 0;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
    this.breaker = new CircuitBreaker({
      name: 'restless',
      clock: this.clock,
      random: this.#random,
      onListenerError: () => {},
      ...this.#options(),
    });
    for (const event of EVENTS) {
      if (this.#happens(0.5)) this.breaker.events.on(event, () => this.#meddle());
    }
  }

  /** Does something, by chance also nothing. */
  act(): void {
    this.#depth += 1;
    this.#pick(this.#deeds)();
    this.#depth -= 1;
  }

  /** Ends everything that runs, and touches nothing any more. */
  rest(): void {
    this.#depth = DEEPEST;
    for (const work of this.#works.splice(0)) work.resolve('ok');
    for (const permit of this.#permits.splice(0)) permit.ignore();
    this.clock.advance(20);
  }

  readonly #deeds: readonly (() => void)[] = [
    () => this.#call(),
    () => this.#call(),
    () => this.#call(new AbortController()),
    () => this.#take(this.#controllers)?.abort(),
    () => this.#keep(this.breaker.tryAcquire()),
    () => this.#track(this.breaker.acquire().then((permit) => this.#keep(permit))),
    () => this.#take(this.#works)?.resolve('ok'),
    () => this.#take(this.#works)?.reject(new Error('down')),
    () => this.#take(this.#permits)?.[this.#pick(['success', 'failure', 'ignore'] as const)](),
    () => this.#attempt(() => this.breaker.executeSync(() => this.#answer())),
    () => this.#passTime(() => this.clock.advance(40 * this.#random())),
    () => this.#passTime(() => this.clock.jump(60 * this.#random() - 30)),
    () => void this.breaker[this.#pick(['holdOpen', 'holdClosed'] as const)](),
    () => this.#pick([undefined, ...this.breaker.holds])?.release(),
    () => this.breaker[this.#pick(['trip', 'trip', 'reset'] as const)](),
    () => this.#attempt(() => this.breaker.update(this.#options())),
  ];

  #happens(share: number): boolean {
    return this.#random() < share;
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T;
  }

  #take<T>(list: T[]): T | undefined {
    return list.splice(Math.floor(this.#random() * list.length), 1)[0];
  }

  #keep(permit: Permit | undefined): void {
    if (permit !== undefined) this.#permits.push(permit);
  }

  #track(promise: Promise<unknown>): void {
    this.pending += 1;
    const settled = () => {
      this.pending -= 1;
    };
    promise.then(settled, settled);
  }

  #attempt(deed: () => unknown): void {
    try {
      deed();
    } catch {
      // Refused, or the operation's own error.
    }
  }

  #call(controller?: AbortController): void {
    const work = deferred();
    const operation = () => {
      this.#works.push(work);
      return work.promise;
    };
    if (controller !== undefined) this.#controllers.push(controller);
    this.#track(this.breaker.execute(operation, controller));
  }

  /** Time does not pass while the breaker calls. */
  #passTime(pass: () => void): void {
    if (this.#depth === 1) pass();
  }

  /** What a callback does beside what it was called for. */
  #meddle(): void {
    if (this.#depth < DEEPEST && this.#happens(0.4)) this.act();
    if (this.#happens(0.1)) throw new Error('a callback');
  }

  #answer(): string {
    this.#meddle();
    return 'ok';
  }

  #classify(): Classification {
    this.#meddle();
    return this.#pick([
      'success',
      'failure',
      'ignored',
      { outcome: 'failure', weight: 3 },
      { outcome: 'success', openForMs: 15 },
      'junk' as never,
    ]);
  }

  #openForMs(): number {
    this.#meddle();
    return 1 + 50 * this.#random();
  }

  #options(): ChangeableOptions {
    return {
      mode: this.#pick(['enforcing', 'enforcing', 'enforcing', 'shadow', 'disabled']),
      window: this.#pick([
        { kind: 'count', size: 5 },
        { kind: 'time', durationMs: 100, buckets: 5 },
        { kind: 'ewma', halfLifeMs: 50 },
        { kind: 'consecutive' },
      ]),
      minimumCalls: this.#pick([1, 2, 4]),
      consecutiveFailures: this.#pick([undefined, 3]),
      latency: this.#happens(0.3),
      classify: this.#pick([undefined, () => this.#classify()]),
      openForMs: this.#pick([20, () => this.#openForMs(), () => this.#openForMs()]),
      halfOpen: {
        trials: this.#pick([2, 3]),
        maxConcurrent: this.#pick([1, 2]),
        successRate: this.#pick([1, 0.5, 0.01]),
        maxDurationMs: this.#pick([30, 80]),
        maxWaiting: this.#pick([0, 4]),
        maxWaitMs: this.#pick([5, 60]),
      },
      rampUp: this.#pick([false, { initialShare: 0.3, durationMs: 60 }]),
      sharedRejection: this.#happens(0.3),
    };
  }
}
