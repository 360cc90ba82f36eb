import type { Platform } from '../platform.js';
import { joinPieces, readBytes, writeBytes } from './bytes.js';
import { readCertificate as readWebCertificate } from './certificate.js';
import { hmacKey as webHmacKey } from './hmac.js';
import { signPrivately as webSignPrivately } from './private-key.js';
import { publicKeyChecker as webPublicKeyChecker } from './public-key.js';
import { sha256Hex as webSha256Hex } from './sha256.js';
import { tokenChecker as webTokenChecker } from './token.js';

export const isSynchronous: Platform['isSynchronous'] = false;
export const hmacKey: Platform['hmacKey'] = webHmacKey;
export const publicKeyChecker: Platform['publicKeyChecker'] = webPublicKeyChecker;
export const tokenChecker: Platform['tokenChecker'] = webTokenChecker;
export const signPrivately: Platform['signPrivately'] = webSignPrivately;
export const readCertificate: Platform['readCertificate'] = readWebCertificate;
export const sha256Hex: Platform['sha256Hex'] = webSha256Hex;
export const bytesPrototype: Platform['bytesPrototype'] = Uint8Array.prototype;
export const newBytes: Platform['newBytes'] = (length) => new Uint8Array(length);
export const concatBytes: Platform['concatBytes'] = joinPieces;
export const toByteText: Platform['toByteText'] = readBytes;
export const fromByteText: Platform['fromByteText'] = writeBytes;
export const toBase64: Platform['toBase64'] = (bytes) => btoa(readBytes(bytes));
export const randomId: Platform['randomId'] = () => crypto.randomUUID();

/** There are none, not even where a runtime has them beside WebCrypto. */
export const isKeyObject: Platform['isKeyObject'] = (_value): _value is never => false;

export const warn: Platform['warn'] = (text) => console.warn(`WebhookSecurityWarning: ${text}`);
