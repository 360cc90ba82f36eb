import type { KeyObject } from 'node:crypto';
import { type AlgorithmFacts, algorithms } from '../crypto/algorithms.js';
import { WebhookSecurityError } from '../errors.js';
import { pairsMessage } from '../form/pairs.js';
import { canonicalForm, signedFields } from '../form/php-form.js';
import { type FormField, readForm } from '../form/read-form.js';
import { fieldName, jsonFieldReader } from '../payload/read-json-fields.js';
import { decodeUtf8 } from '../payload/utf8.js';
import { concatBytes, signPrivately, toBase64, toByteText } from '../platform/index.js';
import type { MaybeLater } from '../platform/platform.js';
import { systemClock } from '../ports/clock.js';
import type {
  MessagePart,
  SignatureSource,
  SignatureVersion,
  TimeUnit,
  WebhookScheme,
} from '../scheme/scheme.js';
import { signedPaths } from '../scheme/signed-paths.js';
import { readKeys, type WebhookKey } from '../signature/keys.js';
import type { Message } from '../signature/message.js';
import { toHex } from '../text/hex.js';
import { refusal } from '../validation.js';

const utf8 = new TextEncoder();

export interface SignWebhookOptions {
  readonly scheme: WebhookScheme;
  /** A secret as the verifier takes it; for a public-key version the private key, as `KeyObject` or PEM. */
  readonly key: WebhookKey | KeyObject;
  /** Which of the scheme's versions signs. Default: the first that fits the key's kind. */
  readonly version?: number;
  readonly body: Uint8Array | string;
  /** Names the delivery, where the scheme signs an id. */
  readonly id?: string;
  /** Milliseconds since 1970, where the scheme signs a header time. Default: now. */
  readonly time?: number;
  /** The whole address, query included, where the scheme signs it. */
  readonly url?: string;
  /** Default: `POST`. */
  readonly method?: string;
  /** Other headers that the scheme signs, by their lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as the sender would send it. */
export interface SignedWebhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * Signs a webhook as the sender of a scheme does: gives the headers to send, and the body, into which
 * some schemes write their signature.
 * @throws WebhookSecurityError INVALID_KEY, INVALID_OPTION for what the scheme signs and was not given or
 * cannot be read; NOT_SYNC where the platform signs later alone: use `signWebhookAsync`
 */
export function signWebhook(options: SignWebhookOptions): SignedWebhook {
  const signed = signNowOrLater(options);
  if (!(signed instanceof Promise)) return signed;
  // It goes on by itself; nobody waits for it.
  signed.catch(() => {});
  throw new WebhookSecurityError('NOT_SYNC', 'this platform signs later: use signWebhookAsync');
}

/** The same on every platform. Rejects where `signWebhook` throws. */
export async function signWebhookAsync(options: SignWebhookOptions): Promise<SignedWebhook> {
  return signNowOrLater(options);
}

function signNowOrLater(options: SignWebhookOptions): MaybeLater<SignedWebhook> {
  const body = typeof options.body === 'string' ? utf8.encode(options.body) : options.body;
  const version = chooseVersion(options);
  const timeText = writeTime(options);
  const message = messageOf(options, body, timeText);
  const finish = (bytes: Uint8Array) =>
    place({ options, body, timeText, version, signature: encode(bytes, version) });
  const signature = signatureBytes(options.key, version, message);
  return signature instanceof Promise ? signature.then(finish) : finish(signature);
}

function chooseVersion({ scheme, key, version }: SignWebhookOptions): SignatureVersion {
  const isPrivate =
    (key as Partial<KeyObject> | null | undefined)?.type === 'private' ||
    (typeof key === 'string' && key.startsWith('-----BEGIN '));
  const fits = ({ algorithm }: SignatureVersion) =>
    (algorithms[algorithm].kind === 'public-key') === isPrivate;
  const chosen = version === undefined ? scheme.versions.find(fits) : scheme.versions[version];
  if (chosen !== undefined) return chosen;
  throw refusal('version', 'none that fits', `the kind of key that ${scheme.name} signs with`);
}

function writeTime({ scheme, time = systemClock.wallTime() }: SignWebhookOptions): string {
  const units: Readonly<Record<TimeUnit, () => string>> = {
    s: () => String(Math.floor(time / 1_000)),
    ms: () => String(Math.floor(time)),
    iso: () => `${new Date(time).toISOString().slice(0, 19)}Z`,
  };
  return units[scheme.headerTime?.unit ?? 's']();
}

function messageOf(options: SignWebhookOptions, body: Uint8Array, timeText: string): Message {
  const { message, signature } = options.scheme;
  if (message.kind === 'parts') {
    const fieldOf = jsonFields(options, body);
    return message.parts.map((part) => pieceOf(part, options, { body, timeText, fieldOf }));
  }
  // A form message goes with no other signature.
  const source = signature as Extract<SignatureSource, { kind: 'field' }>;
  const leftOut = [source.name, ...source.exclude].map((name) => toByteText(utf8.encode(name)));
  const fields = formFields(body).filter(({ name }) => !leftOut.includes(name));
  const [reading] = message.readings;
  if (reading === undefined) throw refusal('scheme', 'without a reading', 'one or more');
  return [canonicalForm(signedFields(fields, reading), reading)];
}

const mostFields = 10_000;

function formFields(body: Uint8Array): readonly FormField[] {
  const fields = readForm(body, mostFields);
  if (fields !== undefined) return fields;
  throw refusal('body', 'no such form', `a form of at most ${mostFields} fields`);
}

type FieldOf = (path: readonly string[]) => string | undefined;

function jsonFields({ scheme }: SignWebhookOptions, body: Uint8Array): FieldOf {
  const paths = signedPaths(scheme).map(({ path }) => path);
  if (paths.length === 0) return () => undefined;
  // The verifier looks for it in the same reading.
  if (scheme.signature.kind === 'json') paths.push(scheme.signature.path);
  // What is no UTF-8 is refused as what is no JSON.
  const fields = jsonFieldReader(paths)(decodeUtf8(body) as string);
  if (fields === undefined)
    throw refusal('body', 'not such JSON', 'JSON with the signed values once');
  return (path) => fields.get(fieldName(path));
}

interface Pieces {
  readonly body: Uint8Array;
  readonly timeText: string;
  readonly fieldOf: FieldOf;
}

function pieceOf(
  part: MessagePart,
  options: SignWebhookOptions,
  { body, timeText, fieldOf }: Pieces,
): string | Uint8Array {
  if (part === 'body') return body;
  if (part === 'time') return timeText;
  if (part === 'id') return given('id', options.id);
  if (part === 'url') return given('url', options.url);
  if (part === 'method') return options.method ?? 'POST';
  if (part === 'pairs') return pairsMessage(formFields(body));
  if ('text' in part) return part.text;
  if ('header' in part) return given(`headers.${part.header}`, options.headers?.[part.header]);
  const value = fieldOf(part.path);
  if (value !== undefined) return `${part.before ?? ''}${value}${part.after ?? ''}`;
  return part.optional === true ? '' : given(`body.${fieldName(part.path)}`, value);
}

function given(name: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw refusal(name, 'left out', 'a text: the scheme signs it');
}

function signatureBytes(
  key: WebhookKey | KeyObject,
  version: SignatureVersion,
  message: Message,
): MaybeLater<Uint8Array> {
  const facts = algorithms[version.algorithm];
  if (facts.kind === 'public-key') return privateSignature(key, facts, message);
  const [ready] = readKeys([key], [version]);
  return ready?.sign?.(message) as MaybeLater<Uint8Array>;
}

function privateSignature(
  key: WebhookKey | KeyObject,
  facts: Extract<AlgorithmFacts, { kind: 'public-key' }>,
  message: Message,
): MaybeLater<Uint8Array> {
  const refuse = (): never => {
    throw new WebhookSecurityError(
      'INVALID_KEY',
      'key is no private key that signs for this scheme',
    );
  };
  try {
    const signature = signPrivately(facts, key, message);
    return signature instanceof Promise ? signature.catch(refuse) : signature;
  } catch {
    return refuse();
  }
}

function encode(bytes: Uint8Array, { encoding }: SignatureVersion): string {
  if (encoding === 'hex') return toHex(bytes);
  return encoding === 'text' ? new TextDecoder().decode(bytes) : toBase64(bytes);
}

function place(made: {
  readonly options: SignWebhookOptions;
  readonly body: Uint8Array;
  readonly timeText: string;
  readonly version: SignatureVersion;
  readonly signature: string;
}): SignedWebhook {
  const { options, body, timeText, version, signature } = made;
  const { scheme, id } = options;
  const { headerTime, signature: source } = scheme;
  const headers: Record<string, string> = { ...options.headers };
  // It is signed, so it was given.
  if (scheme.id !== undefined) headers[scheme.id.header] = id as string;
  if (headerTime?.kind === 'header') headers[headerTime.name] = timeText;
  const entry = `${version.label ?? ''}${signature}`;
  if (source.kind === 'field') return { headers, body: withField(body, source.name, entry) };
  if (source.kind === 'json') return { headers, body: withValue(body, source.path, entry) };
  headers[source.name] =
    headerTime?.kind === 'entry'
      ? [`${headerTime.label}${timeText}`, entry].join(source.separator)
      : entry;
  return { headers, body };
}

function withField(body: Uint8Array, name: string, value: string): Uint8Array {
  const before = body.length === 0 ? '' : '&';
  const field = `${before}${name}=${encodeURIComponent(value)}`;
  return concatBytes([body, utf8.encode(field)]);
}

function withValue(body: Uint8Array, path: readonly string[], value: string): Uint8Array {
  const root = JSON.parse(decodeUtf8(body) as string) as Record<string, unknown>;
  let at = root;
  path.forEach((step, index) => {
    const isLast = index === path.length - 1;
    if (isLast || !Object.hasOwn(at, step) || at[step] === null) {
      // Defined, for `__proto__` is a name like any other.
      const own = { value: isLast ? value : {}, enumerable: true };
      Object.defineProperty(at, step, own);
    }
    at = at[step] as Record<string, unknown>;
  });
  return utf8.encode(JSON.stringify(root));
}
