/**
 * How a sender asks whether an address belongs to whom it believes, and what is answered. The verdict
 * is `challenged` then, and the handler does not run.
 */
export type Handshake =
  /** Asked in a body that is signed like any other. */
  | {
      readonly kind: 'body';
      /** The value at a path of the body tells it from a delivery. */
      readonly when: { readonly path: readonly string[]; readonly equals: string | number };
      readonly reply: BodyReply;
    }
  /** Asked in the address, unsigned. */
  | {
      readonly kind: 'query';
      readonly method: 'GET' | 'POST';
      /** A parameter that tells it from a delivery. */
      readonly when?: { readonly name: string; readonly equals: string };
      /** The parameter that must hold the verifier's option `verifyToken`. */
      readonly token?: string;
      /** The parameter that is sent back as plain text. */
      readonly echo: string;
    };

/** What answers a handshake that was asked in a body. */
export type BodyReply =
  /** The text at a path, as plain text. */
  | { readonly kind: 'echo'; readonly path: readonly string[] }
  /** Always the same JSON. */
  | { readonly kind: 'json'; readonly value: Readonly<Record<string, string | number>> }
  /** JSON with the text at a path and its HMAC under the newest key, in hexadecimal digits. */
  | {
      readonly kind: 'hmac';
      readonly path: readonly string[];
      readonly plainName: string;
      readonly hmacName: string;
    }
  /** An address that must be opened; https, at one of `hosts`, in which `*` stands for one label. */
  | { readonly kind: 'visit'; readonly path: readonly string[]; readonly hosts: readonly string[] };
