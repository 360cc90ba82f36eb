import type { CircuitState, Outcome } from '../../src/index.js';

/** The settings the model knows; times in ms. */
export interface ModelOptions {
  readonly window:
    | { readonly kind: 'count'; readonly size: number }
    | { readonly kind: 'time'; readonly durationMs: number; readonly buckets: number };
  readonly failureRate: number;
  readonly minimumCalls: number;
  readonly openForMs: number;
  readonly trials: number;
  readonly maxConcurrent: number;
  readonly maxTrialMs: number;
}

interface Call {
  readonly generation: number;
  readonly at: number;
}

/** What a breaker should do, in the plainest words: lists, no rings, no laziness but `look`. */
export class ReferenceModel {
  readonly #options: ModelOptions;
  readonly events: string[] = [];
  now = 0;
  state: CircuitState = 'closed';
  held = false;
  generation = 0;
  finished: { readonly at: number; readonly failed: boolean }[] = [];
  running: Call[] = [];
  succeededTrials = 0;
  opensUntil = 0;
  /** Since when at least one trial has been running. */
  busySince = 0;

  constructor(options: ModelOptions) {
    this.#options = options;
  }

  get trialsRunning(): number {
    return this.running.filter((call) => call.generation === this.generation).length;
  }

  look(): void {
    const { maxTrialMs, openForMs } = this.#options;
    const deadline = this.busySince + maxTrialMs;
    if (this.state === 'halfOpen' && this.trialsRunning > 0 && this.now >= deadline) {
      this.#enter('open', 'opened trialsTimedOut');
      this.opensUntil = deadline + openForMs;
    }
    if (this.state === 'open' && !this.held && this.now >= this.opensUntil) {
      this.#enter('halfOpen', 'halfOpened');
      this.succeededTrials = 0;
    }
  }

  begin(): Call | undefined {
    this.look();
    const { trials, maxConcurrent } = this.#options;
    const running = this.trialsRunning;
    const place = running < maxConcurrent && running + this.succeededTrials < trials;
    if (this.state === 'open' || (this.state === 'halfOpen' && !place)) {
      this.events.push('rejected');
      return undefined;
    }
    if (running === 0) this.busySince = this.now;
    const call = { generation: this.generation, at: this.now };
    this.running.push(call);
    return call;
  }

  end(call: Call, outcome: Outcome): void {
    this.look();
    this.running = this.running.filter((other) => other !== call);
    if (call.generation !== this.generation) {
      this.events.push('lateResultDropped');
      return;
    }
    this.events.push(NAME_OF[outcome]);
    if (outcome === 'ignored') return;
    if (this.state === 'halfOpen') this.#endTrial(outcome);
    else this.finished.push({ at: this.now, failed: outcome === 'failure' });
    if (this.state === 'closed' && !this.held && this.#trips()) this.#open('failureRate');
  }

  force(to: 'open' | 'closed', held: boolean): void {
    this.look();
    if (to === 'closed') this.finished = [];
    this.#enter(to, to === 'open' ? 'opened forced' : `closed ${held ? 'forced' : 'reset'}`, held);
  }

  counted(): { readonly failed: boolean }[] {
    const { window } = this.#options;
    if (window.kind === 'count') return this.finished.slice(-window.size);
    const bucket = (at: number) => Math.floor(at / (window.durationMs / window.buckets));
    return this.finished.filter(({ at }) => bucket(at) > bucket(this.now) - window.buckets);
  }

  #endTrial(outcome: 'success' | 'failure'): void {
    if (outcome === 'failure') this.#open('trialFailed');
    else this.succeededTrials += 1;
    if (this.state !== 'halfOpen' || this.succeededTrials < this.#options.trials) return;
    this.finished = [];
    this.#enter('closed', 'closed trialsSucceeded');
  }

  #trips(): boolean {
    const calls = this.counted();
    const failures = calls.filter(({ failed }) => failed).length;
    const { minimumCalls, failureRate } = this.#options;
    return calls.length >= minimumCalls && failures / calls.length >= failureRate;
  }

  #open(reason: string): void {
    this.#enter('open', `opened ${reason}`);
    this.opensUntil = this.now + this.#options.openForMs;
  }

  #enter(state: CircuitState, event: string, held = false): void {
    if (state !== this.state) this.events.push(event);
    this.state = state;
    this.held = held;
    this.generation += 1;
  }
}

const NAME_OF = { success: 'succeeded', failure: 'failed', ignored: 'ignored' } as const;
