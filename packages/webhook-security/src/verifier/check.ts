import type { FormReading } from '../form/php-form.js';
import type { FormField } from '../form/read-form.js';
import type { ErrorKind } from '../observer.js';
import type { Content } from '../payload/content.js';
import type { RefusalReason } from '../reasons.js';
import type { HeaderValues } from '../request/headers.js';
import type { LooseRequest } from '../request/webhook-request.js';
import type { DeliveryClaim, Staleness } from '../verdict.js';

/** What the stages have learnt about one request so far. Each field is set by the stage named. */
export interface Check {
  readonly request: LooseRequest | undefined;
  /** request */
  headers: HeaderValues;
  /** request */
  body: Buffer;
  /** address */
  clientAddress: string | undefined;
  /** form: the signatures found, decoded */
  candidates: readonly Buffer[];
  /** form: the form's fields without the signature and the excluded ones */
  fields: readonly FormField[];
  /** form: the text of the signed header time, and of the id */
  timeText: string;
  /** form */
  id: string;
  /** headerTime, or bodyTime */
  sentAt: number | undefined;
  /** signature */
  keyIndex: number;
  /** signature */
  reading: FormReading | undefined;
  /** signature: the canonical string of a form message */
  canonical: string;
  /** bodyTime */
  staleness: Staleness | undefined;
  /** Read once, on first use, and only after the signature held. */
  content: Content | undefined;
  deliveryId: string;
  /** replay */
  claim: DeliveryClaim;
  /** payload */
  payload: unknown;
}

/** What ends a request early. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly status?: number;
  readonly repeat?: 'confirmed' | 'claimedElsewhere';
  readonly paths?: readonly string[];
  readonly error?: ErrorKind;
}

/** One stage: undefined lets the request go on. */
export type Step = (check: Check) => Refusal | undefined | Promise<Refusal | undefined>;
