import { type OperationContext, type RepeatableOperation, safe } from '../../src/index.js';
import type { ManualClock } from '../../src/testing/index.js';

/** An operation that fails `times` times and then succeeds, and when it was called. */
export const failing = (times: number, clock: ManualClock) => {
  const calledAt: number[] = [];
  const operation: RepeatableOperation<string> = safe(async ({ attempt }: OperationContext) => {
    calledAt.push(clock.now());
    if (calledAt.length <= times) throw new Error(`failed ${calledAt.length}`);
    return `ok ${attempt}`;
  });
  return { operation, calledAt };
};

/** An operation that never ends, and the contexts it was called with. */
export const hanging = () => {
  const contexts: OperationContext[] = [];
  const operation: RepeatableOperation<never> = safe((context: OperationContext) => {
    contexts.push(context);
    return new Promise<never>(() => {});
  });
  return { operation, contexts };
};

/** How a promise ended, once it has; a rejection is taken note of at once. */
export const outcomeOf = <T>(promise: Promise<T>) => {
  const outcome: { isSettled: boolean; value?: T; error?: unknown } = { isSettled: false };
  promise.then(
    (value) => Object.assign(outcome, { isSettled: true, value }),
    (error: unknown) => Object.assign(outcome, { isSettled: true, error }),
  );
  return outcome;
};
