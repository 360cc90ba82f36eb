import { noticeBody } from './bodies.js';
import { SimulatorClock } from './clock.js';
import { DuplicateGuard } from './duplicate-guard.js';
import { Issuer } from './issuer.js';
import { Ledger, type LedgerEntry } from './ledger.js';
import { Courier, type Notice } from './notices/courier.js';
import { goJson } from './notices/sign.js';
import type { ResolvedSimulatorOptions, SimulatorProfile } from './options.js';
import { Pages } from './page/pages.js';
import { References } from './references.js';

/** The simulated gateway without its HTTP face: its books, its bank, its pages and its courier. */
export class Gateway {
  readonly options: ResolvedSimulatorOptions;
  readonly clock: SimulatorClock;
  readonly references: References;
  readonly ledger = new Ledger();
  readonly issuer: Issuer;
  readonly guard: DuplicateGuard;
  readonly courier: Courier;
  readonly pages: Pages;
  readonly #notices = new Map<string, Notice>();

  constructor(options: ResolvedSimulatorOptions) {
    this.options = options;
    const clock = new SimulatorClock(options.clock);
    const wallTime = () => clock.wallTime();
    this.clock = clock;
    this.references = new References(options.seed, wallTime);
    this.issuer = new Issuer({ mode: options.mode, references: this.references, wallTime });
    this.guard = new DuplicateGuard({
      windowMs: options.duplicateWindowMs,
      now: () => clock.now(),
    });
    this.courier = new Courier({
      clock,
      retryDelaysMs: options.callbackRetryDelaysMs,
      timeoutMs: options.callbackTimeoutMs,
    });
    this.pages = new Pages();
  }

  profileOf(entry: LedgerEntry): SimulatorProfile {
    const profile = this.options.profiles.find((each) => each.profileId === entry.profileId);
    if (profile === undefined) throw new Error(`No profile ${entry.profileId}`);
    return profile;
  }

  /** Ends a temporary transaction, for good, and tells the merchant. */
  conclude(
    entry: LedgerEntry,
    end: Pick<LedgerEntry, 'responseCode' | 'responseMessage' | 'card'> & {
      status: NonNullable<LedgerEntry['status']>;
    },
  ): LedgerEntry {
    const concluded = this.ledger.put({
      ...entry,
      ...end,
      actedAt: this.clock.wallTime(),
      ...(end.status === 'A' ? { acquirerRef: this.references.acquirerRef() } : {}),
    });
    this.notify(concluded);
    return concluded;
  }

  /** Sends the callback, if the merchant asked for one. */
  notify(entry: LedgerEntry): void {
    const { callbackUrl } = entry;
    if (callbackUrl === undefined) return;
    const notice = this.#noticeOf(entry, callbackUrl);
    this.#notices.set(entry.tranRef, notice);
    this.courier.post(notice, this.options.callbackDelayMs);
  }

  /** The notice as it was last sent. */
  lastNotice(tranRef: string): Notice | undefined {
    return this.#notices.get(tranRef);
  }

  #noticeOf(entry: LedgerEntry, url: string): Notice {
    const profile = this.profileOf(entry);
    const body = noticeBody(entry, { profile, ipnTrace: this.references.ipnTrace() });
    // Over plain HTTP the real gateway sends an empty body.
    const readable = this.options.allowLocalCallback || url.toLowerCase().startsWith('https:');
    return {
      tranRef: entry.tranRef,
      url,
      profile,
      body: Buffer.from(readable ? goJson(body) : ''),
    };
  }

  async stop(): Promise<void> {
    this.clock.stop();
    await this.courier.stop();
  }
}
