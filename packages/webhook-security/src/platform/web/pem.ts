import { decodeBase64Text } from '../../text/strict-decode.js';

/** What the first block of a PEM text says it is, and its bytes. */
export function readPem(
  text: string,
): { readonly label: string; readonly bytes: Uint8Array } | undefined {
  const block = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/.exec(text);
  const bytes = decodeBase64Text((block?.[2] ?? '').replace(/\s+/g, ''));
  return block === null || bytes === undefined ? undefined : { label: block[1] as string, bytes };
}
