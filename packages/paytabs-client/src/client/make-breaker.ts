import {
  CircuitBreaker,
  type Classify,
  defaultClassify,
  type GuardedEmitter,
} from '@nestcms/circuit-breaker';
import type { OperationKind, PayTabsEvents } from '../events.js';
import type { ResolvedOptions } from '../options.js';
import { FailedTry } from './failed-try.js';
import { tuned } from './tuned.js';

/** Kept in a constant: a registry compares functions by identity. */
const classify: Classify = (settled) => {
  const isJudged = settled.status === 'rejected' && settled.error instanceof FailedTry;
  return isJudged ? settled.error.outcome : defaultClassify(settled);
};

/**
 * The breaker of one kind of operation; its changes are told as events of the client until `stopTelling` is called.
 * @throws PayTabsError INVALID_OPTION
 */
export function makeBreaker(
  kind: OperationKind,
  { options, events }: { options: ResolvedOptions; events: GuardedEmitter<PayTabsEvents> },
): { breaker: CircuitBreaker; stopTelling: () => void } {
  const { origin, clock, onListenerError, breakerRegistry } = options;
  const breakerOptions = {
    ...options.breakers[kind],
    // By host, not by profile: through one registry all profiles learn of an outage together.
    name: `paytabs:${new URL(origin).host}:${kind}`,
    clock,
    classify,
    onListenerError,
  };
  const breaker = tuned(`breakers.${kind}`, () =>
    breakerRegistry === undefined
      ? new CircuitBreaker(breakerOptions)
      : breakerRegistry.getOrCreate(breakerOptions),
  );
  const tell = (state: PayTabsEvents['breakerChanged']['state'], retryAfterMs = 0) =>
    events.emit('breakerChanged', { breaker: breaker.name, kind, state, retryAfterMs });
  const ends = [
    breaker.events.on('opened', ({ retryAfterMs }) => tell('open', retryAfterMs)),
    breaker.events.on('halfOpened', () => tell('halfOpen')),
    breaker.events.on('closed', () => tell('closed')),
  ];
  // A breaker of a registry outlives this client.
  const stopTelling = () => {
    for (const end of ends) end();
  };
  return { breaker, stopTelling };
}
