import { InvalidOptionError, isCircuitBreakerError } from '../errors.js';
import { askGuarded } from '../events/guard.js';
import type { Layer } from '../operation/layer.js';
import { ownLayer } from '../operation/own-layer.js';
import { POLICY_OPTIONS, Policy, type PolicyOptions } from '../operation/policy.js';
import { readFunction, refuseUnknown } from '../validation.js';
import { FallbackFrame, type FallbackHandler, type Fallen } from './fallback-frame.js';
import type { FallbackReason } from './fallback-reason.js';

type Handlers = readonly [FallbackHandler, ...FallbackHandler[]];

/** What the handlers of a fallback answer with. */
export type AnswersOf<H extends readonly FallbackHandler[]> = H[number] extends infer Handler
  ? Handler extends (...args: never[]) => infer Answer
    ? Awaited<Answer>
    : never
  : never;

export interface FallbackOptions<H extends Handlers = Handlers> extends PolicyOptions {
  /** Asked one after the other until one answers. At least one. */
  readonly handlers: H;
  /**
   * Whether to fall back at all. Default: yes, but not for a call that was given up (`aborted`), nor for a
   * wrong option or an operation that may not be repeated, which are mistakes in the code. One that throws
   * counts as no.
   */
  readonly shouldHandle?: ((failed: Pick<Fallen, 'error' | 'reason'>) => boolean) | undefined;
}

export interface FallbackEvents {
  /** A handler answered in the place of a call. */
  fellBack: {
    readonly error: unknown;
    readonly reason: FallbackReason;
    /** Its number in the chain, from 1. */
    readonly handler: number;
  };
  /** All handlers failed; the caller is given what the last one failed with. */
  exhausted: {
    readonly error: unknown;
    readonly reason: FallbackReason;
    readonly handlerError: unknown;
  };
}

/** Mistakes in the code, which an answer from elsewhere would only hide. */
const MISTAKES: ReadonlySet<string> = new Set([
  'INVALID_OPTION',
  'INVALID_SNAPSHOT',
  'NOT_REPEATABLE',
]);

const isWorthAnAnswer = ({ error, reason }: Pick<Fallen, 'error' | 'reason'>): boolean =>
  reason !== 'aborted' && !(isCircuitBreakerError(error) && MISTAKES.has(error.code));

/** Answers in the place of a call that failed. */
export class FallbackPolicy<Adds> extends Policy<Adds, false, FallbackEvents> {
  readonly kind = 'fallback';
  readonly repeats = false;
  // It runs where the call inside it ended, which is in the caller's context.
  readonly runsLater = false;
  readonly #handlers: readonly FallbackHandler[];
  readonly #shouldHandle: FallbackOptions['shouldHandle'];

  /** @throws InvalidOptionError for an unknown or impossible option */
  constructor(options: FallbackOptions) {
    refuseUnknown('', options, ['handlers', 'shouldHandle', ...POLICY_OPTIONS]);
    super(options);
    const { handlers } = options;
    const areHandlers =
      Array.isArray(handlers) &&
      handlers.length > 0 &&
      handlers.every((handler) => typeof handler === 'function');
    if (!areHandlers) {
      const allowed = 'a list of at least one function';
      throw new InvalidOptionError({ option: 'handlers', value: handlers, allowed });
    }
    this.#handlers = [...handlers];
    this.#shouldHandle = readFunction('shouldHandle', options.shouldHandle);
  }

  layer(next: Layer): Layer {
    const rules = {
      handlers: this.#handlers,
      handles: (failed: Pick<Fallen, 'error' | 'reason'>) => this.#handles(failed),
      tellFellBack: (told: FallbackEvents['fellBack']) => this.emit('fellBack', told),
      tellExhausted: (told: FallbackEvents['exhausted']) => this.emit('exhausted', told),
    };
    return ownLayer((call, scope, sink) =>
      next.run(call, scope, new FallbackFrame(rules, scope, sink)),
    );
  }

  #handles(failed: Pick<Fallen, 'error' | 'reason'>): boolean {
    const shouldHandle = this.#shouldHandle;
    if (shouldHandle === undefined) return isWorthAnAnswer(failed);
    const answer = askGuarded(
      () => shouldHandle(failed),
      (handles) => typeof handles === 'boolean',
      { kind: 'callback', name: 'shouldHandle', expected: 'true or false' },
      this.onListenerError,
    );
    return answer ?? false;
  }
}

/**
 * Answers in the place of a call that failed: `fallback(fromCache, () => NOTHING)`. The handlers are asked
 * one after the other until one answers; what they answer with joins the type of the result. If all fail,
 * the caller is given what the last one failed with.
 * @throws InvalidOptionError for what is no function, and for an unknown or impossible option
 */
export function fallback<const H extends Handlers>(...handlers: H): FallbackPolicy<AnswersOf<H>>;
export function fallback<const H extends Handlers>(
  options: FallbackOptions<H>,
): FallbackPolicy<AnswersOf<H>>;
export function fallback(
  first: FallbackHandler | FallbackOptions,
  ...more: FallbackHandler[]
): FallbackPolicy<unknown> {
  return new FallbackPolicy(
    typeof first === 'function' || more.length > 0
      ? { handlers: [first as FallbackHandler, ...more] }
      : first,
  );
}
