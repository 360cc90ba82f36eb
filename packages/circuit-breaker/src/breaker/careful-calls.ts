import { type Operation, TryContext } from '../operation/operation.js';
import { Rethrown } from '../operation/rethrown.js';
import { CallerScope, ENDLESS } from '../operation/scope.js';
import { start } from '../operation/start.js';
import { untilAborted } from '../operation/until-aborted.js';
import { abortedBy } from '../operation/watch-signal.js';
import { whenEnded } from '../operation/when-ended.js';
import { checkCall, refuseUnknown } from '../validation.js';
import type { Engine } from './engine.js';
import { CallPermit } from './permit.js';
import { countRefusal, refusalFor, refuse } from './refusing.js';
import { isThenable, refusePromise } from './thenable.js';

export interface ExecuteOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What operations are given that nobody can give up. */
export const CONTEXT = Object.freeze(new TryContext(ENDLESS, 1));

/** `execute` in full: in any state, with options to be checked and a signal to be heeded. */
export const executeWithCare = <T>(
  engine: Engine,
  operation: Operation<T>,
  options: ExecuteOptions = {},
): Promise<T> => {
  try {
    refuseUnknown('', options, ['signal']);
    checkCall(operation, options.signal);
    if (options.signal?.aborted) throw abortedBy(options.signal);
  } catch (error) {
    return Promise.reject(error);
  }
  const { signal } = options;
  const permit = engine.enter();
  if (permit instanceof CallPermit) return executeWith(permit, operation, signal);
  if (!engine.mayWait) return refuse(engine, permit);
  // Aborted in the very moment it is let in, it is not begun.
  return engine.wait(signal).then((late) => executeWith(late, operation, signal));
};

/** `executeSync` in any state. */
export const executeSyncWithCare = <T>(engine: Engine, operation: () => T): T => {
  const permit = engine.enter();
  if (!(permit instanceof CallPermit)) {
    countRefusal(engine, permit);
    throw refusalFor(engine, permit).error;
  }
  let value: T;
  try {
    value = operation();
  } catch (error) {
    permit.report({ status: 'rejected', error });
    throw error;
  }
  if (isThenable(value)) {
    permit.ignore();
    refusePromise(value);
  }
  permit.report({ status: 'fulfilled', value });
  return value;
};

const executeWith = <T>(
  permit: CallPermit,
  operation: Operation<T>,
  signal: AbortSignal | undefined,
): Promise<T> => {
  const context = signal === undefined ? CONTEXT : new TryContext(new CallerScope(signal), 1);
  return untilAborted(
    signal,
    () =>
      whenEnded(
        start(operation, context),
        (value) => {
          permit.report({ status: 'fulfilled', value });
          return value;
        },
        (error: unknown) => {
          permit.report({ status: 'rejected', error });
          return new Rethrown(error) as unknown as T;
        },
      ),
    () => permit.ignore(),
  );
};
