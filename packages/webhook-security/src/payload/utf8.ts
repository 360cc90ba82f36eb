const strict = new TextDecoder('utf-8', { fatal: true });

/** Bytes as text, without a byte-order mark; undefined where they are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}
