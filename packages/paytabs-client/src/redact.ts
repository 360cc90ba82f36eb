/** Runs of digits as long as a card number, also with single blanks or dashes between. */
const cardLike = /\b\d(?:[ -]?\d){12,18}\b/g;

/** Saved-card tokens are 32 hexadecimal digits. */
const tokenLike = /\b[0-9a-f]{32,}\b/gi;

/** Server keys, also those of other profiles: three groups, the first begins with S. */
const keyLike = /\bS[A-Z0-9]{5,}-[A-Z0-9]{5,}-[A-Z0-9]{5,}\b/g;

const emailLike = /[^\s@"'<>=:]+@[^\s@"'<>]+/g;

/** Removes the key and whatever looks like another one, a card number, a token or an e-mail address, and cuts to `maxLength` characters. */
export function redact(text: string, secret: string, maxLength = 200): string {
  return text
    .replaceAll(secret, '[key]')
    .replace(keyLike, '[key]')
    .replace(cardLike, '[digits]')
    .replace(tokenLike, '[token]')
    .replace(emailLike, '[e-mail]')
    .slice(0, maxLength);
}

/**
 * What may be shown of an answer that was not understood. JSON, also a piece of it within something else, may hold
 * anything the gateway knows of a customer, so it is shown by the names of its fields alone.
 */
export function excerptOf(text: string, secret: string): string {
  const names = [...text.matchAll(/"([a-z_]\w{0,40})"\s*:/gi)].map(([, name]) => name);
  if (names.length === 0 && !/^\s*[[{]/.test(text)) return redact(text, secret);
  return redact(`fields: ${[...new Set(names)].join(', ')}`, secret);
}
