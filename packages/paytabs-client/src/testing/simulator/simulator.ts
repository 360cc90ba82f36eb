import type { Faults } from './faults.js';
import type { IssuerLogEntry, SimulatorMode } from './issuer.js';
import type { LedgerEntry } from './ledger.js';
import type { Delivery } from './notices/courier.js';
import type { SimulatorProfile } from './options.js';
import type { RedeliverOptions } from './redeliver.js';
import type { LoggedRequest } from './request-log.js';
import type { ShopperChoice, ShopperVisit } from './shopper.js';

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
  readonly faults: Faults;
  /** All transactions in the order they were made, temporary ones (without `status`) included. */
  ledger(): readonly LedgerEntry[];
  /** The bank's own log: what truly happened to money. */
  issuerLog(): readonly IssuerLogEntry[];
  /** API requests in the order they came, those hit by faults included. */
  requests(): readonly LoggedRequest[];
  /** Every try to deliver a callback. */
  deliveries(): readonly Delivery[];
  /** The bank declines the next card, whatever it is. Default code 316, insufficient funds. */
  declineNext(decision?: { code: string; message: string }): void;
  /** Goes through a hosted page as a browser would. */
  pay(redirectUrl: string, choice?: ShopperChoice): Promise<ShopperVisit>;
  /** Sends a transaction's callback again, as it was or mutated. */
  deliver(tranRef: string, options?: RedeliverOptions): Promise<readonly Delivery[]>;
  /** Resolves when no callback is on its way; scheduled retries do not count. */
  idle(): Promise<void>;
  /** Moves the simulator's time forward, milliseconds. */
  advance(ms: number): void;
  /** Closes the port and all connections; the books stay. */
  refuseConnections(): Promise<void>;
  /** Listens on the same port again. */
  acceptConnections(): Promise<void>;
  stop(): Promise<void>;
}
