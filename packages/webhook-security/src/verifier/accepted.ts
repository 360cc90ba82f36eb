import type { WebhookScheme } from '../scheme/scheme.js';
import type { AcceptedVerdict, DeliveryClaim, Staleness } from '../verdict.js';
import type { Check } from './check.js';
import type { ReadContent } from './content-steps.js';
import { deliveryIdOf } from './delivery-id.js';

/** What an accepted verdict needs to name the delivery. */
export interface NamingParts {
  readonly scheme: WebhookScheme;
  readonly tenant: string | undefined;
  readonly contentOf: ReadContent;
}

/** An accepted verdict. What names the delivery is found when it is asked for: it may cost a hash. */
export class Accepted<Payload> implements AcceptedVerdict<Payload> {
  readonly verdict = 'accepted';
  readonly scheme: string;
  readonly tenant: string | undefined;
  readonly stale: boolean;
  readonly staleness: Staleness | undefined;
  readonly sentAt: number | undefined;
  readonly payload: Payload;
  readonly keyIndex: number;
  readonly reading: string | undefined;
  readonly clientAddress: string | undefined;
  readonly claim: DeliveryClaim;
  readonly #check: Check;
  readonly #parts: NamingParts;

  constructor(check: Check, parts: NamingParts) {
    this.scheme = parts.scheme.name;
    this.tenant = parts.tenant;
    this.stale = check.staleness !== undefined;
    this.staleness = check.staleness;
    this.sentAt = check.sentAt;
    this.payload = check.payload as Payload;
    this.keyIndex = check.keyIndex;
    this.reading = check.reading?.name;
    this.clientAddress = check.clientAddress;
    this.claim = check.claim;
    this.#check = check;
    this.#parts = parts;
  }

  get deliveryId(): string {
    return deliveryIdOf(this.#check, this.#parts.scheme, this.#parts.contentOf);
  }
}
