/** Runs of digits as long as a card number, also with single blanks or dashes between. */
const cardLike = /\b\d(?:[ -]?\d){12,18}\b/g;

/** Removes the key and whatever looks like a card number, and cuts to `maxLength` characters. */
export function redact(text: string, secret: string, maxLength = 200): string {
  return text.replaceAll(secret, '[key]').replace(cardLike, '[digits]').slice(0, maxLength);
}
