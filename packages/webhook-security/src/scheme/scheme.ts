import type { SignatureAlgorithm } from '../crypto/algorithms.js';
import type { FormReading } from '../form/php-form.js';
import type { Stage } from '../reasons.js';
import type { KeyFormat } from '../signature/keys.js';
import type { Handshake } from './handshake.js';

/** Where the signature stands. */
export type SignatureSource =
  | {
      readonly kind: 'header';
      /** In lower case. */
      readonly name: string;
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
    }
  /** A text in the JSON body; what is signed are other values of the body. */
  | { readonly kind: 'json'; readonly path: readonly string[] };

/** One way a signature may be written and checked. */
export interface SignatureVersion {
  /** What stands before each signature, e.g. `sha256=` or `v1,`. Entries of no version are passed over. */
  readonly label?: string;
  readonly algorithm: SignatureAlgorithm;
  /** `text` is for tokens, which are compared as they stand. */
  readonly encoding: 'hex' | 'base64' | 'text';
  readonly key: KeyFormat;
}

/** A piece of the signed message. */
export type MessagePart =
  | 'body'
  /** The text of the header time. */
  | 'time'
  /** The text of the id header. */
  | 'id'
  /** The address the sender was given: the verifier's option `url`, and the query of the request. */
  | 'url'
  /** In capitals. */
  | 'method'
  /** The fields of the form, sorted by name: each name and value, with nothing between. */
  | 'pairs'
  | { readonly text: string }
  /** The text of another header; it must be there once. In lower case. */
  | { readonly header: string }
  /** The value at a path of the JSON body, as text; nothing where `optional` and not there. */
  | {
      readonly path: readonly string[];
      readonly optional?: boolean;
      /** A value that holds this text is refused: without that, the same message could be cut in another place. */
      readonly forbid?: string;
      /** Written before the value, where there is one. */
      readonly before?: string;
      /** Written behind the value, where there is one. */
      readonly after?: string;
    };

/** What is signed. */
export type SignedMessage =
  | { readonly kind: 'parts'; readonly parts: readonly MessagePart[] }
  /** The form's fields written anew; the first reading is tried first. */
  | { readonly kind: 'form'; readonly readings: readonly FormReading[] };

/** How a time is written: decimal seconds or milliseconds since 1970, or `YYYY-MM-DDTHH:MM:SSZ`. */
export type TimeUnit = 's' | 'ms' | 'iso';

/** A signed time outside the body, strictly written. The unit is seconds by default. */
export type HeaderTime = (
  | { readonly kind: 'header'; readonly name: string }
  /** An entry of the signature header, e.g. `t=` */
  | { readonly kind: 'entry'; readonly label: string }
) & { readonly unit?: TimeUnit };

/** A time inside the signed body. Defaults of `maxAgeMs`, `maxAheadMs`; the unit is `iso` by default. */
export interface BodyTime {
  readonly path: readonly string[];
  readonly unit?: TimeUnit;
  readonly maxAgeMs: number;
  readonly maxAheadMs: number;
}

/** What names a delivery for replay protection. All of it must be signed. */
export type DeliveryIdSource =
  | { readonly kind: 'header' }
  /** Values inside the content; where one is missing, the digest of the message. */
  | { readonly kind: 'content'; readonly paths: readonly (readonly string[])[] }
  | { readonly kind: 'message' };

/** A digest of the body that is part of the signed address. */
export interface BodyDigest {
  /** The name of the query parameter, which holds a SHA-256 in hexadecimal digits. */
  readonly query: string;
}

/** Where a request says which key it was signed with: unsigned, so it may only choose among known ones. */
export type KeyHintSource =
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'json'; readonly path: readonly string[] };

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
  readonly signature: SignatureSource;
  /** The versions that are checked. Each key belongs to one: told by its prefix, else the first. */
  readonly versions: readonly SignatureVersion[];
  readonly message: SignedMessage;
  /** Given to a function of keys; see `createJwksKeys` and `createCertificateKeys`. */
  readonly keyHint?: KeyHintSource;
  readonly headerTime?: HeaderTime;
  /** A signed header that names the delivery; refused when it holds the character `forbid`. */
  readonly id?: { readonly header: string; readonly forbid?: string };
  readonly bodyDigest?: BodyDigest;
  readonly bodyTime?: BodyTime;
  readonly deliveryId: DeliveryIdSource;
  /** How the sender asks whether an address is its owner's, and what is answered. */
  readonly handshake?: Handshake;
  /** Default of the verifier's `maxBytes`. */
  readonly maxBytes: number;
  /** The status that answers a delivery handled before; 200 for senders that retry until they get it. */
  readonly repeatStatus: 200 | 409;
  /** What the signature does not cover, in words: nothing may be decided by it. */
  readonly unsigned: readonly string[];
}
