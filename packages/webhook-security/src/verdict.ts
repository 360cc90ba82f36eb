import type { RefusalReason, Stage } from './reasons.js';

/** Why an accepted delivery is not fresh. */
export type Staleness =
  /** The time in the body is older than `maxAgeMs`. */
  | 'old'
  /** The time in the body is further ahead than `maxAheadMs`. */
  | 'ahead'
  /** The scheme has its time in the body, and none could be read there. */
  | 'unknown';

/** An HTTP answer. */
export interface WebhookAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/**
 * The two ends of a claim. Neither throws: a store that fails is told to the observer.
 * Only the first call of either counts.
 */
export interface DeliveryClaim {
  /**
   * After the handler succeeded. True when the store holds it (or none is set). With the option
   * `keepAnswers` an answer is kept, and given to repeats.
   */
  confirm(answer?: WebhookAnswer): Promise<boolean>;
  /** After the handler failed: the sender's retry is then accepted. True when the store did it. */
  release(): Promise<boolean>;
}

/** The request may be acted on. */
export interface AcceptedVerdict<Payload = unknown> {
  readonly verdict: 'accepted';
  /** The name of the scheme that was checked. */
  readonly scheme: string;
  /** The verifier's `tenant`. */
  readonly tenant: string | undefined;
  /**
   * True when the time in the body is too old, too far ahead or missing. Store such a delivery and
   * answer it as usual, but ask the sender's API before acting on it.
   */
  readonly stale: boolean;
  readonly staleness: Staleness | undefined;
  /** The time the sender stated and signed, in milliseconds since 1970. */
  readonly sentAt: number | undefined;
  /**
   * What the schema made of the signed content. Without a schema: the parsed JSON, or the form's
   * signed fields; undefined where the content is neither, and where `payload` is `false`. Where only
   * some values of a JSON body are signed, those alone.
   */
  readonly payload: Payload;
  /** Names the event, from signed content alone; a redelivery has the same one. */
  readonly deliveryId: string;
  /** Which of `keys` matched; above 0 the sender still signs with an older key. */
  readonly keyIndex: number;
  /** Which of the scheme's readings of a form matched. */
  readonly reading: string | undefined;
  /** The client behind the trusted proxies, in canonical form. */
  readonly clientAddress: string | undefined;
  readonly claim: DeliveryClaim;
}

/** The request may not be acted on. Answer with `status` and keep the reason for your own log. */
export interface RefusedVerdict {
  readonly verdict: 'refused';
  readonly reason: RefusalReason;
  readonly stage: Stage;
  /** The HTTP status to answer with. 200 for a repeat that the scheme wants acknowledged. */
  readonly status: number;
  readonly clientAddress: string | undefined;
  /** For `replay`: handled before, or in another worker's hands right now. */
  readonly repeat?: 'confirmed' | 'claimedElsewhere';
  /** For `replay` of a delivery handled before: its first answer, where that was kept. */
  readonly answer?: WebhookAnswer;
  /** For `payload-invalid`: where the schema found fault. Paths only, never values. */
  readonly paths?: readonly string[];
}

/** What to answer to a handshake. */
export interface ChallengeReply extends WebhookAnswer {
  readonly status: 200;
  readonly contentType: 'text/plain' | 'application/json';
}

/**
 * The sender asks whether the address is its owner's: answer with `reply`, and run no handler. Where the
 * sender wants an address opened (SNS), that is `visit`; `confirmSubscription` of the entry `/remote` opens it.
 */
export interface ChallengedVerdict {
  readonly verdict: 'challenged';
  readonly reply: ChallengeReply;
  readonly visit: string | undefined;
  readonly clientAddress: string | undefined;
}

export type Verdict<Payload = unknown> =
  | AcceptedVerdict<Payload>
  | RefusedVerdict
  | ChallengedVerdict;
