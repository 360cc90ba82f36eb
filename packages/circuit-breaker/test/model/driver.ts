import assert from 'node:assert/strict';
import {
  CircuitBreaker,
  type CircuitBreakerEvents,
  isCircuitBreakerError,
  type Outcome,
  type Permit,
} from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { type Deferred, deferred } from '../support/deferred.js';
import { recordEvents } from '../support/record-events.js';
import { type ModelOptions, ReferenceModel } from './reference-model.js';

/** One thing that can happen to a breaker. `pick` chooses among the calls still running. */
export type Step =
  | { readonly do: 'acquire' | 'execute' | 'forceOpen' | 'forceClosed' | 'reset' }
  | { readonly do: 'settle'; readonly pick: number; readonly outcome: Outcome }
  | { readonly do: 'abort' | 'breakClassifier'; readonly pick: number }
  | { readonly do: 'advance' | 'stepBack'; readonly ms: number };

interface Running {
  readonly model: NonNullable<ReturnType<ReferenceModel['begin']>>;
  readonly permit?: Permit;
  readonly work?: Deferred<unknown>;
  readonly controller?: AbortController;
  /** How the caller's promise ended: `undefined` while it has not. */
  ending?: unknown;
}

const turn = async () => {
  for (let i = 0; i < 8; i += 1) await Promise.resolve();
};

/** Does the same to a breaker and to the model, and compares them after every step. */
export class Driver {
  readonly #clock = new ManualClock();
  readonly #model: ReferenceModel;
  readonly #breaker: CircuitBreaker;
  readonly #heard: ReturnType<typeof recordEvents>;
  #running: Running[] = [];

  constructor(options: ModelOptions) {
    this.#model = new ReferenceModel(options);
    const { trials, maxConcurrent, maxTrialMs, ...rest } = options;
    this.#breaker = new CircuitBreaker({
      name: 'x',
      ...rest,
      halfOpen: { trials, maxConcurrent, maxDurationMs: maxTrialMs },
      clock: this.#clock,
      onListenerError: () => {},
      classify: (settled) => {
        const told = settled.status === 'fulfilled' ? settled.value : settled.error;
        if (told === 'broken') throw new Error('the classifier is broken');
        return told as Outcome;
      },
    });
    for (const event of ['opened', 'closed', 'failed', 'lateResultDropped'] as const) {
      this.#breaker.events.on(event, () => {
        throw new Error('the listener is broken');
      });
    }
    this.#heard = recordEvents(this.#breaker.events);
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#do(step);
      await turn();
      this.#compare();
    }
    while (this.#running.length > 0) {
      await this.#settle(this.#running[0], 'success');
      this.#compare();
    }
    assert.equal(this.#breaker.stats().inFlight, 0);
    assert.equal(this.#clock.pendingTimers, 0);
  }

  async #do(step: Step): Promise<void> {
    switch (step.do) {
      case 'acquire':
        return this.#acquire();
      case 'execute':
        return this.#execute();
      case 'settle':
        return this.#settle(this.#pick(step.pick), step.outcome);
      case 'abort':
        return this.#abort(this.#pick(step.pick));
      case 'breakClassifier':
        return this.#settle(this.#pick(step.pick), 'failure', 'broken');
      case 'advance':
        this.#clock.advance(step.ms);
        this.#model.now += step.ms;
        return;
      case 'stepBack':
        this.#clock.jump(-step.ms);
        return;
      case 'forceOpen':
        this.#breaker.forceOpen();
        return this.#model.force('open', true);
      case 'forceClosed':
        this.#breaker.forceClosed();
        return this.#model.force('closed', true);
      case 'reset':
        this.#breaker.reset();
        return this.#model.force('closed', false);
    }
  }

  #pick(pick: number): Running | undefined {
    return this.#running[pick % this.#running.length];
  }

  #acquire(): void {
    const permit = this.#breaker.tryAcquire();
    const model = this.#model.begin();
    assert.equal(permit === undefined, model === undefined);
    if (permit && model) this.#running.push({ model, permit });
  }

  async #execute(): Promise<void> {
    const work = deferred();
    const controller = new AbortController();
    const { signal } = controller;
    const promise = this.#breaker.execute(() => work.promise, { signal });
    const model = this.#model.begin();
    if (model === undefined) {
      await assert.rejects(promise, { code: 'BREAKER_OPEN' });
      return;
    }
    const call: Running = { model, work, controller };
    promise.then(
      (value) => Object.assign(call, { ending: value }),
      (error: unknown) => Object.assign(call, { ending: error }),
    );
    this.#running.push(call);
  }

  async #settle(
    call: Running | undefined,
    outcome: Outcome,
    told: unknown = outcome,
  ): Promise<void> {
    if (call === undefined) return;
    this.#running = this.#running.filter((other) => other !== call);
    this.#model.end(call.model, outcome);
    const { permit, work } = call;
    if (permit) {
      const report = { success: 'success', failure: 'failure', ignored: 'ignore' } as const;
      permit[report[outcome]]();
      permit.failure();
      permit[Symbol.dispose]();
      return;
    }
    if (outcome === 'success') work?.resolve(told);
    else work?.reject(told);
    await turn();
    assert.equal(call.ending, told);
    call.controller?.abort('much too late');
  }

  async #abort(call: Running | undefined): Promise<void> {
    if (call?.controller === undefined) return;
    this.#running = this.#running.filter((other) => other !== call);
    this.#model.end(call.model, 'ignored');
    call.controller.abort('enough');
    await turn();
    assert.ok(isCircuitBreakerError(call.ending, 'ABORTED'));
    assert.equal(call.ending.cause, 'enough');
    call.work?.reject('after the abort');
  }

  #compare(): void {
    const stats = this.#breaker.stats();
    const model = this.#model;
    model.look();
    const counted = model.counted();
    assert.deepEqual(this.#heard.map(inWords), model.events);
    const halfOpen = model.state === 'halfOpen';
    const { state, held, inFlight, window, trials } = stats;
    const { calls, failures } = window;
    assert.deepEqual(
      { state, held, inFlight, calls, failures, trials },
      {
        state: model.state,
        held: model.held,
        inFlight: model.running.length,
        calls: counted.length,
        failures: counted.filter(({ failed }) => failed).length,
        trials: halfOpen
          ? { running: model.trialsRunning, succeeded: model.succeededTrials }
          : undefined,
      },
    );
    if (model.state === 'open' && !model.held) {
      assert.equal(stats.retryAfterMs, model.opensUntil - model.now);
    }
  }
}

const inWords = ([name, payload]: [keyof CircuitBreakerEvents, object]): string =>
  (name === 'opened' || name === 'closed') && 'reason' in payload
    ? `${name} ${String(payload.reason)}`
    : name;
