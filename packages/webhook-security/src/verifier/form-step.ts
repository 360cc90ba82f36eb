import { algorithms } from '../crypto/algorithms.js';
import { type FormField, readForm } from '../form/read-form.js';
import type { VerifierSettings } from '../options.js';
import { fieldName, jsonFieldReader } from '../payload/read-json-fields.js';
import { decodeUtf8 } from '../payload/utf8.js';
import { HeaderLines, type HeaderValue, type HeaderValues } from '../request/headers.js';
import type { SignatureSource, SignatureVersion, WebhookScheme } from '../scheme/scheme.js';
import { type SignedPath, signedPaths } from '../scheme/signed-paths.js';
import { decodeBase64Text, decodeInto } from '../text/strict-decode.js';
import type { Check, Refusal, Step } from './check.js';
import type { HeaderPlan } from './header-plan.js';

const MISSING: Refusal = { reason: 'header-missing' };
const DUPLICATE: Refusal = { reason: 'header-duplicate' };
const MALFORMED: Refusal = { reason: 'header-malformed' };
const OTHER_VERSION: Refusal = { reason: 'signature-scheme' };
const BAD_FORM: Refusal = { reason: 'form-malformed' };
const UNSIGNED: Refusal = { reason: 'unsigned-error' };

/** More entries than any sender's rotation puts into one header. */
const mostEntries = 32;

/** Longer than the signature of any key. */
const longestSignature = 2_048;

/** The form of what is signed: headers or fields present, there once, and strictly written. */
export function formStep(settings: VerifierSettings, plan: HeaderPlan): Step {
  const { scheme } = settings;
  const { signature } = scheme;
  const readHeaders = headerForm(scheme, plan);
  const readCandidates = candidateReader(settings);
  if (signature.kind === 'header') {
    const readSignature = headerSignature(scheme, signature, plan, readCandidates);
    if (!signsPairs(scheme)) return (check) => readHeaders(check) ?? readSignature(check);
    return (check) => readHeaders(check) ?? readSignature(check) ?? readPairs(check);
  }
  const readSignature =
    signature.kind === 'field'
      ? fieldSignature(signature, readCandidates)
      : jsonSignature(scheme, signature.path, readCandidates);
  return (check) => readHeaders(check) ?? readSignature(check);
}

type ReadCandidates = (check: Check, entries: readonly string[]) => Refusal | undefined;

/** Every signed header: there, once, as text. Where several have a fault, the plainest is named. */
function headerForm(
  scheme: WebhookScheme,
  plan: HeaderPlan,
): (check: Check) => Refusal | undefined {
  const { headerTime, id, keyHint } = scheme;
  const hintPlace = keyHint?.kind === 'header' ? plan.placeOf(keyHint.name) : -1;
  const timePlace = headerTime?.kind === 'header' ? plan.placeOf(headerTime.name) : -1;
  const idPlace = id === undefined ? -1 : plan.placeOf(id.header);
  const { signed } = plan;
  return (check) => {
    const { headers } = check;
    for (const place of signed) {
      const value = headers[place];
      if (typeof value !== 'string' || value === '') return worstFault(headers, signed);
    }
    if (hintPlace !== -1) check.keyHint = headers[hintPlace] as string;
    if (timePlace !== -1) check.timeText = headers[timePlace] as string;
    if (id !== undefined) {
      check.id = headers[idPlace] as string;
      if (id.forbid !== undefined && check.id.includes(id.forbid)) return MALFORMED;
    }
    return undefined;
  };
}

function worstFault(headers: HeaderValues, signed: readonly number[]): Refusal {
  const values = signed.map((place) => headers[place]);
  if (values.some(isMissing)) return MISSING;
  const isTwice = (value: HeaderValue) => value instanceof HeaderLines && value.lines.length > 1;
  return values.some(isTwice) ? DUPLICATE : MALFORMED;
}

function isMissing(value: HeaderValue): boolean {
  return value === undefined || value === '';
}

function headerSignature(
  { headerTime }: WebhookScheme,
  { name, separator }: Extract<SignatureSource, { kind: 'header' }>,
  plan: HeaderPlan,
  readCandidates: ReadCandidates,
): (check: Check) => Refusal | undefined {
  const place = plan.placeOf(name);
  if (separator === undefined)
    return (check) => readCandidates(check, [check.headers[place] as string]);
  const timeLabel = headerTime?.kind === 'entry' ? headerTime.label : undefined;
  return (check) => {
    const text = check.headers[place] as string;
    const entries = text.split(separator, mostEntries + 1);
    if (entries.length > mostEntries) return MALFORMED;
    if (timeLabel !== undefined) {
      const time = onlyEntry(entries, timeLabel);
      if (time === undefined) return MALFORMED;
      check.timeText = time;
    }
    return readCandidates(check, entries);
  };
}

/** The rest of the one entry with this label; undefined where there is none or more than one. */
function onlyEntry(entries: readonly string[], label: string): string | undefined {
  const found = entries.filter((entry) => entry.startsWith(label));
  return found.length === 1 ? found[0]?.slice(label.length) : undefined;
}

