import {
  CircuitBreaker,
  type Classify,
  defaultClassify,
  type GuardedEmitter,
} from '@nestcms/circuit-breaker';
import type { OperationKind, PayTabsEvents } from '../events.js';
import type { Reply } from '../gateway/reply.js';
import type { ResolvedOptions } from '../options.js';
import { judgeReply } from './judge-reply.js';

const classifierFor =
  (kind: OperationKind): Classify =>
  (settled) =>
    settled.status === 'fulfilled'
      ? judgeReply(settled.value as Reply, kind).outcome
      : defaultClassify(settled);

/** Kept in constants: a registry compares functions by identity. */
const classifiers = { read: classifierFor('read'), write: classifierFor('write') };

/** The breaker of one kind of operation; its changes are told as events of the client. */
export function makeBreaker(
  kind: OperationKind,
  { options, events }: { options: ResolvedOptions; events: GuardedEmitter<PayTabsEvents> },
): CircuitBreaker {
  const { origin, profileId, clock, onListenerError, breakerRegistry } = options;
  const breakerOptions = {
    ...options.breakers[kind],
    name: `paytabs:${new URL(origin).host}:${profileId}:${kind}`,
    clock,
    classify: classifiers[kind],
    onListenerError,
  };
  const breaker =
    breakerRegistry?.getOrCreate(breakerOptions) ?? new CircuitBreaker(breakerOptions);
  const tell = (state: PayTabsEvents['breakerChanged']['state'], retryAfterMs = 0) =>
    events.emit('breakerChanged', { breaker: breaker.name, kind, state, retryAfterMs });
  breaker.events.on('opened', ({ retryAfterMs }) => tell('open', retryAfterMs));
  breaker.events.on('halfOpened', () => tell('halfOpen'));
  breaker.events.on('closed', () => tell('closed'));
  return breaker;
}
