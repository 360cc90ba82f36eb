import { WebhookSecurityError } from '../errors.js';
import { randomId } from '../platform/index.js';
import { readClock } from '../time/read-clock.js';
import type { AskedStore } from './asked-store.js';
import type { HeldEntry } from './attempt.js';
import type { InboxSettings } from './inbox-options.js';

/** How many unreadable entries are remembered as told. */
const mostTold = 1_000;

/** A store may need a step for each, so a long list could outlast its deadline, and its entries their leases. */
const mostPerTake = 20;

/** Takes entries that are due, and tells once of each that cannot be read. */
export class Taker {
  readonly #settings: InboxSettings;
  readonly #asked: AskedStore;
  readonly #told = new Set<string>();

  constructor(settings: InboxSettings, asked: AskedStore) {
    this.#settings = settings;
    this.#asked = asked;
  }

  /**
   * Up to `wanted`; `mayBeMore` where the store gave all that it was asked for.
   * @throws what the store throws, after it was told
   */
  async take(wanted: number): Promise<{ entries: readonly HeldEntry[]; mayBeMore: boolean }> {
    const limit = Math.min(wanted, mostPerTake);
    const { leaseMs, clock } = this.#settings;
    const token = randomId();
    const since = readClock(clock, 'now');
    const { entries, unreadable } = await this.#asked.ask('take', undefined, (store) =>
      store.take({ token, leaseMs, limit }),
    );
    for (const key of unreadable) this.#tell(key);
    const held = entries.map((entry) => ({ ...entry, token, since }));
    return { entries: held, mayBeMore: held.length >= limit };
  }

  #tell(key: string): void {
    if (this.#told.has(key)) return;
    if (this.#told.size >= mostTold) this.#told.clear();
    this.#told.add(key);
    const text = 'the entry has a format that this version does not know';
    this.#asked.failed('take', key, new WebhookSecurityError('STORE_FORMAT', text));
  }
}
