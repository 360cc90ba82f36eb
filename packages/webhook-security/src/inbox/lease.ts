import type { Clock } from '../ports/clock.js';
import { readClock } from '../time/read-clock.js';
import { type AskedStore, leaseLost } from './asked-store.js';

/** A lease is renewed so many times before it would run out, so that one lost answer does no harm. */
const renewalsPerLease = 3;

/** Whether an entry is still ours; renewed until `end`. */
export class Lease {
  /** Aborted when another worker may take the entry. */
  readonly lost = new AbortController();
  readonly #key: string;
  readonly #token: string;
  readonly #leaseMs: number;
  readonly #clock: Clock;
  readonly #asked: AskedStore;
  #isOver = false;
  #cancelRenewal: () => void = () => {};
  #cancelLoss: () => void = () => {};

  /** @param since when the store was asked for it, by the monotonic clock */
  constructor(
    entry: { readonly key: string; readonly token: string; readonly since: number },
    settings: { readonly leaseMs: number; readonly clock: Clock },
    asked: AskedStore,
  ) {
    this.#key = entry.key;
    this.#token = entry.token;
    this.#leaseMs = settings.leaseMs;
    this.#clock = settings.clock;
    this.#asked = asked;
    this.#hold(entry.since);
  }

  end(): void {
    this.#isOver = true;
    this.#cancelRenewal();
    this.#cancelLoss();
  }

  /** A timer of its own ends the lease, for the store may be silent just then. */
  #hold(since: number): void {
    this.#cancelLoss();
    const leftMs = since + this.#leaseMs - readClock(this.#clock, 'now');
    if (leftMs <= 0) {
      this.#lose();
      return;
    }
    this.#cancelLoss = this.#clock.setTimer(() => this.#lose(), leftMs);
    this.#scheduleRenewal();
  }

  #scheduleRenewal(): void {
    const renew = () => void this.#renew();
    this.#cancelRenewal = this.#clock.setTimer(renew, this.#leaseMs / renewalsPerLease);
  }

  async #renew(): Promise<void> {
    const asked = readClock(this.#clock, 'now');
    const isHeld = await this.#isRenewed();
    if (this.#isOver) return;
    if (isHeld === false) return this.#lose();
    if (isHeld) return this.#hold(asked);
    // A store that fails is asked again for as long as nobody else can have the entry.
    this.#scheduleRenewal();
  }

  #lose(): void {
    this.end();
    const error = leaseLost();
    this.#asked.failed('renew', this.#key, error);
    this.lost.abort(error);
  }

  /** Undefined when the store failed. */
  async #isRenewed(): Promise<boolean | undefined> {
    const options = { token: this.#token, leaseMs: this.#leaseMs };
    const timeoutMs = this.#leaseMs / renewalsPerLease;
    try {
      const renew = this.#asked.ask(
        'renew',
        this.#key,
        (store) => store.renew(this.#key, options),
        timeoutMs,
      );
      return await renew;
    } catch {
      return undefined;
    }
  }
}
