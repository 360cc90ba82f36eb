import type { ListenerFailure, OnListenerError } from './listener-failure.js';

interface WarningSink {
  emitWarning?: (text: string, options: { type: string; detail?: string }) => void;
}

const describe = (error: unknown): { text: string; stack?: string | undefined } => {
  if (!(error instanceof Error)) return { text: String(error) };
  return { text: `${error.name}: ${error.message}`, stack: error.stack };
};

/** The default report: a process warning, or a console line where there is no such thing. */
const warn = ({ kind, name, error }: ListenerFailure): void => {
  try {
    const { text, stack } = describe(error);
    const line = `The ${kind} '${name}' failed and was skipped. ${text}`;
    const sink = (globalThis as { process?: WarningSink }).process;
    if (sink?.emitWarning === undefined) console.warn(line);
    else
      sink.emitWarning(line, {
        type: 'ListenerFailedWarning',
        ...(stack === undefined ? {} : { detail: stack }),
      });
  } catch {
    // An error that cannot even be turned into text; nobody is left to tell.
  }
};

/** Reports `failure` to the hook, or by a warning. Never throws, never leaves a rejection behind. */
export const reportFailure = (
  hook: OnListenerError | undefined,
  failure: ListenerFailure,
): void => {
  if (hook === undefined) {
    warn(failure);
    return;
  }
  const hookFailed = (error: unknown) => {
    warn(failure);
    warn({ kind: 'callback', name: 'onListenerError', error });
  };
  try {
    watch(hook(failure), hookFailed);
  } catch (error) {
    hookFailed(error);
  }
};

/** Hands the rejection of a promise that user code returned to `onRejected`. May throw if `value` is a trap. */
const watch = (value: unknown, onRejected: (error: unknown) => void): void => {
  if (typeof value !== 'object' || value === null || !('then' in value)) return;
  Promise.resolve(value).then(undefined, onRejected);
};

/** Calls user code whose answer does not matter. What it throws or rejects with is reported. */
export const callGuarded = (
  call: () => unknown,
  what: Pick<ListenerFailure, 'kind' | 'name'>,
  hook: OnListenerError | undefined,
): void => {
  const failed = (error: unknown) => reportFailure(hook, { ...what, error });
  try {
    watch(call(), failed);
  } catch (error) {
    failed(error);
  }
};

/**
 * The answer of user code, or undefined if it throws or gives none that `fits`; both are reported.
 * A promise is never an answer, and one that is rejected leaves no rejection behind.
 */
export const askGuarded = <T>(
  call: () => T,
  fits: (answer: T) => boolean,
  what: Pick<ListenerFailure, 'kind' | 'name'> & { readonly expected: string },
  hook: OnListenerError | undefined,
): T | undefined => {
  const { kind, name, expected } = what;
  try {
    const answer = call();
    if (fits(answer)) return answer;
    watch(answer, () => {});
    throw new TypeError(`${name} must return ${expected}.`);
  } catch (error) {
    reportFailure(hook, { kind, name, error });
    return undefined;
  }
};
