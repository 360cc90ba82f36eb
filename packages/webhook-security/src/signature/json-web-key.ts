/**
 * A public key as JWK (RFC 7517), with the members that are read and the usual ones beside them. A type
 * of our own, for Node's has stood in other places from one version of its declarations to the next.
 */
export interface PublicJsonWebKey {
  readonly kty?: string | undefined;
  readonly crv?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
  readonly kid?: string | undefined;
  readonly use?: string | undefined;
  readonly alg?: string | undefined;
  readonly key_ops?: readonly string[] | undefined;
  readonly ext?: boolean | undefined;
}
