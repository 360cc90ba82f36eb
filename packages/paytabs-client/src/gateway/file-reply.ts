import { type OtherReply, type Reader, readerOf, Unreadable } from './reply.js';

const noFile = readerOf<never>(() => {
  throw new Unreadable('it is no PDF');
});

const beginsWith = (bytes: Uint8Array, head: string): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, head.length)).toString(
    'latin1',
  ) === head;

/** A PDF by its first bytes, whatever the headers say; anything else is an error of the gateway's or nothing. */
export const pdfReader: Reader<OtherReply<Uint8Array>> = (raw) => {
  const { httpStatus, bytes } = raw;
  if (bytes === undefined || httpStatus >= 400 || !beginsWith(bytes, '%PDF-')) return noFile(raw);
  return { httpStatus, shape: 'other', value: bytes };
};
