import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

/** Stand in for the bytes of a body that was not read to its end. Known to every copy of this package. */
export const tooLarge: unique symbol = Symbol.for('@nestcms/webhook-security.body-too-large');
export const notRaw: unique symbol = Symbol.for('@nestcms/webhook-security.body-not-raw');

type Unread = typeof tooLarge | typeof notRaw;

/** Why a body was not read, if it was not. */
export function unreadReason(body: unknown): 'body-too-large' | 'body-not-raw' | undefined {
  if (body === tooLarge) return 'body-too-large';
  return body === notRaw ? 'body-not-raw' : undefined;
}

/**
 * Reads a body, counting the bytes received: a Content-Length is only believed when it is already
 * too large. Past the limit reading stops and nothing is kept, and so it does where something
 * turned the bytes into text (`setEncoding`): what was received cannot be told from that any more.
 */
export async function collectBody(
  stream: Readable,
  options: { readonly maxBytes: number; readonly contentLength: string | undefined },
): Promise<Buffer | Unread> {
  const { maxBytes, contentLength } = options;
  if (Number(contentLength) > maxBytes) return tooLarge;
  const chunks = await collectChunks(stream, maxBytes);
  return typeof chunks === 'symbol' ? chunks : Buffer.concat(chunks);
}

function collectChunks(
  stream: Readable,
  maxBytes: number,
): Promise<readonly Uint8Array[] | Unread> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let received = 0;
    const stop = () => {
      stream.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
    };
    const giveUp = (unread: Unread) => {
      stop();
      stream.pause();
      resolve(unread);
    };
    const onData = (chunk: unknown) => {
      if (!(chunk instanceof Uint8Array)) return giveUp(notRaw);
      received += chunk.length;
      if (received > maxBytes) return giveUp(tooLarge);
      chunks.push(chunk);
    };
    const onEnd = () => {
      stop();
      resolve(chunks);
    };
    const onError = (error: Error) => {
      stop();
      reject(error);
    };
    const onClose = () => onError(cutOff());
    stream.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
  });
}

function cutOff(): Error {
  const error = new Error('the sender closed the connection before its body ended');
  return Object.assign(error, { statusCode: 400 });
}

/** What a verifier needs of Node's request; header lines are kept apart, see `WebhookHeaders`. */
export function requestParts(raw: IncomingMessage): {
  readonly method: string;
  readonly headers: readonly string[];
  readonly peerAddress: string | undefined;
  readonly url: string | undefined;
} {
  return {
    method: raw.method ?? '',
    headers: raw.rawHeaders,
    peerAddress: raw.socket?.remoteAddress,
    url: raw.url,
  };
}
