import type { BankAction, BankBehaviour, BankRule } from './bank/behaviour.js';
import type { IssuerLogEntry, SimulatorMode } from './bank/issuer.js';
import type { LedgerEntry } from './books/ledger.js';
import type { LoggedRequest } from './books/request-log.js';
import type { Dashboard } from './dashboard.js';
import type { Faults } from './faults.js';
import type { GatewaySettings } from './gateway.js';
import type { Legs } from './legs.js';
import type { Delivery } from './notices/courier.js';
import type { NoticeOrder } from './notices/notifier.js';
import type { SimulatorProfile } from './options.js';
import type { RedeliverOptions } from './redeliver.js';
import type { ShopperChoice, ShopperVisit } from './shopper.js';

/** The issuing bank's switches. */
export interface Bank {
  /** How it takes the next request; `actions` narrows that to the next of these. */
  next(behaviour: BankBehaviour, actions?: readonly BankAction[]): void;
  /** A rule for every request for which nothing else was arranged; undefined drops it. */
  setRule(rule: BankRule | undefined): void;
  /** Forgets what was arranged. */
  clear(): void;
  /** Its own log, the only truth about money: never bounded. */
  log(): readonly IssuerLogEntry[];
}

/** A running simulator. */
export interface Simulator {
  /** What a client takes as `baseUrl`: `http://127.0.0.1:<port>`. */
  readonly baseUrl: string;
  readonly port: number;
  /** The first profile. */
  readonly profile: SimulatorProfile;
  readonly profileId: number;
  readonly serverKey: string;
  /** Who decides on cards; may be changed at any time. */
  mode: SimulatorMode;
  /** `exhausted` answers refunds with 342; may be changed at any time. */
  refundBalance: GatewaySettings['refundBalance'];
  readonly faults: Faults;
  readonly bank: Bank;
  readonly dashboard: Dashboard;
  /** Where another profile's region lives. */
  baseUrlOf(profileId: number): string;
  /** All transactions in the order they were made, temporary ones (without `status`) included. */
  ledger(): readonly LedgerEntry[];
  /** The bank's own log: what truly happened to money. */
  issuerLog(): readonly IssuerLogEntry[];
  /** What the gateway believes of a transaction or a cart next to what the bank did. */
  legs(of: { readonly tranRef?: string; readonly cartId?: string }): readonly Legs[];
  /** API requests in the order they came, those hit by faults included. */
  requests(): readonly LoggedRequest[];
  /** Every try to deliver a callback. */
  deliveries(): readonly Delivery[];
  /** The bank declines the next card, whatever it is. Default code 316, insufficient funds. */
  declineNext(decision?: { code: string; message: string }): void;
  /** The risk screening turns the next sales into authorisations on hold (`H`). Default one. */
  holdNext(times?: number): void;
  /** Goes through a hosted page as a browser would. */
  pay(redirectUrl: string, choice?: ShopperChoice): Promise<ShopperVisit>;
  /** Sends a transaction's callback again, as it was or mutated. */
  deliver(tranRef: string, options?: RedeliverOptions): Promise<readonly Delivery[]>;
  /** Keeps notices back. */
  holdNotices(): void;
  /** Lets them go, one after the other, in this order; how many there were. */
  releaseNotices(order?: NoticeOrder): Promise<number>;
  /** Resolves when no callback is on its way; scheduled retries do not count. */
  idle(): Promise<void>;
  /** Moves the simulator’s time forward, milliseconds: what falls due on the way happens, each at its own time. */
  advance(ms: number): void;
  /** Closes the port and all connections; the books stay. */
  refuseConnections(): Promise<void>;
  /** Listens on the same port again. */
  acceptConnections(): Promise<void>;
  stop(): Promise<void>;
}
