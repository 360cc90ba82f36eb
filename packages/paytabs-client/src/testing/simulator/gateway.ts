import { type BankAnswer, Issuer } from './bank/issuer.js';
import { Agreements } from './books/agreements.js';
import { DuplicateGuard } from './books/duplicate-guard.js';
import { Invoices } from './books/invoices.js';
import { Ledger, type LedgerEntry } from './books/ledger.js';
import { PayLinks } from './books/pay-links.js';
import { Vault } from './books/vault.js';
import { SimulatorClock } from './clock.js';
import { Notifier } from './notices/notifier.js';
import type { ResolvedSimulatorOptions, SimulatorProfile } from './options.js';
import { Pages } from './page/pages.js';
import { Risk } from './payments/risk.js';
import { References } from './references.js';

/** How a transaction ends, or stands. */
export type End = Pick<LedgerEntry, 'responseCode' | 'responseMessage'> & {
  readonly status: NonNullable<LedgerEntry['status']>;
};

/** What may be switched while it runs. */
export interface GatewaySettings {
  /** Whether the merchant has money for refunds; `exhausted` answers 342. */
  refundBalance: 'enough' | 'exhausted';
}

/** The simulated gateway without its HTTP face: its books, its bank, its pages and its notices. */
export class Gateway {
  readonly options: ResolvedSimulatorOptions;
  readonly settings: GatewaySettings = { refundBalance: 'enough' };
  readonly clock: SimulatorClock;
  readonly references: References;
  readonly ledger = new Ledger();
  readonly issuer: Issuer;
  readonly risk = new Risk();
  readonly guard: DuplicateGuard;
  readonly vault: Vault;
  readonly invoices: Invoices;
  readonly links: PayLinks;
  readonly agreements: Agreements;
  readonly pages = new Pages();
  readonly notifier: Notifier;
  /** Deferred payments that wait for their customers, and how to stop their clocks. */
  readonly waiting = new Map<string, () => void>();
  readonly #profiles: ReadonlyMap<number, SimulatorProfile>;

  constructor(options: ResolvedSimulatorOptions) {
    this.options = options;
    const clock = new SimulatorClock(options.clock);
    const now = () => clock.now();
    const wallTime = () => clock.wallTime();
    this.clock = clock;
    const references = new References(options.seed, wallTime);
    this.references = references;
    this.#profiles = new Map(options.profiles.map((each) => [each.profileId, each]));
    this.issuer = new Issuer({ ...options, references, now, wallTime });
    this.guard = new DuplicateGuard({ windowMs: options.duplicateWindowMs, now });
    this.vault = new Vault({ references, now, oneTimeMs: options.paymentTokenMs });
    this.invoices = new Invoices(references);
    this.links = new PayLinks(references);
    this.agreements = new Agreements(references);
    this.notifier = new Notifier({
      options,
      clock,
      references,
      profileOf: (entry) => this.profileOf(entry),
    });
  }

  profileOf({ profileId }: Pick<LedgerEntry, 'profileId'>): SimulatorProfile {
    const profile = this.#profiles.get(profileId);
    if (profile === undefined) throw new Error(`No profile ${profileId}`);
    return profile;
  }

  /** Writes down where a transaction stands now, and tells the merchant. */
  conclude(entry: LedgerEntry, end: End): LedgerEntry {
    const hasMoney = end.status === 'A' || end.status === 'H';
    const now = this.clock.wallTime();
    const concluded = this.ledger.put({
      ...entry,
      ...end,
      actedAt: now,
      visibleAt: entry.visibleAt ?? now + this.options.queryDelayMs,
      ...(hasMoney ? { acquirerRef: this.references.acquirerRef() } : {}),
    });
    if (concluded.invoiceId !== undefined) this.invoices.seen(concluded);
    this.notifier.notify(concluded);
    return concluded;
  }

  /** Finishes with the bank's answer; without one says E/401, and corrects itself when the answer comes. */
  hear(
    entry: LedgerEntry,
    { heard }: BankAnswer,
    finish: (current: LedgerEntry) => LedgerEntry,
  ): LedgerEntry {
    if (heard === 'now') return finish(entry);
    const end = { status: 'E', responseCode: '401', responseMessage: 'No response' } as const;
    const silent = this.conclude(entry, end);
    if (heard !== 'never') this.clock.setTimer(() => finish(silent), heard.afterMs);
    return silent;
  }

  async stop(): Promise<void> {
    this.clock.stop();
    await this.notifier.stop();
  }
}
