import type { Clock } from '@nestcms/circuit-breaker';
import type { PayTabsClient } from '../../client/paytabs-client.js';
import { isPayTabsError } from '../../errors.js';
import { hasEnded, type Intent } from '../../intents/intent.js';
import type { IntentStore } from '../../ports/intent-store.js';
import type { Look } from './intent-line.js';

/** So many questions at once, as the client's own rounds have them. */
const concurrency = 4;

export interface Looking {
  readonly client: PayTabsClient;
  readonly store: IntentStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Fit to be shown. */
  readonly saidBy: (error: unknown) => string;
}

/** Later than any time in a store. */
const endOfTime = new Date(8_640_000_000_000_000);

/** What is open or untold: what is due now, or, to be listed only, all of it. */
export const listIntents = (
  { store, client, clock }: Looking,
  { limit, isAll }: { readonly limit: number; readonly isAll: boolean },
): Promise<readonly Intent[]> =>
  store.listDue({
    profileId: client.profileId,
    dueBefore: isAll ? endOfTime : new Date(clock.wallTime()),
    limit,
  });

/** Asks about each that has not ended; tells each look as soon as it is had. */
export async function lookAtAll(
  intents: readonly Intent[],
  looking: Looking,
  tell: (look: Look) => void,
): Promise<void> {
  const waiting = [...intents];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (looking.signal.aborted) return;
      tell(hasEnded(next) ? untold(next) : await lookAt(next, looking));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}

/** An end is for the shop's own process to take: nobody else can write it into its books. */
export const untold = (before: Intent): Look =>
  hasEnded(before) && !before.acknowledged
    ? { before, note: 'not yet told to the shop' }
    : { before };

/** Asks about one, due or not: that nothing is found counts for an end only where it is due. */
export async function lookAt(before: Intent, { client, signal, saidBy }: Looking): Promise<Look> {
  try {
    return { before, after: await client.check({ cartId: before.cartId }, { signal }) };
  } catch (error) {
    if (isPayTabsError(error, 'ABORTED')) return { before, note: 'not asked: stopped' };
    return { before, note: saidBy(error), isFailed: true };
  }
}
