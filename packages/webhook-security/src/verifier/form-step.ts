import { algorithms } from '../crypto/algorithms.js';
import { type FormField, readForm } from '../form/read-form.js';
import type { VerifierSettings } from '../options.js';
import { fieldName, jsonFieldReader } from '../payload/read-json-fields.js';
import { decodeUtf8 } from '../payload/utf8.js';
import { systemClock } from '../ports/clock.js';
import { stageOrder } from '../reasons.js';
import { HeaderLines, type HeaderValue, type HeaderValues } from '../request/headers.js';
import type { SignatureSource, SignatureVersion, WebhookScheme } from '../scheme/scheme.js';
import { type SignedPath, signedPaths } from '../scheme/signed-paths.js';
import { decodeBase64Text, decodeHexText, decodeInto } from '../text/strict-decode.js';
import { type Check, NONE, type Refusal, type Signatures } from './check.js';
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
export function formStep(settings: VerifierSettings, plan: HeaderPlan): FormStep {
  const { scheme } = settings;
  const { signature } = scheme;
  const readHeaders = headerForm(scheme, plan);
  const readSignatures = signatureReader(settings);
  if (signature.kind === 'header') {
    const place = plan.placeOf(signature.name);
    const readSignature: FormStep = (check) => {
      const fault = readHeaders(check);
      return fault ?? readSignatures(check, check.headers[place] as string);
    };
    return signsPairs(scheme) ? (check) => readSignature(check) ?? readPairs(check) : readSignature;
  }
  const readSignature =
    signature.kind === 'field'
      ? fieldSignature(signature, readSignatures)
      : jsonSignature(scheme, signature.path, readSignatures);
  return (check) => readHeaders(check) ?? readSignature(check);
}

/** Reads the signatures, and a time that stands among them, out of one text. */
type ReadSignatures = (check: Check, text: string) => Refusal | undefined;

type FormStep = (check: Check) => Refusal | undefined;

/** Every signed header: there, once, as text. Where several have a fault, the plainest is named. */
function headerForm(scheme: WebhookScheme, plan: HeaderPlan): FormStep {
  const { headerTime, id, keyHint } = scheme;
  const hintPlace = keyHint?.kind === 'header' ? plan.placeOf(keyHint.name) : -1;
  const timePlace = headerTime?.kind === 'header' ? plan.placeOf(headerTime.name) : -1;
  const idPlace = id === undefined ? -1 : plan.placeOf(id.header);
  const { signed } = plan;
  return (check) => {
    const { headers } = check;
    for (let index = 0; index < signed.length; index += 1) {
      const value = headers[signed[index] as number];
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

/**
 * Decodes the entries of the versions that a key can check, and passes over the others. One look
 * from the left to the right, without a list of the entries.
 */
function signatureReader(settings: VerifierSettings): ReadSignatures {
  const { scheme, keys } = settings;
  const { headerTime, signature, versions } = scheme;
  const separator = signature.kind === 'header' ? (signature.separator ?? '') : '';
  const timeLabel = headerTime?.kind === 'entry' ? headerTime.label : undefined;
  const mayKeep = keys.isFixed && isUndisturbed(settings);
  const readers = versions.map((version, index) =>
    keys.mayHave(index) ? new VersionReader(version, mayKeep) : undefined,
  );
  const kept: Signatures[] | undefined = mayKeep ? [] : undefined;
  return (check, text) => {
    const candidates = kept ?? [];
    for (let version = 0; version < readers.length; version += 1) candidates[version] = NONE;
    let count = 0;
    let timeText: string | undefined;
    let start = 0;
    for (let entry = 0; ; entry += 1) {
      if (entry === mostEntries) return MALFORMED;
      const next = separator === '' ? -1 : text.indexOf(separator, start);
      const end = next === -1 ? text.length : next;
      if (timeLabel !== undefined && stands(timeLabel, text, start)) {
        if (timeText !== undefined) return MALFORMED;
        timeText = text.slice(start + timeLabel.length, end);
      }
      for (let version = 0; version < readers.length; version += 1) {
        const reader = readers[version];
        if (reader === undefined || !stands(reader.label, text, start)) continue;
        const signatures = reader.read(text, start, end, candidates[version] as Signatures);
        if (signatures === undefined) return MALFORMED;
        candidates[version] = signatures;
        count += 1;
      }
      if (next === -1) break;
      start = next + separator.length;
    }
    if (timeLabel !== undefined) {
      if (timeText === undefined) return MALFORMED;
      check.timeText = timeText;
    }
    check.candidates = candidates;
    return count === 0 ? OTHER_VERSION : undefined;
  };
}

/**
 * Whether nothing of the user's own runs between the form and the signature: a clock or a set of
 * addresses that asks the same verifier would read another request's signatures into the same bytes.
 */
function isUndisturbed({ scheme, clock }: VerifierSettings): boolean {
  const stages = scheme.stages ?? stageOrder;
  return (
    (scheme.headerTime === undefined || clock === systemClock) &&
    stages.indexOf('address') < stages.indexOf('form')
  );
}

/** Whether a label stands at a place; for a few letters faster than `startsWith`. */
function stands(label: string, text: string, at: number): boolean {
  for (let index = 0; index < label.length; index += 1) {
    if (text.charCodeAt(at + index) !== label.charCodeAt(index)) return false;
  }
  return true;
}

const utf8 = new TextEncoder();

/** Reads the signatures of one version. */
class VersionReader {
  readonly label: string;
  readonly #version: SignatureVersion;
  /** Without it the length depends on the key. */
  readonly #bytes: number | undefined;
  readonly #kept: Signatures | undefined;

  /**
   * @param mayKeep whether signatures are compared before another request can be looked at: then
   *   the first one of each request is decoded into the same bytes
   */
  constructor(version: SignatureVersion, mayKeep: boolean) {
    const facts = algorithms[version.algorithm];
    this.label = version.label ?? '';
    this.#version = version;
    this.#bytes = 'bytes' in facts ? facts.bytes : undefined;
    this.#kept = mayKeep && this.#bytes !== undefined ? [new Uint8Array(this.#bytes)] : undefined;
  }

  /** Those before and the one between both places; undefined if it is not strictly written. */
  read(text: string, entry: number, end: number, before: Signatures): Signatures | undefined {
    const { encoding } = this.#version;
    const start = entry + this.label.length;
    const kept = this.#kept;
    if (kept !== undefined && before.length === 0 && encoding !== 'text') {
      return decodeInto(kept[0] as Uint8Array, text, start, end, encoding) ? kept : undefined;
    }
    const bytes = this.#decode(text, start, end);
    return bytes === undefined ? undefined : [...before, bytes];
  }

  #decode(text: string, start: number, end: number): Uint8Array | undefined {
    const { encoding } = this.#version;
    if (encoding === 'text') return utf8.encode(text.slice(start, end));
    if (this.#bytes === undefined) {
      if (end - start > longestSignature) return undefined;
      const decodeText = encoding === 'hex' ? decodeHexText : decodeBase64Text;
      return decodeText(text.slice(start, end));
    }
    const bytes = new Uint8Array(this.#bytes);
    return decodeInto(bytes, text, start, end, encoding) ? bytes : undefined;
  }
}

function fieldSignature(
  source: Extract<SignatureSource, { kind: 'field' }>,
  readSignatures: ReadSignatures,
): FormStep {
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
    return readSignatures(check, signatures[0]?.value ?? '');
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
  readSignatures: ReadSignatures,
): FormStep {
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
    return readSignatures(check, signature);
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
