import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

/** Stands in for the bytes of a body that was not read to its end. */
export const tooLarge: unique symbol = Symbol('body too large');

/**
 * Reads a body, counting the bytes received: a Content-Length is only believed when it is already
 * too large. Past the limit reading stops and nothing is kept.
 */
export function collectBody(
  stream: Readable,
  options: { readonly maxBytes: number; readonly contentLength: string | undefined },
): Promise<Buffer | typeof tooLarge> {
  const { maxBytes, contentLength } = options;
  if (Number(contentLength) > maxBytes) return Promise.resolve(tooLarge);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const stop = () => {
      stream.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
    };
    const onData = (chunk: Buffer) => {
      received += chunk.length;
      if (received > maxBytes) {
        stop();
        stream.pause();
        resolve(tooLarge);
      } else {
        chunks.push(chunk);
      }
    };
    const onEnd = () => {
      stop();
      resolve(Buffer.concat(chunks, received));
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
} {
  return {
    method: raw.method ?? '',
    headers: raw.rawHeaders,
    peerAddress: raw.socket?.remoteAddress,
  };
}
