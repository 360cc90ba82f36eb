import { WebhookSecurityError } from '../../errors.js';
import type { ErrorKind } from '../../observer.js';
import type { Clock } from '../../ports/clock.js';
import type { DeadLetter, InboxDelivery, InboxStore } from '../../ports/inbox-store.js';
import { readClock } from '../../time/read-clock.js';
import { clockOption, integer, refuseUnknown } from '../../validation.js';
import { cursorOf, placeOf } from '../dead-letter-cursor.js';

export interface MemoryInboxStoreOptions {
  /** Entries at a time, completed ones included. Default 10,000; 1 to 1,000,000. When full, adding is refused. */
  readonly maxEntries?: number;
  readonly clock?: Clock;
}

interface OpenEntry {
  readonly key: string;
  readonly delivery: InboxDelivery;
  attempts: number;
  /** When it is due, or when its lease ends; monotonic. */
  at: number;
  token: string | undefined;
}

/**
 * An inbox of this one process, for tests and for what may be lost: it forgets everything at a restart,
 * so it answers senders without keeping anything for them.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function createMemoryInboxStore(
  options: MemoryInboxStoreOptions = {},
): InboxStore & { readonly size: number } {
  refuseUnknown('', options, ['maxEntries', 'clock']);
  const maxEntries = integer('maxEntries', options.maxEntries ?? 10_000, 1, 1_000_000);
  return new MemoryInboxStore(maxEntries, clockOption(options.clock));
}

class MemoryInboxStore implements InboxStore {
  readonly #maxEntries: number;
  readonly #clock: Clock;
  readonly #open = new Map<string, OpenEntry>();
  readonly #dead = new Map<string, DeadLetter>();
  /** Until when each is known, in the order of completion. */
  readonly #completed = new Map<string, number>();

  constructor(maxEntries: number, clock: Clock) {
    this.#maxEntries = maxEntries;
    this.#clock = clock;
  }

  get size(): number {
    return this.#open.size + this.#dead.size + this.#completed.size;
  }

  async add(key: string, delivery: InboxDelivery): Promise<'added' | 'known'> {
    this.#forgetCompleted(key);
    if (this.#open.has(key) || this.#dead.has(key) || this.#completed.has(key)) return 'known';
    if (this.size >= this.#maxEntries) {
      throw new WebhookSecurityError('STORE_FULL', `the inbox holds ${this.#maxEntries} entries`);
    }
    this.#open.set(key, { key, delivery, attempts: 0, at: this.#now(), token: undefined });
    return 'added';
  }

  async take({ token, leaseMs, limit }: Parameters<InboxStore['take']>[0]) {
    const now = this.#now();
    const due = [...this.#open.values()].filter(({ at }) => at <= now);
    const taken = due.sort((one, other) => one.at - other.at).slice(0, limit);
    const entries = taken.map((entry) => {
      entry.token = token;
      entry.at = now + leaseMs;
      entry.attempts += 1;
      return { key: entry.key, delivery: entry.delivery, attempt: entry.attempts };
    });
    return { entries, unreadable: [] };
  }

  async renew(key: string, { token, leaseMs }: { token: string; leaseMs: number }) {
    const entry = this.#held(key, token);
    if (entry !== undefined) entry.at = this.#now() + leaseMs;
    return entry !== undefined;
  }

  async complete(key: string, { token, keepMs }: { token: string; keepMs: number }) {
    if (this.#held(key, token) === undefined) return false;
    this.#open.delete(key);
    this.#completed.set(key, this.#now() + keepMs);
    return true;
  }

  async retry(key: string, { token, delayMs }: { token: string; delayMs: number }) {
    const entry = this.#held(key, token);
    if (entry === undefined) return false;
    // Of equal due times, the one that failed comes after those that wait already.
    this.#open.delete(key);
    this.#open.set(key, { ...entry, at: this.#now() + delayMs, token: undefined });
    return true;
  }

  async bury(key: string, { token, error }: { token: string; error: ErrorKind }) {
    const entry = this.#held(key, token);
    if (entry === undefined) return false;
    const { delivery, attempts } = entry;
    const buriedAt = Math.trunc(readClock(this.#clock, 'wallTime'));
    this.#open.delete(key);
    this.#dead.set(key, { key, delivery, attempts, buriedAt, error });
    return true;
  }

  async deadLetters({ limit, after }: { limit: number; after?: string | undefined }) {
    const place = placeOf(after);
    const all = [...this.#dead.values()].sort(
      (one, other) => one.buriedAt - other.buriedAt || (one.key < other.key ? -1 : 1),
    );
    const isAfter = ({ buriedAt, key }: DeadLetter) =>
      place === undefined ||
      buriedAt > place.buriedAt ||
      (buriedAt === place.buriedAt && key > place.key);
    const rest = all.filter(isAfter);
    const entries = rest.slice(0, limit);
    const last = entries.at(-1);
    return {
      entries,
      next: last !== undefined && rest.length > limit ? cursorOf(last) : undefined,
    };
  }

  async replay(key: string): Promise<boolean> {
    const letter = this.#dead.get(key);
    if (letter === undefined) return false;
    const { delivery } = letter;
    this.#dead.delete(key);
    this.#open.set(key, { key, delivery, attempts: 0, at: this.#now(), token: undefined });
    return true;
  }

  async counts() {
    const now = this.#now();
    const due = [...this.#open.values()].filter(({ at }) => at <= now).length;
    return { due, later: this.#open.size - due, dead: this.#dead.size };
  }

  #now(): number {
    return readClock(this.#clock, 'now');
  }

  #held(key: string, token: string): OpenEntry | undefined {
    const entry = this.#open.get(key);
    return entry?.token === token ? entry : undefined;
  }

  /** One inbox keeps all as long, so those whose time is over stand first; others are found by their key. */
  #forgetCompleted(asked: string): void {
    const now = this.#now();
    if ((this.#completed.get(asked) ?? now) <= now) this.#completed.delete(asked);
    for (const [key, until] of this.#completed) {
      if (until > now) return;
      this.#completed.delete(key);
    }
  }
}
