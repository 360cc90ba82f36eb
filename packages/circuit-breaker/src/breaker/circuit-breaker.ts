import { AbortedError, openErrorWithoutStack, type RejectionReason } from '../errors.js';
import { askGuarded } from '../events/guard.js';
import { GuardedEmitter } from '../events/guarded-emitter.js';
import { contextFor, type OperationContext } from '../operation/operation-context.js';
import { start } from '../operation/start.js';
import { untilAborted } from '../operation/until-aborted.js';
import { type CircuitBreakerOptions, type ResolvedOptions, resolveOptions } from '../options.js';
import { checkCall, refuseUnknown } from '../validation.js';
import { defaultClassify } from './default-classify.js';
import type { CircuitBreakerEvents } from './events.js';
import type { Outcome, Settled } from './outcome.js';
import { CallPermit, type Permit } from './permit.js';
import { type CircuitState, publicState } from './state.js';
import { StateMachine, type Transition } from './state-machine.js';
import type { CircuitBreakerStats } from './stats.js';

const isOutcome = (answer: unknown): boolean =>
  answer === 'success' || answer === 'failure' || answer === 'ignored';

const CLASSIFY = {
  kind: 'callback',
  name: 'classify',
  expected: "'success', 'failure' or 'ignored'",
} as const;

const TOTAL_OF = { success: 'succeeded', failure: 'failed', ignored: 'ignored' } as const;

/** Stops calling what keeps failing, and finds out with a few trial calls when it works again. */
export class CircuitBreaker {
  readonly name: string;
  readonly events: GuardedEmitter<CircuitBreakerEvents>;
  readonly #options: ResolvedOptions;
  readonly #machine: StateMachine;
  readonly #totals = { succeeded: 0, failed: 0, ignored: 0, rejected: 0, late: 0 };
  #inFlight = 0;

  /**
   * @param wiring `publishTo` gets every event of this breaker too
   * @throws InvalidOptionError for an unknown or impossible option
   */
  constructor(
    options: CircuitBreakerOptions,
    wiring: { readonly publishTo?: GuardedEmitter<CircuitBreakerEvents> | undefined } = {},
  ) {
    this.#options = resolveOptions(options);
    this.name = this.#options.name;
    this.events = new GuardedEmitter({
      onListenerError: this.#options.onListenerError,
      publishTo: wiring.publishTo,
    });
    this.#machine = new StateMachine(this.#options);
  }

