import { bytesPrototype } from '../platform/index.js';
import { isUint8Array } from './bytes.js';
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
  /**
   * The path and query asked for, or the whole address. Of it only the query is used: by schemes that
   * sign it or ask their handshake in it.
   */
  readonly url?: string | undefined;
}

/** The outer fields of a request that may be anything. */
export interface LooseRequest {
  readonly method: unknown;
  readonly headers: unknown;
  readonly body: unknown;
  readonly peerAddress: unknown;
  readonly url: unknown;
}

/** Reads each field once; undefined where the request is no object or throws while being read. */
export function readRequest(request: unknown): LooseRequest | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  try {
    const { method, headers, body, peerAddress, url } = request as LooseRequest;
    return { method, headers, body, peerAddress, url };
  } catch {
    return undefined;
  }
}

/**
 * The bytes of a body over the same memory; undefined for anything but a Uint8Array. Memory that
 * another thread may write to is copied: what is read must be what was signed.
 */
export function viewBody(body: unknown): Uint8Array | undefined {
  try {
    const view = hasOurMethods(body) ? body : viewOfOther(body);
    if (view === undefined) return undefined;
    // Reading `buffer` throws for what only has the prototype.
    return mayBeShared(view.buffer) ? Uint8Array.from(view) : view;
  } catch {
    return undefined;
  }
}

function hasOurMethods(body: unknown): body is Uint8Array {
  const kind: unknown = Object.getPrototypeOf(body);
  return kind === bytesPrototype || kind === Uint8Array.prototype;
}

/** One of another realm, or with methods of its own, is looked at by ours. */
function viewOfOther(body: unknown): Uint8Array | undefined {
  if (!isUint8Array(body)) return undefined;
  return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
}

/** Whether another thread may write to it; memory of another realm does not tell, so it counts as shared. */
function mayBeShared(memory: ArrayBufferLike): boolean {
  return Object.getPrototypeOf(memory) !== ArrayBuffer.prototype;
}
