/**
 * As many digits as a card number has, wherever they stand and with up to two separators between.
 * The thirteen of a transaction's reference (`TST2632400000777`) are none.
 */
const cardLike = /(?<!\b(?:TST|PT[A-Z]))\d(?:[\s.,_/-]{0,2}\d){12,}/g;

/** A card's security code, where it is called so. */
const securityCode = /\b(cvv2?|cvc2?|cid|security code)(["'\s:=]{0,4})\d{3,4}(?!\d)/gi;

/** Tokens have 20 letters and digits or more; no word that helps has. */
const tokenLike = /[a-z0-9]{20,}/gi;

/** Server keys, also those of other profiles: three groups, the first begins with S. */
const keyLike = /\bS[A-Z0-9]{5,}-[A-Z0-9]{5,}-[A-Z0-9]{5,}\b/gi;

/** No longer before the @ than an address may be: without a bound an answer without any @ is searched for minutes. */
const emailLike = /[^\s@"'<>=:]{1,64}@[^\s@"'<>]+/g;

/** The gateway's support reference, `PMNT0402.6A000A17.00000C11`. */
const traceLike = /^[a-z]{2,6}\d{0,6}(?:\.[0-9a-f]{1,16}){1,3}$/i;

/** Gives what removes the key in any case: something on the way may have changed it. */
export function keyRemover(secret: string): (text: string) => string {
  const pattern = new RegExp(secret.replace(/[^a-z0-9]/gi, '\\$&'), 'gi');
  return (text) => text.replace(pattern, '[key]');
}

/** A trace as it came; whatever else stands in its place is free text. */
export const cleanTrace = (trace: string, secret: string): string =>
  traceLike.test(trace) ? trace : redact(trace, secret, 64);

/** Removes the key and whatever looks like another one, a card number, a security code, a token or an e-mail address, and cuts to `maxLength` characters. */
export const redact = (text: string, secret: string, maxLength = 200): string =>
  redactText(keyRemover(secret)(text), maxLength);

/** Removes whatever looks like a key, a card number, a security code, a token or an e-mail address. */
export function redactText(text: string, maxLength: number): string {
  return text
    .replace(keyLike, '[key]')
    .replace(securityCode, '$1$2[digits]')
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
