import { noticeBody } from '../bodies.js';
import type { LedgerEntry } from '../books/ledger.js';
import type { SimulatorClock } from '../clock.js';
import type { ResolvedSimulatorOptions, SimulatorProfile } from '../options.js';
import type { References } from '../references.js';
import { Courier, type Notice } from './courier.js';
import { goJson } from './sign.js';

/** In which order notices that were held back are let go. */
export type NoticeOrder = 'asSent' | 'reversed' | 'shuffled';

/** Tells merchants what happened: by the callback of the request, and by the profile's IPN. */
export class Notifier {
  readonly courier: Courier;
  readonly #options: ResolvedSimulatorOptions;
  readonly #references: References;
  readonly #profileOf: (entry: LedgerEntry) => SimulatorProfile;
  readonly #last = new Map<string, Notice>();
  #held: Notice[] | undefined;

  constructor({
    options,
    clock,
    references,
    profileOf,
  }: {
    options: ResolvedSimulatorOptions;
    clock: SimulatorClock;
    references: References;
    profileOf: (entry: LedgerEntry) => SimulatorProfile;
  }) {
    this.#options = options;
    this.#references = references;
    this.#profileOf = profileOf;
    this.courier = new Courier({
      clock,
      retryDelaysMs: options.callbackRetryDelaysMs,
      timeoutMs: options.callbackTimeoutMs,
      logLimit: options.logLimit,
    });
  }

  /** Sends what the merchant asked for. */
  notify(entry: LedgerEntry): void {
    const profile = this.#profileOf(entry);
    const { callbackUrl } = entry;
    const { ipn } = profile;
    if (ipn !== undefined && (callbackUrl === undefined || ipn.withCallback !== false)) {
      this.#post(this.#noticeOf(entry, { profile, url: ipn.url, userAgent: ipn.userAgent }));
    }
    if (callbackUrl !== undefined) this.#post(this.#noticeOf(entry, { profile, url: callbackUrl }));
  }

  /** The notice as it was last sent. */
  last(tranRef: string): Notice | undefined {
    return this.#last.get(tranRef);
  }

  /** Keeps notices back until they are let go. */
  hold(): void {
    this.#held ??= [];
  }

  /** Lets those go that were kept back, in this order, one after the other; how many there were. */
  async release(order: NoticeOrder = 'asSent'): Promise<number> {
    const held = this.#held ?? [];
    this.#held = undefined;
    const shuffled = held.map((notice) => ({ notice, at: this.#references.share() }));
    if (order === 'shuffled') shuffled.sort((left, right) => left.at - right.at);
    if (order === 'reversed') shuffled.reverse();
    for (const { notice } of shuffled) await this.courier.post(notice, 0);
    return held.length;
  }

  async stop(): Promise<void> {
    await this.courier.stop();
  }

  #post(notice: Notice): void {
    this.#remember(notice);
    if (this.#held !== undefined) {
      this.#held.push(notice);
      return;
    }
    const { callbackDuplicates } = this.#options;
    void this.courier.post(notice, this.#delayMs());
    if (callbackDuplicates > 0 && this.#references.share() < callbackDuplicates) {
      void this.courier.post(notice, this.#delayMs());
    }
  }

  #remember(notice: Notice): void {
    // Last is newest: the oldest goes first.
    this.#last.delete(notice.tranRef);
    this.#last.set(notice.tranRef, notice);
    if (this.#last.size <= this.#options.logLimit) return;
    const [oldest = ''] = this.#last.keys();
    this.#last.delete(oldest);
  }

  #delayMs(): number {
    const { callbackDelayMs: delay } = this.#options;
    if (typeof delay === 'number') return delay;
    return Math.round(delay[0] + this.#references.share() * (delay[1] - delay[0]));
  }

  #noticeOf(
    entry: LedgerEntry,
    {
      profile,
      url,
      userAgent,
    }: { profile: SimulatorProfile; url: string; userAgent?: string | undefined },
  ): Notice {
    const { allowLocalCallback, decimals, goEscapes, retryTrace } = this.#options;
    // Over plain HTTP the real gateway sends an empty body.
    const readable = allowLocalCallback || url.toLowerCase().startsWith('https:');
    const write = () => {
      const ipnTrace = this.#references.ipnTrace();
      const body = noticeBody(entry, { profile, decimals, ipnTrace });
      return Buffer.from(!readable ? '' : goEscapes ? goJson(body) : JSON.stringify(body));
    };
    return {
      tranRef: entry.tranRef,
      url,
      profile,
      body: write(),
      ...(userAgent === undefined ? {} : { userAgent }),
      ...(retryTrace === 'new' ? { rewrite: write } : {}),
    };
  }
}
