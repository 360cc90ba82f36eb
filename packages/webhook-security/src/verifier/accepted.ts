import type { AcceptedVerdict, DeliveryClaim, Staleness } from '../verdict.js';
import type { Check } from './check.js';

/** An accepted verdict. What names the delivery is found when it is asked for: it may cost a hash. */
export class Accepted<Payload> implements AcceptedVerdict<Payload> {
  readonly verdict = 'accepted';
  readonly stale: boolean;
  readonly staleness: Staleness | undefined;
  readonly sentAt: number | undefined;
  readonly payload: Payload;
  readonly keyIndex: number;
  readonly reading: string | undefined;
  readonly clientAddress: string | undefined;
  readonly claim: DeliveryClaim;
  readonly #idOf: () => string;

  constructor(check: Check, idOf: () => string) {
    this.stale = check.staleness !== undefined;
    this.staleness = check.staleness;
    this.sentAt = check.sentAt;
    this.payload = check.payload as Payload;
    this.keyIndex = check.keyIndex;
    this.reading = check.reading?.name;
    this.clientAddress = check.clientAddress;
    this.claim = check.claim;
    this.#idOf = idOf;
  }

  get deliveryId(): string {
    return this.#idOf();
  }
}