/** Decodes the entries of the versions that a key can check, and passes over the others. */
function candidateReader({ scheme, keys }: VerifierSettings): ReadCandidates {
  const decoders = scheme.versions.map((version, index) =>
    keys.mayHave(index)
      ? { label: version.label ?? '', decode: decoderOf(version, keys.isFixed) }
      : undefined,
  );
  return (check, entries) => {
    const candidates: Uint8Array[][] = [];
    let count = 0;
    for (let version = 0; version < decoders.length; version += 1) {
      const decoder = decoders[version];
      const signatures: Uint8Array[] = [];
      candidates.push(signatures);
      if (decoder === undefined) continue;
      const { label, decode } = decoder;
      for (let index = 0; index < entries.length; index += 1) {
        const entry = entries[index] as string;
        if (!entry.startsWith(label)) continue;
        const bytes = decode(entry, label.length, signatures.length === 0);
        if (bytes === undefined) return MALFORMED;
        signatures.push(bytes);
        count += 1;
      }
    }
    check.candidates = candidates;
    return count === 0 ? OTHER_VERSION : undefined;
  };
}

/** @param isFirst of its version in this request */
type Decode = (entry: string, start: number, isFirst: boolean) => Uint8Array | undefined;

const utf8 = new TextEncoder();

/**
 * @param mayKeep whether the signature is compared before another request can be looked at: then the
 *   first one of each request is decoded into the same bytes
 */
function decoderOf({ algorithm, encoding }: SignatureVersion, mayKeep: boolean): Decode {
  const facts = algorithms[algorithm];
  if (encoding === 'text') return (entry, start) => utf8.encode(entry.slice(start));
  const length = 'bytes' in facts ? facts.bytes : undefined;
  if (length === undefined) {
    return (entry, start) =>
      entry.length - start <= longestSignature ? decodeBase64Text(entry.slice(start)) : undefined;
  }
  const kept = new Uint8Array(length);
  return (entry, start, isFirst) => {
    const bytes = mayKeep && isFirst ? kept : new Uint8Array(length);
    return decodeInto(bytes, entry, start, encoding) ? bytes : undefined;
  };
}

function fieldSignature(
  source: Extract<SignatureSource, { kind: 'field' }>,
  readCandidates: ReadCandidates,
): (check: Check) => Refusal | undefined {
  const signatureName = byteText(source.name);
  const leftOut = new Set([signatureName, ...source.exclude.map(byteText)]);
  const { unsignedWhen } = source;
  const isUnsignedMark = ({ name, value }: FormField) =>
    unsignedWhen !== undefined &&
    name === byteText(unsignedWhen.field) &&
    value === byteText(unsignedWhen.value);
  return (check) => {
    const all = readForm(check.body, source.maxFields);
    if (all === undefined) return BAD_FORM;
    const signatures = all.filter(({ name }) => name === signatureName);
    if (signatures.every(({ value }) => value === '')) {
      return all.some(isUnsignedMark) ? UNSIGNED : MISSING;
    }
    if (hasNameTwice(all)) return DUPLICATE;
    check.fields = all.filter(({ name }) => !leftOut.has(name));
    return readCandidates(check, [signatures[0]?.value ?? '']);
  };
}

/** Names and values of a form are compared as bytes, see `FormField`. */
function byteText(text: string): string {
  return String.fromCharCode(...utf8.encode(text));
}

function hasNameTwice(fields: readonly FormField[]): boolean {
  return new Set(fields.map(({ name }) => name)).size < fields.length;
}

function jsonSignature(
  scheme: WebhookScheme,
  path: readonly string[],
  readCandidates: ReadCandidates,
): (check: Check) => Refusal | undefined {
  const paths = signedPaths(scheme);
  const { keyHint } = scheme;
  const hintPath = keyHint?.kind === 'json' ? keyHint.path : undefined;
  const read = jsonFieldReader([
    path,
    ...(hintPath === undefined ? [] : [hintPath]),
    ...paths.map((one) => one.path),
  ]);
  const name = fieldName(path);
  return (check) => {
    const text = decodeUtf8(check.body);
    const fields = text === undefined ? undefined : read(text);
    if (fields === undefined) return BAD_FORM;
    const signature = fields.get(name);
    if (signature === undefined || signature === '') return MISSING;
    if (!paths.every((one) => fits(one, fields.get(fieldName(one.path))))) return BAD_FORM;
    check.jsonFields = fields;
    if (hintPath !== undefined) check.keyHint = fields.get(fieldName(hintPath));
    return readCandidates(check, [signature]);
  };
}

function fits({ isOptional, forbid }: SignedPath, value: string | undefined): boolean {
  if (value === undefined) return isOptional;
  return forbid === undefined || !value.includes(forbid);
}

const mostPairs = 1_000;

function signsPairs({ message }: WebhookScheme): boolean {
  return message.kind === 'parts' && message.parts.includes('pairs');
}

/** The fields of a form whose names and values are signed behind the address. */
function readPairs(check: Check): Refusal | undefined {
  const fields = readForm(check.body, mostPairs);
  if (fields === undefined) return BAD_FORM;
  if (hasNameTwice(fields)) return DUPLICATE;
  check.fields = fields;
  return undefined;
}