  /** The state now. Reading it makes the transition that is due, if one is. */
  get state(): CircuitState {
    this.#advance();
    return publicState(this.#machine.state);
  }

  /**
   * Calls `operation` if the breaker lets it through, and ends as the operation does.
   *
   * Rejects with `BREAKER_OPEN` when no call is let through, and with `ABORTED` as soon as
   * `options.signal` is aborted, whether or not the operation heeds its signal: such a call is
   * `ignored`, and a signal already aborted takes no permit. Everything else the operation threw
   * or was rejected with comes through untouched.
   */
  execute<T>(
    operation: (context: OperationContext) => T | PromiseLike<T>,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<T> {
    try {
      refuseUnknown('', options, ['signal']);
      checkCall(operation, options.signal);
    } catch (error) {
      return Promise.reject(error);
    }
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(new AbortedError({ reason: signal.reason }));
    const admitted = this.#admit();
    if (!(admitted instanceof CallPermit)) {
      const retryAfterMs = this.#machine.retryAfterMs();
      return Promise.reject(
        openErrorWithoutStack({ breaker: this.name, reason: admitted, retryAfterMs }),
      );
    }
    return untilAborted(
      signal,
      () =>
        start(operation, contextFor(signal)).then(
          (value) => {
            this.#classify(admitted, { status: 'fulfilled', value });
            return value;
          },
          (error: unknown) => {
            this.#classify(admitted, { status: 'rejected', error });
            throw error;
          },
        ),
      () => admitted.ignore(),
    );
  }

  /**
   * The two-step form: ask, make the call, report. Returns undefined when no call is let through
   * (`retryAfterMs()` says for how long). A permit must be given back, best by `using`.
   */
  tryAcquire(): Permit | undefined {
    const admitted = this.#admit();
    return admitted instanceof CallPermit ? admitted : undefined;
  }

  /** Milliseconds until a call may be let through; 0 if one may be now. */
  retryAfterMs(): number {
    this.#advance();
    return this.#machine.retryAfterMs();
  }

  stats(): CircuitBreakerStats {
    this.#advance();
    const { state } = this.#machine;
    const { calls, failures } = this.#machine.windowCount();
    return {
      state: publicState(state),
      held: state.kind === 'heldOpen' || state.kind === 'heldClosed',
      retryAfterMs: this.#machine.retryAfterMs(),
      inFlight: this.#inFlight,
      window: { calls, failures, failureRate: calls === 0 ? 0 : failures / calls },
      trials:
        state.kind === 'halfOpen'
          ? { running: state.running, succeeded: state.succeeded }
          : undefined,
      totals: { ...this.#totals },
    };
  }

  /** Refuses every call until `forceClosed()` or `reset()`. */
  forceOpen(): void {
    this.#change(() => this.#machine.forceOpen());
  }

  /** Lets every call through, whatever fails, until `forceOpen()` or `reset()`. */
  forceClosed(): void {
    this.#change(() => this.#machine.forceClosed());
  }

  /** Closes, forgets all counted calls and works by its rules again. Calls still running will be late. */
  reset(): void {
    this.#change(() => this.#machine.reset());
  }

  /** Makes the transitions due by now, then `change`; events only come once the state is final. */
  #change(change: () => void): void {
    this.#machine.advance();
    change();
    this.#publishTransitions(this.#machine.takeTransitions());
  }

  #advance(): void {
    this.#machine.advance();
    this.#publishTransitions(this.#machine.takeTransitions());
  }

  #admit(): CallPermit | RejectionReason {
    this.#advance();
    const refused = this.#machine.admit();
    if (refused === undefined) {
      this.#inFlight += 1;
      return new CallPermit(this.#machine.generation, this.#settle);
    }
    this.#totals.rejected += 1;
    if (this.events.listenerCount('rejected') > 0) {
      const retryAfterMs = this.#machine.retryAfterMs();
      this.events.emit('rejected', { breaker: this.name, reason: refused, retryAfterMs });
    }
    return refused;
  }

  readonly #settle = (generation: number, outcome: Outcome, error: unknown): void => {
    const machine = this.#machine;
    machine.advance();
    const due = machine.takeTransitions();
    const counted = machine.settle(generation, outcome);
    const caused = machine.takeTransitions();
    this.#inFlight -= 1;
    this.#totals[counted ? TOTAL_OF[outcome] : 'late'] += 1;
    this.#publishTransitions(due);
    this.#publishResult(counted, outcome, error);
    this.#publishTransitions(caused);
  };

  #classify(permit: CallPermit, settled: Settled): void {
    // The caller has aborted: the result is nobody's any more.
    if (permit.isSettled) return;
    const error = settled.status === 'rejected' ? settled.error : undefined;
    permit.settle(this.#outcomeOf(settled), error);
  }

  #outcomeOf(settled: Settled): Outcome {
    const { classify, onListenerError } = this.#options;
    if (classify === undefined) return defaultClassify(settled);
    const answer = askGuarded(() => classify(settled), isOutcome, CLASSIFY, onListenerError);
    return answer ?? defaultClassify(settled);
  }

  #publishResult(counted: boolean, outcome: Outcome, error: unknown): void {
    const breaker = this.name;
    if (!counted) this.events.emit('lateResultDropped', { breaker, outcome });
    else if (outcome === 'success') this.events.emit('succeeded', { breaker });
    else this.events.emit(outcome === 'failure' ? 'failed' : 'ignored', { breaker, error });
  }

  #publishTransitions(transitions: readonly Transition[]): void {
    const breaker = this.name;
    for (const transition of transitions) {
      const { from } = transition;
      if (transition.to === 'open') {
        const { reason, retryAfterMs, window } = transition;
        this.events.emit('opened', { breaker, from, reason, retryAfterMs, ...window });
      } else if (transition.to === 'closed') {
        this.events.emit('closed', { breaker, from, reason: transition.reason });
      } else this.events.emit('halfOpened', { breaker, from });
    }
  }
}
