import type { AskedStore } from './asked-store.js';
import { type AttemptEnd, attemptEntry, type HeldEntry } from './attempt.js';
import type { InboxSettings } from './inbox-options.js';
import { Taker } from './taker.js';

/** How the entries of one `runOnce` ended. */
export interface InboxRun {
  readonly processed: number;
  readonly retried: number;
  readonly buried: number;
  /** Ends that the store did not take: there will be another attempt. */
  readonly lost: number;
}

/** Keeps up to `concurrency` attempts going while it is started. */
export class Worker {
  readonly #settings: InboxSettings;
  readonly #asked: AskedStore;
  readonly #taker: Taker;
  readonly #running = new Set<Promise<unknown>>();
  #isStarted = false;
  /** While the store is asked it is not asked again. */
  #taking: Promise<void> | undefined;
  #isWoken = false;
  #cancel: () => void = () => {};

  constructor(settings: InboxSettings, asked: AskedStore) {
    this.#settings = settings;
    this.#asked = asked;
    this.#taker = new Taker(settings, asked);
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.wake();
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    this.#cancel();
    await this.#taking;
    await Promise.all(this.#running);
  }

  /** There may be something to do. */
  wake(): void {
    if (!this.#isStarted) return;
    if (this.#taking !== undefined) {
      this.#isWoken = true;
      return;
    }
    const free = this.#settings.concurrency - this.#running.size;
    if (free <= 0) return;
    this.#cancel();
    this.#isWoken = false;
    this.#taking = this.#fill(free).then((mayBeMore) => {
      this.#taking = undefined;
      if (!this.#isStarted) return;
      if (mayBeMore || this.#isWoken) return this.wake();
      this.#cancel = this.#settings.clock.setTimer(() => this.wake(), this.#settings.pollMs);
    });
  }

  /** Works off what is due now, in batches. @throws what the store throws when it is asked for entries */
  async runOnce(): Promise<InboxRun> {
    const ends: Record<AttemptEnd, number> = { processed: 0, retried: 0, buried: 0, lost: 0 };
    for (;;) {
      const { entries } = await this.#taker.take(this.#settings.concurrency);
      if (entries.length === 0) return ends;
      for (const end of await Promise.all(entries.map((entry) => this.#track(entry)))) {
        ends[end] += 1;
      }
    }
  }

  /** Whether the store may have more. */
  async #fill(free: number): Promise<boolean> {
    try {
      const { entries, mayBeMore } = await this.#taker.take(free);
      for (const entry of entries) void this.#track(entry).then(() => this.wake());
      return mayBeMore;
    } catch {
      // It was told; the store is asked again at the next poll.
      return false;
    }
  }

  #track(entry: HeldEntry): Promise<AttemptEnd> {
    const attempt = attemptEntry(entry, this.#settings, this.#asked).catch((error): AttemptEnd => {
      // Only a clock that misbehaves gets here. The lease runs out, and the entry is taken again.
      this.#asked.failed('take', entry.key, error);
      return 'lost';
    });
    this.#running.add(attempt);
    return attempt.finally(() => this.#running.delete(attempt));
  }
}
