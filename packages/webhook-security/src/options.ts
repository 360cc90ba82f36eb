import { type AddressSet, createAddressSet } from './address/address-set.js';
import {
  guardObserver,
  type ObserverFailure,
  type WebhookEvent,
  type WebhookObserver,
} from './observer.js';
import type { StandardSchema } from './payload/standard-schema.js';
import { tokenChecker } from './platform/index.js';
import type { MaybeLater } from './platform/platform.js';
import type { Clock } from './ports/clock.js';
import type { ReplayStore } from './ports/replay-store.js';
import type { ReplaySettings } from './replay/delivery-claim.js';
import { isMarkedScheme } from './scheme/mark-scheme.js';
import type { WebhookScheme } from './scheme/scheme.js';
import { signsUrl } from './scheme/signs-url.js';
import { createKeyRing, type KeyRing, type KeySource } from './signature/key-ring.js';
import type { WebhookKey } from './signature/keys.js';
import {
  clockOption,
  integer,
  invalid,
  optionalFunction,
  refusal,
  refuseUnknown,
  requireMethods,
} from './validation.js';

export interface ReplayOptions {
  readonly store: ReplayStore;
  /** How long a claim holds when its worker crashes, in ms. Default 60,000; 1,000 to 86,400,000. */
  readonly claimMs?: number;
  /**
   * How long a handled delivery is known, in ms. Default 604,800,000 (7 days); 60,000 to 10 years,
   * and at least twice `toleranceMs` where the scheme signs a header time.
   */
  readonly keepMs?: number;
  /** How long the store may take for one answer, in ms. Default 2,000; 1 to 60,000. */
  readonly timeoutMs?: number;
  /** The status that answers a delivery handled before. Default: the scheme's. */
  readonly repeatStatus?: 200 | 409;
  /**
   * Whether the handler's answer is kept in the store as long as the delivery is known, and given to
   * repeats with its own status. Default false: it may hold what should not be kept.
   */
  readonly keepAnswers?: boolean;
}

export interface WebhookVerifierOptions<Payload = unknown> {
  readonly scheme: WebhookScheme;
  /** The active keys, newest first, or what gives them. Any may match; which one is reported. */
  readonly keys: readonly WebhookKey[] | KeySource;
  /** How long a function that gives the keys may take, in ms. Default 2,000; 1 to 60,000. */
  readonly keysTimeoutMs?: number;
  /** Addresses and networks that may send, or a set of them that may change. Default: any. */
  readonly allow?: readonly string[] | AddressSet;
  /** Proxies whose X-Forwarded-For is believed. Default: none, the header is not read. */
  readonly trustedProxies?: readonly string[] | AddressSet;
  /**
   * The address that the sender was given, exactly as it stands there; the query is taken from the
   * request. Needed by schemes that sign it, refused by others. Never taken from the Host header.
   */
  readonly url?: string;
  /** The text that the sender was given for its handshake. Needed by schemes that ask for one. */
  readonly verifyToken?: string;
  /** The longest body, in bytes. Default: the scheme's; 1 to 67,108,864. */
  readonly maxBytes?: number;
  /** How far a signed header time may lie from now, in ms. Default 300,000; 1,000 to 86,400,000. */
  readonly toleranceMs?: number;
  /** Above this age a time in the body makes the verdict stale, in ms. Default: the scheme's; from 1,000. */
  readonly maxAgeMs?: number;
  /** Beyond this lead a time in the body makes the verdict stale, in ms. Default: the scheme's; from 0. */
  readonly maxAheadMs?: number;
  readonly replay?: ReplayOptions;
  /** Separates deliveries of several accounts in one replay store. Default: none. */
  readonly tenant?: string;
  /**
   * Any Standard Schema, e.g. a zod schema; its output is the verdict's payload. `false`: the
   * content is read only where the scheme itself needs it, and the payload is undefined.
   */
  readonly payload?: StandardSchema<Payload> | false;
  /** How long an asynchronous schema may take, in ms. Default 5,000; 1 to 60,000. */
  readonly payloadTimeoutMs?: number;
  readonly clock?: Clock;
  readonly observer?: WebhookObserver;
  /** Told when the observer throws or rejects. Default: `process.emitWarning`. */
  readonly onObserverError?: (failure: ObserverFailure) => void;
}

