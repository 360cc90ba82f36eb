import type { FormReading } from '../form/php-form.js';
import type { Stage } from '../reasons.js';
import type { SignatureEncoding } from '../signature/encoding.js';
import type { HashAlgorithm } from '../signature/hmac.js';
import type { KeyFormat } from '../signature/keys.js';

/** Where the signature stands. */
export type SignatureSource =
  | {
      readonly kind: 'header';
      /** In lower case. */
      readonly name: string;
      /** What stands before each signature, e.g. `sha256=` or `v1,`. Entries without it are passed over. */
      readonly label?: string;
      /** Where the header is a list: what stands between its entries. */
      readonly separator?: string;
    }
  | {
      readonly kind: 'field';
      /** The form field that holds the signature. */
      readonly name: string;
      /** More fields than this are refused unread. */
      readonly maxFields: number;
      /** Fields with these names are neither signed nor given to the handler. */
      readonly exclude: readonly string[];
      /** The sender leaves the signature out when this field has this value. */
      readonly unsignedWhen?: { readonly field: string; readonly value: string };
    };

/** A piece of the signed message: the body, a fixed text, or the text of a signed header. */
export type MessagePart = 'body' | 'time' | 'id' | { readonly text: string };

/** What is signed. */
export type SignedMessage =
  | { readonly kind: 'parts'; readonly parts: readonly MessagePart[] }
  /** The form's fields written anew; the first reading is tried first. */
  | { readonly kind: 'form'; readonly readings: readonly FormReading[] };

/** A signed time outside the body: decimal seconds since 1970, strictly written. */
export type HeaderTime =
  | { readonly kind: 'header'; readonly name: string }
  /** An entry of the signature header, e.g. `t=` */
  | { readonly kind: 'entry'; readonly label: string };

/** A time inside the signed body, `YYYY-MM-DDTHH:MM:SSZ`. Defaults of `maxAgeMs`, `maxAheadMs`. */
export interface BodyTime {
  readonly path: readonly string[];
  readonly maxAgeMs: number;
  readonly maxAheadMs: number;
}

/** What names a delivery for replay protection. All of it must be signed. */
export type DeliveryIdSource =
  | { readonly kind: 'header' }
  /** Values inside the content; where one is missing, the digest of the message. */
  | { readonly kind: 'content'; readonly paths: readonly (readonly string[])[] }
  | { readonly kind: 'message' };

/**
 * How one sender signs its webhooks, as plain data. `defineScheme` checks and freezes it.
 * A field added later is optional, so that a scheme written today keeps working.
 */
export interface WebhookScheme {
  /** Part of the replay key: two schemes never share a delivery. */
  readonly name: string;
  /** The order of the verdict's stages; `stageOrder` by default. */
  readonly stages?: readonly Stage[];
  readonly methods: readonly string[];
  /** Allowed media types. A request that states none is passed: its bytes are signed either way. */
  readonly contentTypes: readonly string[];
  readonly content: 'json' | 'form';
  readonly algorithm: HashAlgorithm;
  readonly encoding: SignatureEncoding;
  readonly signature: SignatureSource;
  readonly message: SignedMessage;
  readonly headerTime?: HeaderTime;
  /** A signed header that names the delivery; refused when it holds the character `forbid`. */
  readonly id?: { readonly header: string; readonly forbid?: string };
  readonly bodyTime?: BodyTime;
  readonly deliveryId: DeliveryIdSource;
  readonly key: KeyFormat;
  /** Default of the verifier's `maxBytes`. */
  readonly maxBytes: number;
  /** The status that answers a delivery handled before; 200 for senders that retry until they get it. */
  readonly repeatStatus: 200 | 409;
  /** What the signature does not cover, in words: nothing may be decided by it. */
  readonly unsigned: readonly string[];
}
