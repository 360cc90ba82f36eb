import { createPublicKey, hash, KeyObject, randomUUID, sign, X509Certificate } from 'node:crypto';
import { hmacKey as nodeHmacKey } from '../crypto/hmac.js';
import { joinMessage, publicKeyChecker as nodePublicKeyChecker } from '../crypto/public-key.js';
import { tokenChecker as nodeTokenChecker } from '../crypto/token.js';
import type { Platform } from './platform.js';

export const isSynchronous: Platform['isSynchronous'] = true;
export const hmacKey: Platform['hmacKey'] = nodeHmacKey;
export const publicKeyChecker: Platform['publicKeyChecker'] = nodePublicKeyChecker;
export const tokenChecker: Platform['tokenChecker'] = nodeTokenChecker;
export const randomId: Platform['randomId'] = randomUUID;
export const bytesPrototype: Platform['bytesPrototype'] = Buffer.prototype;
export const newBytes: Platform['newBytes'] = (length) => Buffer.alloc(length);
export const concatBytes: Platform['concatBytes'] = (pieces) => Buffer.concat(pieces);

export const isKeyObject: Platform['isKeyObject'] = (value): value is KeyObject =>
  value instanceof KeyObject;

export const sha256Hex: Platform['sha256Hex'] = (data) => hash('sha256', data, 'hex');

export const signPrivately: Platform['signPrivately'] = (facts, key, message) => {
  // Node signs with any private key; one that no verifier would take is none for this scheme.
  const checker = publicKeyChecker(facts, createPublicKey(key as KeyObject | string));
  if (typeof checker === 'string') throw new TypeError(checker);
  return sign(facts.hash, joinMessage(message), key as KeyObject | string);
};

export const readCertificate: Platform['readCertificate'] = (pem) => {
  const { publicKey, validFrom, validTo } = new X509Certificate(pem);
  return { publicKey, validFrom: Date.parse(validFrom), validTo: Date.parse(validTo) };
};

export const toBase64: Platform['toBase64'] = (bytes) => Buffer.from(bytes).toString('base64');

export const toByteText: Platform['toByteText'] = (bytes) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

export const fromByteText: Platform['fromByteText'] = (text) => Buffer.from(text, 'latin1');

export const warn: Platform['warn'] = (text) => process.emitWarning(text, 'WebhookSecurityWarning');