/** The options with every default filled in; frozen, and without the keys' text. */
export interface VerifierSettings {
  readonly scheme: WebhookScheme;
  readonly keys: KeyRing;
  readonly url: string | undefined;
  readonly isVerifyToken: (text: string | undefined) => MaybeLater<boolean>;
  readonly allow: AddressSet | undefined;
  readonly trustedProxies: AddressSet;
  readonly maxBytes: number;
  readonly toleranceMs: number;
  readonly maxAgeMs: number;
  readonly maxAheadMs: number;
  readonly replay: ReplaySettings | undefined;
  readonly tenant: string;
  readonly payload: StandardSchema | false | undefined;
  readonly payloadTimeoutMs: number;
  readonly clock: Clock;
  readonly emit: ((event: WebhookEvent) => void) | undefined;
}

/** Every default that does not come from the scheme. */
export const VERIFIER_DEFAULTS = Object.freeze({
  toleranceMs: 300_000,
  claimMs: 60_000,
  keepMs: 604_800_000,
  timeoutMs: 2_000,
  keysTimeoutMs: 2_000,
  payloadTimeoutMs: 5_000,
});

const tenYearsMs = 315_360_000_000;
const dayMs = 86_400_000;

const verifierOptionNames = [
  'scheme',
  'keys',
  'keysTimeoutMs',
  'allow',
  'trustedProxies',
  'url',
  'verifyToken',
  'maxBytes',
  'toleranceMs',
  'maxAgeMs',
  'maxAheadMs',
  'replay',
  'tenant',
  'payload',
  'payloadTimeoutMs',
  'clock',
  'observer',
  'onObserverError',
];
const replayOptionNames = [
  'store',
  'claimMs',
  'keepMs',
  'timeoutMs',
  'repeatStatus',
  'keepAnswers',
];

/** @throws WebhookSecurityError INVALID_OPTION, INVALID_KEY, INVALID_SCHEME */
export function readOptions(options: WebhookVerifierOptions): VerifierSettings {
  refuseUnknown('', options, verifierOptionNames);
  const scheme = readScheme(options.scheme);
  const { headerTime, bodyTime } = scheme;
  if (options.toleranceMs !== undefined && headerTime === undefined) {
    throw invalid(
      'toleranceMs',
      options.toleranceMs,
      `nothing: ${scheme.name} signs no header time`,
    );
  }
  for (const name of ['maxAgeMs', 'maxAheadMs'] as const) {
    if (options[name] !== undefined && bodyTime === undefined) {
      throw invalid(name, options[name], `nothing: ${scheme.name} has no time in its body`);
    }
  }
  const toleranceMs = integer(
    'toleranceMs',
    options.toleranceMs ?? VERIFIER_DEFAULTS.toleranceMs,
    1_000,
    dayMs,
  );
  const clock = clockOption(options.clock);
  return Object.freeze({
    scheme,
    keys: createKeyRing({
      keys: options.keys,
      versions: scheme.versions,
      clock,
      timeoutMs: integer(
        'keysTimeoutMs',
        options.keysTimeoutMs ?? VERIFIER_DEFAULTS.keysTimeoutMs,
        1,
        60_000,
      ),
    }),
    url: readUrl(options.url, scheme),
    isVerifyToken: readVerifyToken(options.verifyToken, scheme),
    allow: options.allow === undefined ? undefined : readAllow(options.allow),
    trustedProxies: readAddresses('trustedProxies', options.trustedProxies ?? []),
    maxBytes: integer('maxBytes', options.maxBytes ?? scheme.maxBytes, 1, 67_108_864),
    toleranceMs,
    maxAgeMs: integer(
      'maxAgeMs',
      options.maxAgeMs ?? bodyTime?.maxAgeMs ?? 1_000,
      1_000,
      tenYearsMs,
    ),
    maxAheadMs: integer(
      'maxAheadMs',
      options.maxAheadMs ?? bodyTime?.maxAheadMs ?? 0,
      0,
      tenYearsMs,
    ),
    replay:
      options.replay === undefined
        ? undefined
        : readReplay(options.replay, scheme, headerTime === undefined ? 0 : 2 * toleranceMs),
    tenant: readTenant(options.tenant),
    payload: readSchema(options.payload),
    payloadTimeoutMs: integer(
      'payloadTimeoutMs',
      options.payloadTimeoutMs ?? VERIFIER_DEFAULTS.payloadTimeoutMs,
      1,
      60_000,
    ),
    clock,
    emit: guardObserver(
      optionalFunction('observer', options.observer),
      optionalFunction('onObserverError', options.onObserverError),
    ),
  });
}

/** Frozen by hand is not enough: that shows what a scheme was meant to be, not that it is a safe one. */
function readScheme(scheme: WebhookScheme): WebhookScheme {
  if (isMarkedScheme(scheme)) return scheme;
  throw refusal(
    'scheme',
    'not a scheme',
    'one of this package, such as github(), or of defineScheme(…)',
  );
}

