import type { OperationContext } from '../operation/operation.js';
import type { Clock } from '../ports/clock.js';

/** How one call of a scripted operation ends. */
export type ScriptedOutcome<T> =
  | { readonly resolve: T; readonly afterMs?: number | undefined }
  | { readonly reject: unknown; readonly afterMs?: number | undefined }
  /** Never, unless its signal is aborted: then it rejects with the signal's reason, as `fetch` does. */
  | { readonly hang: true };

export interface ScriptedOptions {
  /** Needed where an outcome comes after a while. */
  readonly clock?: Clock | undefined;
  /** What happens once the script is used up: the last outcome again, or an error. Default `repeatLast`. */
  readonly whenUsedUp?: 'repeatLast' | 'throw' | undefined;
}

/** An operation that ends as a script says, and remembers what it was called with. */
export interface ScriptedOperation<T> {
  (context?: OperationContext): Promise<T>;
  /** The contexts it was called with. */
  readonly calls: readonly (OperationContext | undefined)[];
}

/**
 * An operation for tests: its first call ends as the first outcome says, and so on.
 * @throws RangeError for a script without an outcome, or one that needs a clock and has none
 */
export const scripted = <T>(
  script: readonly ScriptedOutcome<T>[],
  options: ScriptedOptions = {},
): ScriptedOperation<T> => {
  const { clock, whenUsedUp = 'repeatLast' } = options;
  if (script.length === 0) throw new RangeError('A script needs at least one outcome.');
  if (clock === undefined && script.some((step) => 'afterMs' in step)) {
    throw new RangeError('A script with afterMs needs a clock.');
  }
  const calls: (OperationContext | undefined)[] = [];
  const operation = (context?: OperationContext): Promise<T> => {
    const step = script[calls.length] ?? (whenUsedUp === 'throw' ? undefined : script.at(-1));
    calls.push(context);
    if (step === undefined) {
      return Promise.reject(new RangeError(`The script has no outcome for call ${calls.length}.`));
    }
    return 'hang' in step ? hang(context?.signal) : play(step, clock);
  };
  return Object.assign(operation, { calls });
};

const play = <T>(
  step: Exclude<ScriptedOutcome<T>, { readonly hang: true }>,
  clock: Clock | undefined,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const end = () => ('resolve' in step ? resolve(step.resolve) : reject(step.reject));
    if (step.afterMs === undefined) end();
    else clock?.setTimer(end, step.afterMs);
  });

const hang = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_resolve, reject) => {
    if (signal === undefined) return;
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
