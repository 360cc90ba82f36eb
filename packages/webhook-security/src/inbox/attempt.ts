import { WebhookSecurityError } from '../errors.js';
import { type ErrorKind, errorKind } from '../observer.js';
import type { TakenEntry } from '../ports/inbox-store.js';
import { withDeadline } from '../time/deadline.js';
import { readClock } from '../time/read-clock.js';
import { type AskedStore, leaseLost } from './asked-store.js';
import type { InboxSettings } from './inbox-options.js';
import { Lease } from './lease.js';

/** How one attempt ended; `lost` when the store did not take the end, so that there will be another. */
export type AttemptEnd = 'processed' | 'retried' | 'buried' | 'lost';

/** One entry, held by one token since some time of the monotonic clock. */
export interface HeldEntry extends TakenEntry {
  readonly token: string;
  readonly since: number;
}

/** Runs the processor for one entry and tells the store how it ended. Never rejects. */
export async function attemptEntry(
  entry: HeldEntry,
  settings: InboxSettings,
  asked: AskedStore,
): Promise<AttemptEnd> {
  const { key, token, attempt } = entry;
  const { emit, keepMs, maxAttempts, clock } = settings;
  // Each attempt before ended with its worker: this entry may be what ends them.
  if (attempt > maxAttempts) return bury(entry, errorKind(leaseLost()), settings, asked);
  const lease = new Lease(entry, settings, asked);
  // The store answered so late that another worker may have the entry already.
  if (lease.lost.signal.aborted) return 'lost';
  const began = readClock(clock, 'now');
  try {
    await runProcessor(entry, settings, lease.lost.signal);
  } catch (error) {
    lease.end();
    if (lease.lost.signal.aborted) return 'lost';
    const kind = errorKind(error);
    if (attempt >= maxAttempts) return bury(entry, kind, settings, asked);
    return retry(entry, kind, settings, asked);
  }
  lease.end();
  // Though the lease may be lost: the work is done, and the store decides whether it still counts.
  const isDone = await asked.end('complete', key, (store) =>
    store.complete(key, { token, keepMs }),
  );
  if (!isDone) return 'lost';
  const durationMs = readClock(clock, 'now') - began;
  emit({ event: 'processed', key, attempt, durationMs });
  return 'processed';
}

async function runProcessor(
  { key, delivery, attempt }: HeldEntry,
  { process, clock, processTimeoutMs }: InboxSettings,
  lost: AbortSignal,
): Promise<void> {
  const ended = new AbortController();
  const expired = () => {
    const text = `the processor did not end within ${processTimeoutMs} ms`;
    const error = new WebhookSecurityError('PROCESS_TIMEOUT', text);
    ended.abort(error);
    return error;
  };
  const { payload: text, ...rest } = delivery;
  const payload: unknown = text === undefined ? undefined : JSON.parse(text);
  const signal = AbortSignal.any([ended.signal, lost]);
  await withDeadline(async () => process({ key, ...rest, payload, attempt, signal }), {
    clock,
    timeoutMs: processTimeoutMs,
    expired,
  });
}

async function retry(
  { key, token, attempt }: HeldEntry,
  error: ErrorKind,
  { backoff, emit }: InboxSettings,
  asked: AskedStore,
): Promise<AttemptEnd> {
  const delayMs = backoff(attempt);
  const isDone = await asked.end('retry', key, (store) =>
    store.retry(key, { token, delayMs, error }),
  );
  if (!isDone) return 'lost';
  emit({ event: 'retried', key, attempt, delayMs, error });
  return 'retried';
}

async function bury(
  { key, token, attempt }: HeldEntry,
  error: ErrorKind,
  { emit }: InboxSettings,
  asked: AskedStore,
): Promise<AttemptEnd> {
  const isDone = await asked.end('bury', key, (store) => store.bury(key, { token, error }));
  if (!isDone) return 'lost';
  emit({ event: 'buried', key, attempt, error });
  return 'buried';
}
