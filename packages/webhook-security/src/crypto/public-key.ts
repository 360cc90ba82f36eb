import { createPublicKey, KeyObject, verify } from 'node:crypto';
import type { PublicJsonWebKey } from '../signature/json-web-key.js';
import type { Message } from '../signature/message.js';
import type { AlgorithmFacts } from './algorithms.js';
import type { SignatureChecker } from './checker.js';
import { isOfSmallOrder, SMALL_ORDER } from './small-order.js';

type PublicKeyFacts = Extract<AlgorithmFacts, { readonly kind: 'public-key' }>;

/** What a public key may be given as: SPKI bytes, the 32 bytes of an Ed25519 key, PEM or a JWK. */
export type PublicKeyInput = Uint8Array | string | PublicJsonWebKey | KeyObject;

/** What stands before the 32 bytes of an Ed25519 key in SPKI form (RFC 8410). */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');

const LEAST_RSA_BITS = 2048;

/** The checker, or in words what is wrong with the key. */
export function publicKeyChecker(
  facts: PublicKeyFacts,
  input: PublicKeyInput,
): SignatureChecker | string {
  let key: KeyObject;
  try {
    key = readPublicKey(facts, input);
  } catch {
    return 'is no public key';
  }
  const fault = findFault(facts, key);
  if (fault !== undefined) return fault;
  return (message, signatures) => {
    const bytes = joinMessage(message);
    return signatures.some((one) => verify(facts.hash, bytes, key, one));
  };
}

function readPublicKey({ keyType }: PublicKeyFacts, input: PublicKeyInput): KeyObject {
  if (input instanceof KeyObject) return input;
  if (typeof input === 'string') return createPublicKey(input);
  if (!(input instanceof Uint8Array)) {
    return createPublicKey({ key: input as never, format: 'jwk' });
  }
  const der =
    keyType === 'ed25519' && input.length === 32 ? Buffer.concat([ED25519_SPKI, input]) : input;
  return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
}

function findFault({ keyType }: PublicKeyFacts, key: KeyObject): string | undefined {
  if (key.type !== 'public') return `is a ${key.type} key; a public one is needed`;
  if (key.asymmetricKeyType !== keyType) return `is of the kind ${key.asymmetricKeyType}`;
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (keyType === 'ec' && namedCurve !== 'prime256v1') return `is on the curve ${namedCurve}`;
  if (keyType === 'rsa' && modulusLength < LEAST_RSA_BITS) {
    return `has ${modulusLength} bits; allowed: at least ${LEAST_RSA_BITS}`;
  }
  if (keyType !== 'ed25519') return undefined;
  // An SPKI ends in the point.
  const point = key.export({ format: 'der', type: 'spki' }).subarray(-32);
  return isOfSmallOrder(point) ? SMALL_ORDER : undefined;
}

export function joinMessage(message: Message): Uint8Array {
  return Buffer.concat(
    message.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)),
  );
}
