import type { WebhookHeaders } from '../request/headers.js';
import type { WebhookScheme } from '../scheme/scheme.js';

/** What carries a signature. */
export interface SignedParts {
  readonly headers: WebhookHeaders;
  readonly body: Buffer;
}

/** What may have been done to a signature on its way, undone. */
export interface SignatureMangling {
  /** What must have happened for this to fit, and what to do; undefined where nothing happened. */
  readonly what: string | undefined;
  /** Undefined where it cannot have happened. */
  readonly undo: (parts: SignedParts) => SignedParts | undefined;
}

type Change = (signature: string) => string;

const UPPER_CASE =
  'the signature is right but in upper-case hexadecimal digits: find what rewrites it, and have them in lower case';

const lowerCase: Change = (text) =>
  text.replaceAll(/[\da-f]{32,}/gi, (digits) => digits.toLowerCase());

/** Before each entry that is nothing but a signature. */
const withLabel =
  (label: string, separator: string): Change =>
  (text) =>
    (separator === '' ? [text] : text.split(separator))
      .map((entry) => (/^[\da-z+/]{16,}={0,2}$/i.test(entry) ? `${label}${entry}` : entry))
      .join(separator);

export function signatureManglingsOf(scheme: WebhookScheme): readonly SignatureMangling[] {
  const { signature, versions } = scheme;
  const separator = signature.kind === 'header' ? (signature.separator ?? '') : '';
  const mangling = (what: string, change: Change): SignatureMangling => ({
    what,
    undo: (parts) => rewrite(scheme, parts, change),
  });
  const found: SignatureMangling[] = [{ what: undefined, undo: (parts) => parts }];
  // A token is compared as it stands.
  if (versions.some(({ encoding }) => encoding === 'hex')) {
    found.push(mangling(UPPER_CASE, lowerCase));
  }
  for (const { label, encoding } of versions) {
    if (label === undefined) continue;
    const lost = `the signature is right but lost its label: find what takes it off, and put ${label} before it`;
    const add = withLabel(label, separator);
    found.push(mangling(lost, add));
    if (encoding !== 'hex') continue;
    found.push(mangling(`${lost}; ${UPPER_CASE}`, (text) => add(lowerCase(text))));
  }
  return found;
}

/** Undefined where nothing changes. */
function rewrite(
  { signature }: WebhookScheme,
  { headers, body }: SignedParts,
  change: Change,
): SignedParts | undefined {
  let isChanged = false;
  const changed: Change = (text) => {
    const after = change(text);
    isChanged ||= after !== text;
    return after;
  };
  let parts: SignedParts | undefined;
  if (signature.kind === 'header') {
    const lines = linesOf(headers).map(([name, value]): [string, string] => [
      name,
      name.toLowerCase() === signature.name ? changed(value) : value,
    ]);
    parts = { headers: lines, body };
  } else if (signature.kind === 'field') {
    const start = `${signature.name}=`;
    const fields = body
      .toString('latin1')
      .split('&')
      .map((field) =>
        field.startsWith(start) ? start + changed(field.slice(start.length)) : field,
      );
    parts = { headers, body: Buffer.from(fields.join('&'), 'latin1') };
  }
  return isChanged ? parts : undefined;
}

/** Headers of any shape as pairs. */
function linesOf(headers: WebhookHeaders): readonly (readonly [string, string])[] {
  if (!(Symbol.iterator in headers)) {
    return Object.entries(headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((line): [string, string] => [name, line]),
    );
  }
  const flat = [...(headers as Iterable<string | readonly [string, string]>)].flat();
  const lines: [string, string][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    lines.push([flat[at] as string, flat[at + 1] as string]);
  }
  return lines;
}
