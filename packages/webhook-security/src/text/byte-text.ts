/** Text in which each character stands for one byte, so that nothing is lost or normalised. */
export function toByteText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

export function fromByteText(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}
