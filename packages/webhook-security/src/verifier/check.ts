import type { FormReading } from '../form/php-form.js';
import type { FormField } from '../form/read-form.js';
import type { ErrorKind } from '../observer.js';
import type { Content } from '../payload/content.js';
import type { JsonFields } from '../payload/read-json-fields.js';
import type { MaybeLater } from '../platform/platform.js';
import type { RefusalReason } from '../reasons.js';
import { noClaim } from '../replay/delivery-claim.js';
import type { HeaderValues } from '../request/headers.js';
import type { LooseRequest } from '../request/webhook-request.js';
import type { ReadyKey } from '../signature/keys.js';
import type { Message } from '../signature/message.js';
import type { ChallengeReply, DeliveryClaim, Staleness, WebhookAnswer } from '../verdict.js';

/** All signatures of one version. */
export type Signatures = readonly Uint8Array[];

const NO_BYTES = new Uint8Array(0);

/** One for all: a check is made for each request, and most of its lists stay empty. */
export const NONE: readonly never[] = Object.freeze([]);

/** What the stages have learnt about one request so far. Each field is set by the stage named. */
export class Check {
  readonly request: LooseRequest | undefined;
  /** request */
  headers: HeaderValues = NONE;
  /** request */
  body: Uint8Array = NO_BYTES;
  /** address */
  clientAddress: string | undefined = undefined;
  /** form: the signatures found, decoded, by the version they are of */
  candidates: readonly Signatures[] = NONE;
  /** form: the form's fields without the signature and the excluded ones */
  fields: readonly FormField[] = NONE;
  /** form: the values of a JSON body that are signed */
  jsonFields: JsonFields | undefined = undefined;
  /** form: the text of the signed header time, and of the id */
  timeText = '';
  /** form */
  id = '';
  /** form: which key the request says it was signed with */
  keyHint: string | undefined = undefined;
  /** form: the address with the query that was asked for */
  url = '';
  /** headerTime, or bodyTime */
  sentAt: number | undefined = undefined;
  /** signature: the keys in force */
  keys: readonly ReadyKey[] = NONE;
  /** signature */
  keyIndex = 0;
  /** signature */
  reading: FormReading | undefined = undefined;
  /** signature: what was signed */
  message: Message = NONE;
  /** signature: what the bytes say, where it will be read; nothing can change it any more */
  text: string | undefined = undefined;
  /** request: answers a handshake that was asked in the address */
  asked: (() => MaybeLater<Outcome>) | undefined = undefined;
  /** bodyTime */
  staleness: Staleness | undefined = undefined;
  /** Read once, on first use, and only after the signature held. */
  content: Content | undefined = undefined;
  deliveryId: string | undefined = undefined;
  /** replay */
  claim: DeliveryClaim = noClaim;
  /** replay */
  isClaimed = false;
  /** payload */
  payload: unknown = undefined;

  constructor(request: LooseRequest | undefined) {
    this.request = request;
  }
}

/** What ends a request early. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly status?: number;
  readonly repeat?: 'confirmed' | 'claimedElsewhere';
  readonly answer?: WebhookAnswer;
  readonly paths?: readonly string[];
  readonly error?: ErrorKind;
}

/** What answers a handshake, and what is to be opened. */
export interface Challenge {
  readonly reply: ChallengeReply;
  readonly visit?: string;
}

/** What ends the stages early. */
export type Outcome = Refusal | Challenge;

/** One stage: undefined lets the request go on. */
export type Step = (check: Check) => Outcome | undefined | Promise<Outcome | undefined>;
