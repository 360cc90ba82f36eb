import { type FormField, readForm } from '../form/read-form.js';
import type { VerifierSettings } from '../options.js';
import type { SignatureSource, WebhookScheme } from '../scheme/scheme.js';
import { decodeSignature } from '../signature/encoding.js';
import { digestBytes } from '../signature/hmac.js';
import type { Check, Refusal, Step } from './check.js';

/** More entries than any sender's rotation puts into one header. */
const mostEntries = 32;

/** The form of what is signed: headers or fields present, there once, and strictly written. */
export function formStep({ scheme }: VerifierSettings): Step {
  const { signature } = scheme;
  return signature.kind === 'header' ? headerForm(scheme, signature) : fieldForm(scheme, signature);
}

function headerForm(
  scheme: WebhookScheme,
  source: Extract<SignatureSource, { kind: 'header' }>,
): Step {
  const { headerTime, id } = scheme;
  const names = [source.name];
  if (headerTime?.kind === 'header') names.push(headerTime.name);
  if (id !== undefined) names.push(id.header);
  return (check) => {
    const lists = names.map((name) => check.headers.get(name) ?? []);
    if (lists.some((list) => list.length === 0 || (list.length === 1 && list[0] === ''))) {
      return { reason: 'header-missing' };
    }
    if (lists.some((list) => list.length > 1)) return { reason: 'header-duplicate' };
    const texts = new Map(names.map((name, index) => [name, lists[index]?.[0]]));
    const signatureText = texts.get(source.name);
    if (signatureText === undefined) return { reason: 'header-malformed' };
    if (id !== undefined) {
      const text = texts.get(id.header);
      if (text === undefined || (id.forbid !== undefined && text.includes(id.forbid))) {
        return { reason: 'header-malformed' };
      }
      check.id = text;
    }
    const entries = splitEntries(signatureText, source.separator);
    if (entries === undefined) return { reason: 'header-malformed' };
    if (headerTime !== undefined) {
      const text =
        headerTime.kind === 'header'
          ? texts.get(headerTime.name)
          : onlyEntry(entries, headerTime.label);
      if (text === undefined) return { reason: 'header-malformed' };
      check.timeText = text;
    }
    return readCandidates(check, scheme, entries, source.label ?? '');
  };
}

function splitEntries(text: string, separator: string | undefined): readonly string[] | undefined {
  if (separator === undefined) return [text];
  const entries = text.split(separator, mostEntries + 1);
  return entries.length > mostEntries ? undefined : entries;
}

/** The rest of the one entry with this label; undefined where there is none or more than one. */
function onlyEntry(entries: readonly string[], label: string): string | undefined {
  const found = entries.filter((entry) => entry.startsWith(label));
  return found.length === 1 ? found[0]?.slice(label.length) : undefined;
}

function readCandidates(
  check: Check,
  { algorithm, encoding }: WebhookScheme,
  entries: readonly string[],
  label: string,
): Refusal | undefined {
  const candidates: Buffer[] = [];
  for (const entry of entries) {
    if (!entry.startsWith(label)) continue;
    const bytes = decodeSignature(entry.slice(label.length), encoding, digestBytes[algorithm]);
    if (bytes === undefined) return { reason: 'header-malformed' };
    candidates.push(bytes);
  }
  check.candidates = candidates;
  return candidates.length === 0 ? { reason: 'signature-scheme' } : undefined;
}

function fieldForm(
  scheme: WebhookScheme,
  source: Extract<SignatureSource, { kind: 'field' }>,
): Step {
  // Names and values are compared as bytes, see FormField.
  const asBytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
  const signatureName = asBytes(source.name);
  const leftOut = new Set([signatureName, ...source.exclude.map(asBytes)]);
  const { unsignedWhen } = source;
  const isUnsignedMark = ({ name, value }: FormField) =>
    unsignedWhen !== undefined &&
    name === asBytes(unsignedWhen.field) &&
    value === asBytes(unsignedWhen.value);
  return (check) => {
    const all = readForm(check.body, source.maxFields);
    if (all === undefined) return { reason: 'form-malformed' };
    const signatures = all.filter(({ name }) => name === signatureName);
    if (signatures.every(({ value }) => value === '')) {
      return { reason: all.some(isUnsignedMark) ? 'unsigned-error' : 'header-missing' };
    }
    if (new Set(all.map(({ name }) => name)).size < all.length) {
      return { reason: 'header-duplicate' };
    }
    check.fields = all.filter(({ name }) => !leftOut.has(name));
    return readCandidates(check, scheme, [signatures[0]?.value ?? ''], '');
  };
}
