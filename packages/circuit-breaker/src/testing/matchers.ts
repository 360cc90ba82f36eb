import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import type { CircuitState } from '../breaker/state.js';

/** What a matcher of `expect.extend` answers. */
export interface MatcherResult {
  readonly pass: boolean;
  message(): string;
}

const inState =
  (wanted: CircuitState) =>
  (breaker: CircuitBreaker): MatcherResult => {
    const { state, window, held } = breaker.stats();
    const hold = held === undefined ? '' : `, held ${held}`;
    const facts = `${state}${hold}, ${window.failures} of ${window.calls} calls failed`;
    return {
      pass: state === wanted,
      message: () =>
        state === wanted
          ? `expected breaker '${breaker.name}' not to be ${wanted} (${facts})`
          : `expected breaker '${breaker.name}' to be ${wanted}; it is ${facts}`,
    };
  };

/**
 * Matchers for `expect.extend(breakerMatchers)` of vitest and jest: `expect(breaker).toBeOpen()`,
 * `.toBeClosed()`, `.toBeHalfOpen()`, `.toHaveCounted({ calls, failures })`.
 */
export const breakerMatchers = {
  toBeOpen: inState('open'),
  toBeClosed: inState('closed'),
  toBeHalfOpen: inState('halfOpen'),
  toHaveCounted: (
    breaker: CircuitBreaker,
    wanted: { readonly calls?: number; readonly failures?: number; readonly slow?: number },
  ): MatcherResult => {
    const { window } = breaker.stats();
    const differing = (Object.keys(wanted) as (keyof typeof wanted)[]).filter(
      (name) => window[name] !== wanted[name],
    );
    const pass = differing.length === 0;
    const inWords = differing.map((name) => `${name} ${wanted[name]}, counted ${window[name]}`);
    return {
      pass,
      message: () =>
        pass
          ? `expected breaker '${breaker.name}' to have counted otherwise`
          : `expected breaker '${breaker.name}' to have counted ${inWords.join('; ')}`,
    };
  },
};

/** What `breakerMatchers` add to `expect(…)`; to be merged into the interface of your test runner. */
export interface BreakerMatchers<R = unknown> {
  toBeOpen(): R;
  toBeClosed(): R;
  toBeHalfOpen(): R;
  toHaveCounted(wanted: {
    readonly calls?: number;
    readonly failures?: number;
    readonly slow?: number;
  }): R;
}
