import { WebhookSecurityError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { ReplayStore } from '../../ports/replay-store.js';
import { readClock } from '../../time/read-clock.js';
import { clockOption, integer, refuseUnknown } from '../../validation.js';

export interface MemoryReplayStoreOptions {
  /** Deliveries known at a time. Default 100,000; 1 to 10,000,000. When full, claims are refused. */
  readonly maxEntries?: number;
  readonly clock?: Clock;
}

interface Entry {
  /** The claim's holder; undefined once confirmed. */
  readonly token: string | undefined;
  readonly expiresAt: number;
}

/** How many old entries one call looks at, so that no call pays for all of them. */
const sweepPerCall = 8;
/** How soon a full store may look through everything again, in ms. */
const fullSweepEveryMs = 1_000;

/**
 * Remembers deliveries of this one process: enough for a single instance and for tests. Behind a
 * load balancer each instance would accept its own copy. Forgets everything at a restart.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function createMemoryReplayStore(
  options: MemoryReplayStoreOptions = {},
): ReplayStore & { readonly size: number } {
  refuseUnknown('', options, ['maxEntries', 'clock']);
  const maxEntries = integer('maxEntries', options.maxEntries ?? 100_000, 1, 10_000_000);
  const clock = clockOption(options.clock);
  const now = () => readClock(clock, 'now');
  // In the order of writing, which for equal times to live is the order of expiry.
  const entries = new Map<string, Entry>();
  let lastFullSweep = Number.NEGATIVE_INFINITY;

  const sweep = (most: number) => {
    let looked = 0;
    for (const [key, entry] of entries) {
      if (looked === most) return;
      looked += 1;
      if (entry.expiresAt <= now()) entries.delete(key);
    }
  };
  const live = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    return entry !== undefined && entry.expiresAt > now() ? entry : undefined;
  };
  const write = (key: string, entry: Entry) => {
    entries.delete(key);
    entries.set(key, entry);
  };
  const makeRoom = () => {
    sweep(sweepPerCall);
    if (entries.size < maxEntries) return;
    if (now() - lastFullSweep >= fullSweepEveryMs) {
      lastFullSweep = now();
      sweep(entries.size);
    }
    if (entries.size < maxEntries) return;
    throw new WebhookSecurityError('STORE_FULL', `the store holds ${maxEntries} live deliveries`);
  };

  return {
    get size() {
      return entries.size;
    },
    claim: async (key, { claimMs, token }) => {
      const entry = live(key);
      if (entry !== undefined && entry.token !== token) {
        return entry.token === undefined ? 'confirmed' : 'claimedElsewhere';
      }
      if (entry === undefined) {
        entries.delete(key);
        makeRoom();
      }
      write(key, { token, expiresAt: now() + claimMs });
      return 'claimed';
    },
    confirm: async (key, { keepMs }) => {
      // May exceed the bound by the claims in flight: work that was done must not be forgotten.
      write(key, { token: undefined, expiresAt: now() + keepMs });
    },
    release: async (key, { token }) => {
      if (live(key)?.token === token) entries.delete(key);
    },
  };
}