function readReplay(
  options: ReplayOptions,
  scheme: WebhookScheme,
  leastKeepMs: number,
): ReplaySettings {
  refuseUnknown('replay.', options, replayOptionNames);
  const { store, repeatStatus, keepAnswers = false } = options;
  requireMethods('replay.store', store, ['claim', 'confirm', 'release'], 'a replay store');
  if (repeatStatus !== undefined && repeatStatus !== 200 && repeatStatus !== 409) {
    throw invalid('replay.repeatStatus', repeatStatus, '200 or 409');
  }
  if (typeof keepAnswers !== 'boolean')
    throw invalid('replay.keepAnswers', keepAnswers, 'true or false');
  // A signed time stays acceptable for one tolerance to each side, so an id must be kept for both.
  const leastMs = Math.max(60_000, leastKeepMs);
  return Object.freeze({
    store,
    claimMs: integer('replay.claimMs', options.claimMs ?? VERIFIER_DEFAULTS.claimMs, 1_000, dayMs),
    keepMs: integer(
      'replay.keepMs',
      options.keepMs ?? VERIFIER_DEFAULTS.keepMs,
      leastMs,
      tenYearsMs,
    ),
    timeoutMs: integer(
      'replay.timeoutMs',
      options.timeoutMs ?? VERIFIER_DEFAULTS.timeoutMs,
      1,
      60_000,
    ),
    repeatStatus: repeatStatus ?? scheme.repeatStatus,
    keepAnswers,
  });
}

function readAllow(allow: readonly string[] | AddressSet): AddressSet {
  if (Array.isArray(allow) && allow.length === 0) {
    throw refusal('allow', '[]', 'at least one address or network; leave it out to allow any');
  }
  return readAddresses('allow', allow);
}

/** A list is read once; a set of the user's own is asked each time, so that it may change. */
function readAddresses(name: string, addresses: readonly string[] | AddressSet): AddressSet {
  // A `Set` of texts has a `has` too, which would compare them letter by letter.
  const isIterable = typeof (addresses as Partial<Set<string>> | null)?.values === 'function';
  if (!isIterable && typeof (addresses as AddressSet | null)?.has === 'function') {
    return addresses as AddressSet;
  }
  return createAddressSet(addresses as readonly string[], name);
}

function readUrl(url: string | undefined, scheme: WebhookScheme): string | undefined {
  if (signsUrl(scheme) !== (url !== undefined)) {
    const allowed = url === undefined ? 'an address' : 'nothing';
    const why = url === undefined ? 'signs the address it was given' : 'signs no address';
    throw invalid('url', url, `${allowed}: ${scheme.name} ${why}`);
  }
  if (url === undefined) return undefined;
  if (typeof url !== 'string' || !/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw invalid('url', url, 'an address that begins with https:// or http://');
  }
  return url;
}

function readVerifyToken(
  token: string | undefined,
  { name, handshake }: WebhookScheme,
): (text: string | undefined) => MaybeLater<boolean> {
  const isAsked = handshake?.kind === 'query' && handshake.token !== undefined;
  if (token !== undefined && !isAsked) {
    throw invalid('verifyToken', token, `nothing: ${name} asks for no token`);
  }
  // Without one the handshake is refused: a webhook may have been set up long ago.
  if (token === undefined) return () => false;
  if (typeof token !== 'string' || token.trim() === '') {
    throw invalid('verifyToken', token, 'a text that is not blank');
  }
  const isToken = tokenChecker(new TextEncoder().encode(token));
  // A text that is left out becomes no bytes, which no token is.
  return (text) => isToken([], [new TextEncoder().encode(text)]);
}

function readTenant(tenant: string | undefined): string {
  if (tenant === undefined) return '';
  if (typeof tenant !== 'string' || tenant.length === 0 || tenant.length > 200) {
    throw invalid('tenant', tenant, 'a text of 1 to 200 characters');
  }
  // It becomes part of a key, which half a character cannot be.
  if (/\p{Surrogate}/u.test(tenant)) {
    throw refusal(
      'tenant',
      'a text with half a character',
      'whole characters (well-formed UTF-16)',
    );
  }
  return tenant;
}

function readSchema(
  schema: StandardSchema | false | undefined,
): StandardSchema | false | undefined {
  if (schema === undefined || schema === false) return schema;
  if (typeof schema?.['~standard']?.validate === 'function') return schema;
  throw invalid('payload', schema, 'a Standard Schema, e.g. a zod schema, or false');
}
