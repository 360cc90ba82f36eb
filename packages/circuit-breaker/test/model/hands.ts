import { type Hold, isCircuitBreakerError } from '../../src/index.js';
import type { Action } from './action.js';
import { same } from './difference.js';
import { moved } from './meaning.js';
import type { Before } from './model-snapshot.js';
import type { HoldKind, PlainOptions } from './model-types.js';
import type { ModelledBreaker } from './modelled-breaker.js';
import { byHand, look, trip } from './reference-model.js';
import { arePossible, changed } from './scenario.js';
import type { TestedBreaker } from './tested-breaker.js';

interface TestedHold {
  readonly hold: Hold;
  readonly kind: HoldKind;
}

export type HandAction = Extract<
  Action,
  { readonly do: 'hold' | 'release' | 'trip' | 'update' | 'reset' | 'shutDown' }
>;

/** What people do to a breaker. */
export class Hands {
  readonly #tested: TestedBreaker;
  readonly #model: ModelledBreaker;
  /** All holds that were made, released ones too. */
  readonly #holds: TestedHold[] = [];
  #live: TestedHold[] = [];
  #before: Before | undefined;

  constructor(tested: TestedBreaker, model: ModelledBreaker) {
    this.#tested = tested;
    this.#model = model;
  }

  /** What it was before it was shut down. */
  get before(): Before | undefined {
    return this.#before;
  }

  do(action: HandAction): void {
    switch (action.do) {
      case 'hold':
        this.#hold(action.kind);
        return;
      case 'release':
        this.#release(this.#holds[action.pick % this.#holds.length]);
        return;
      case 'trip':
        this.#trip(action.openForMs);
        return;
      case 'update':
        this.#update(action.changes);
        return;
      case 'reset':
        this.#reset();
        return;
      case 'shutDown':
        this.#shutDown();
    }
  }

  /** Takes over a hold that was made by an import. */
  takeHold(kind: HoldKind): void {
    const hold = this.#tested.breaker.holds[this.#live.length];
    if (hold === undefined) same('the hold is there', false, true);
    else this.#held({ hold, kind });
  }

  #hold(kind: HoldKind): void {
    const { breaker } = this.#tested;
    const hold = kind === 'open' ? breaker.holdOpen() : breaker.holdClosed();
    if (this.#model.b.isShutDown) this.#holds.push({ hold, kind });
    else this.#held({ hold, kind });
  }

  #held(made: TestedHold): void {
    this.#holds.push(made);
    this.#live.push(made);
    this.#obeyHolds();
    this.#model.say('held', { kind: made.kind, reason: undefined });
  }

  #release(made: TestedHold | undefined): void {
    if (made === undefined) return;
    made.hold.release();
    if (!this.#live.includes(made)) return;
    this.#live = this.#live.filter((other) => other !== made);
    this.#obeyHolds();
    this.#model.say('released', { kind: made.kind, reason: undefined });
  }

  #obeyHolds(): void {
    const { b } = this.#model;
    this.#model.change(() =>
      byHand(b, 'byHand', () => {
        b.holds = this.#live.map(({ kind }) => kind);
      }),
    );
  }

  #trip(openForMs: number | undefined): void {
    this.#tested.breaker.trip(openForMs === undefined ? {} : { openForMs });
    this.#model.change(() => trip(this.#model.b, 'byHand', openForMs));
  }

  #reset(): void {
    const { b } = this.#model;
    this.#tested.breaker.reset();
    this.#live = [];
    if (b.isShutDown) return;
    this.#model.change(() =>
      byHand(b, 'reset', () => {
        b.holds = [];
      }),
    );
  }

  #update(changes: Partial<PlainOptions>): void {
    const given = this.#tested.optionsOf(changes);
    const model = this.#model;
    const { b, options } = model;
    const next = changed(options, changes);
    let refused = false;
    try {
      this.#tested.breaker.update(given);
    } catch (error) {
      if (!isCircuitBreakerError(error, 'INVALID_OPTION')) throw error;
      refused = true;
    }
    same('the update is refused', refused, !arePossible(next));
    if (refused) return;
    model.change(() =>
      byHand(b, 'modeChanged', () => {
        b.finished = moved(options.window, next.window, b);
        model.take(next);
      }),
    );
    model.say('updated', { changes: given });
  }

  #shutDown(): void {
    const { b } = this.#model;
    this.#tested.breaker.shutDown();
    if (b.isShutDown) return;
    look(b);
    this.#before = { kind: b.kind, openUntil: b.openUntil };
    this.#live = [];
    this.#model.change(() =>
      byHand(b, 'shutDown', () => {
        b.holds = [];
        b.isShutDown = true;
      }),
    );
    this.#model.say('shutDown', {});
  }
}
