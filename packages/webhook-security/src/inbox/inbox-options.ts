import { guardObserver, type ObserverFailure } from '../observer.js';
import type { Clock } from '../ports/clock.js';
import { type InboxDelivery, type InboxStore, inboxStoreMethods } from '../ports/inbox-store.js';
import {
  clockOption,
  integer,
  optionalFunction,
  refuseUnknown,
  requireFunction,
  requireMethods,
} from '../validation.js';
import { type Backoff, type BackoffOptions, backoffOf } from './backoff.js';
import type { InboxEvent, InboxObserver } from './inbox-events.js';

/** A delivery whose turn it is. */
export interface InboxWork<Payload = unknown> extends Omit<InboxDelivery, 'payload'> {
  /** Names the delivery over all attempts: make what you do idempotent by it. */
  readonly key: string;
  /** What the verdict had, after a round trip through JSON: dates are texts, and undefined is dropped. */
  readonly payload: Payload;
  /** 1 for the first. */
  readonly attempt: number;
  /** Aborted when `processTimeoutMs` is over, or when another worker may take the entry. */
  readonly signal: AbortSignal;
}

export type InboxProcessor<Payload = unknown> = (work: InboxWork<Payload>) => unknown;

export interface InboxOptions<Payload = unknown> {
  readonly store: InboxStore;
  /**
   * Called at least once for each delivery, and at times more often: after a crash, a lost answer of the
   * store, or a failure half way. So it has to be idempotent. What it throws is tried again.
   */
  readonly process: InboxProcessor<Payload>;
  /** Default 12; 1 to 1,000. After so many it is a dead letter. */
  readonly maxAttempts?: number;
  readonly backoff?: BackoffOptions;
  /** How long a worker that is not heard of keeps its entries, in ms. Default 30,000; 1,000 to 3,600,000. */
  readonly leaseMs?: number;
  /** How many entries this worker works on at a time. Default 4; 1 to 1,000. */
  readonly concurrency?: number;
  /** How often the store is asked for what is due, in ms. Default 1,000; 10 to 3,600,000. */
  readonly pollMs?: number;
  /** How long one attempt may take, in ms. Default 60,000; 1 to 86,400,000. */
  readonly processTimeoutMs?: number;
  /** How long what is done stays known, in ms. Default 604,800,000; 60,000 to 10 years. */
  readonly keepMs?: number;
  /** How long the store may take to answer, in ms. Default 5,000; 1 to 60,000. */
  readonly storeTimeoutMs?: number;
  readonly clock?: Clock;
  readonly observer?: InboxObserver;
  /** Told when the observer throws or rejects. Default: a process warning. */
  readonly onObserverError?: (failure: ObserverFailure<InboxEvent['event']>) => void;
}

/** The options with every default filled in. */
export interface InboxSettings {
  readonly store: InboxStore;
  readonly process: InboxProcessor;
  readonly maxAttempts: number;
  readonly backoff: Backoff;
  readonly leaseMs: number;
  readonly concurrency: number;
  readonly pollMs: number;
  readonly processTimeoutMs: number;
  readonly keepMs: number;
  readonly storeTimeoutMs: number;
  readonly clock: Clock;
  readonly emit: (event: InboxEvent) => void;
}

export const INBOX_DEFAULTS = Object.freeze({
  maxAttempts: 12,
  leaseMs: 30_000,
  concurrency: 4,
  pollMs: 1_000,
  processTimeoutMs: 60_000,
  keepMs: 604_800_000,
  storeTimeoutMs: 5_000,
} as const);

const names = ['store', 'process', 'backoff', 'clock', 'observer', 'onObserverError'] as const;
const tenYearsMs = 315_360_000_000;

/** Each with its range. */
const ranges = {
  maxAttempts: [1, 1_000],
  leaseMs: [1_000, 3_600_000],
  concurrency: [1, 1_000],
  pollMs: [10, 3_600_000],
  processTimeoutMs: [1, 86_400_000],
  keepMs: [60_000, tenYearsMs],
  storeTimeoutMs: [1, 60_000],
} as const satisfies Record<keyof typeof INBOX_DEFAULTS, readonly [number, number]>;

/** @throws WebhookSecurityError INVALID_OPTION */
export function readInboxOptions<Payload>(options: InboxOptions<Payload>): InboxSettings {
  refuseUnknown('', options, [...names, ...Object.keys(ranges)]);
  const { store, process } = options;
  requireMethods('store', store, inboxStoreMethods, 'an InboxStore');
  requireFunction('process', process);
  const observer = optionalFunction('observer', options.observer);
  const onObserverError = optionalFunction('onObserverError', options.onObserverError);
  const read = (name: keyof typeof ranges) => {
    const [min, max] = ranges[name];
    return integer(name, options[name] ?? INBOX_DEFAULTS[name], min, max);
  };
  return {
    store,
    process: process as InboxProcessor,
    maxAttempts: read('maxAttempts'),
    backoff: backoffOf(options.backoff),
    leaseMs: read('leaseMs'),
    concurrency: read('concurrency'),
    pollMs: read('pollMs'),
    processTimeoutMs: read('processTimeoutMs'),
    keepMs: read('keepMs'),
    storeTimeoutMs: read('storeTimeoutMs'),
    clock: clockOption(options.clock),
    emit: guardObserver<InboxEvent>(observer, onObserverError) ?? (() => {}),
  };
}
