import type { Message } from '../../signature/message.js';

/** One text, for a call takes no endless number of arguments. */
const CHUNK = 8_192;

const utf8 = new TextEncoder();

export function joinPieces(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let end = 0;
  for (const piece of pieces) {
    joined.set(piece, end);
    end += piece.length;
  }
  return joined;
}

/** A message as bytes; those of one that is bytes already are not copied. */
export function messageBytes(message: Message): Uint8Array<ArrayBuffer> {
  const [only] = message;
  if (message.length === 1 && typeof only === 'object') return only as Uint8Array<ArrayBuffer>;
  return joinPieces(
    message.map((piece) => (typeof piece === 'string' ? utf8.encode(piece) : piece)),
  );
}

/** A `TextDecoder` will not do: its `latin1` is another alphabet. */
export function readBytes(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
  }
  return text;
}

export function writeBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}
