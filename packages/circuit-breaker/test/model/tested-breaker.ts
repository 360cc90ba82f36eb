import {
  type ChangeableOptions,
  CircuitBreaker,
  isCircuitBreakerError,
  type OnListenerError,
  type Pipeline,
  pipeline,
  timeout,
} from '../../src/index.js';
import { ElapsedTime } from '../../src/ports/elapsed-time.js';
import { classifierOf } from './answer.js';
import type { Told } from './event.js';
import type { PlainOptions, PlainWait } from './model-types.js';
import type { Scenario } from './scenario.js';
import { SteppingClock } from './stepping-clock.js';

type Pipelines = Readonly<Record<'alone' | 'outer' | 'inner' | 'both', Pipeline>>;

/** The errors of the package in a word, so that they can be compared. */
export const inAWord = (value: unknown): unknown => {
  if (!isCircuitBreakerError(value)) return value;
  switch (value.code) {
    case 'BREAKER_OPEN':
      return `BREAKER_OPEN ${value.reason}`;
    case 'TIMEOUT':
      return `TIMEOUT ${value.timeoutMs}`;
    case 'ABORTED':
      return `ABORTED ${String(value.cause)}`;
    default:
      return value.code;
  }
};

/** The breaker of a scenario, on a clock of its own, with callbacks that fail as the scenario says. */
export class TestedBreaker {
  readonly clock: SteppingClock;
  readonly breaker: CircuitBreaker;
  readonly heard: Told[] = [];
  /** How often user code failed, and how often the breaker reported that. */
  misbehaved = 0;
  reported = 0;
  readonly #scenario: Scenario;
  #pipelines: Pipelines | undefined;
  readonly #classify = classifierOf(() => this.#misbehave());

  constructor(scenario: Scenario, clock = new SteppingClock(scenario.slackMs)) {
    this.clock = clock;
    this.#scenario = scenario;
    this.breaker = new CircuitBreaker({
      name: 'x',
      ...this.optionsOf(scenario.options),
      clock,
      random: () => this.#random(scenario.random),
      onListenerError: this.#onListenerError,
    });
    this.#listen(scenario);
    // Elapsed time begins with the first look.
    this.seeTime();
  }

  /** The breaker in pipelines: alone, and with a time limit outside, inside, or both. */
  get pipelines(): Pipelines {
    if (this.#pipelines !== undefined) return this.#pipelines;
    const { innerMs, outerMs } = this.#scenario;
    const { breaker } = this;
    const common = { clock: this.clock, onListenerError: this.#onListenerError };
    const limit = (timeoutMs: number) => timeout({ timeoutMs, ...common });
    this.#pipelines = {
      alone: pipeline([breaker], common),
      outer: pipeline([limit(outerMs), breaker], common),
      inner: pipeline([breaker, limit(innerMs)], common),
      both: pipeline([limit(outerMs), breaker, limit(innerMs)], common),
    };
    return this.#pipelines;
  }

  /** Some of the options, as a breaker is given them. */
  optionsOf(plain: Partial<PlainOptions>): ChangeableOptions {
    const { classify, openForMs, ...rest } = plain;
    return {
      ...rest,
      ...(classify && { classify: this.#classify }),
      ...(openForMs !== undefined && { openForMs: this.#waitOf(openForMs) }),
    };
  }

  /** Looks at the clock: what it shows between two looks is unknown to everybody. */
  seeTime(): void {
    ElapsedTime.of(this.clock).read();
  }

  #listen({ heard, failing }: Scenario): void {
    for (const event of heard) {
      this.breaker.events.on(event, ({ breaker: _breaker, ...facts }) => {
        this.heard.push({ event, facts, state: this.breaker.state });
        if (!failing.includes(event)) return undefined;
        this.misbehaved += 1;
        if (this.heard.length % 2 === 0) throw new Error('the listener is broken');
        return Promise.reject(new Error('the listener is broken'));
      });
    }
  }

  #waitOf(wait: PlainWait): NonNullable<ChangeableOptions['openForMs']> {
    if (typeof wait === 'number' || wait.kind !== 'table') return wait;
    return ({ attempt }) => {
      const answer = wait.waits[Math.min(attempt, wait.waits.length) - 1];
      if (typeof answer === 'number') return answer;
      this.#misbehave();
      if (answer === 'throws') throw new Error('the wait is broken');
      return Number.NaN;
    };
  }

  #random(kind: Scenario['random']): number {
    if (kind === 'half') return 0.5;
    this.#misbehave();
    if (kind === 'throws') throw new Error('chance is broken');
    return 7;
  }

  readonly #onListenerError: OnListenerError = ({ name }) => {
    // A clock that fails is reported once, however often it is read meanwhile.
    if (name !== 'clock') this.reported += 1;
  };

  #misbehave(): void {
    this.misbehaved += 1;
  }
}
