import { types } from 'node:util';
import type { WebhookHeaders } from './headers.js';

/** A request as it came, before anything parsed it. */
export interface WebhookRequest {
  /** The HTTP method in capitals. */
  readonly method: string;
  readonly headers: WebhookHeaders;
  /** The body's bytes exactly as received. A string or a parsed object is refused. */
  readonly body: Uint8Array;
  /** The address of the socket's other end; needed for `allow` and `trustedProxies`. */
  readonly peerAddress?: string | undefined;
}

/** The outer fields of a request that may be anything. */
export interface LooseRequest {
  readonly method: unknown;
  readonly headers: unknown;
  readonly body: unknown;
  readonly peerAddress: unknown;
}

/** Reads each field once; undefined where the request is no object or throws while being read. */
export function readRequest(request: unknown): LooseRequest | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  try {
    const { method, headers, body, peerAddress } = request as LooseRequest;
    return { method, headers, body, peerAddress };
  } catch {
    return undefined;
  }
}

/** The bytes of a body as a Buffer over the same memory; undefined for anything but a Uint8Array. */
export function viewBody(body: unknown): Buffer | undefined {
  if (!types.isUint8Array(body)) return undefined;
  try {
    return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  } catch {
    return undefined;
  }
}
