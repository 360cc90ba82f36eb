import {
  type BulkheadOptions,
  type CircuitBreakerOptions,
  type CircuitBreakerRegistry,
  type Clock,
  type ListenerFailure,
  type Random,
  type RetryBudgetOptions,
  systemClock,
  systemRandom,
} from '@nestcms/circuit-breaker';
import { z } from 'zod';
import { CLIENT_DEFAULTS, RECONCILE_DEFAULTS } from './defaults.js';
import { PayTabsError } from './errors.js';
import type { ReconcileRules } from './intents/reconcile-rules.js';
import type { IntentStore } from './ports/intent-store.js';
import { type Region, regions } from './regions.js';
import { MemoryIntentStore } from './stores/memory-intent-store.js';
import type { AnyDispatcher } from './transport/exchange.js';

export { CLIENT_DEFAULTS, RECONCILE_DEFAULTS };

/** Options of one breaker; name, clock and classification are the client's own. */
export type BreakerTuning = Omit<
  CircuitBreakerOptions,
  'name' | 'clock' | 'classify' | 'onListenerError'
>;

/** Options of one bulkhead. */
export interface BulkheadTuning {
  /** Calls at once; 1 to 100,000, or `adaptive()`; default half of `maxConnections`. */
  readonly maxConcurrent?: BulkheadOptions['maxConcurrent'];
  /** Calls that may wait for a place; 0 to 1,000,000; default 128. */
  readonly maxQueue?: number;
  /** Milliseconds a call waits for a place; above 0, to 30 days; default 2,000. */
  readonly maxQueueMs?: number;
}

interface CommonOptions {
  /** The merchant profile. */
  readonly profileId: number;
  /** The server key of that profile, `S…-…-…`. Also the secret of notices: never in a browser, never in a log. */
  readonly serverKey: string;
  /**
   * Lets `chargeCard` take card numbers. Whoever gives it says: our servers see, pass on and may log card numbers, so
   * all of them fall under PCI DSS with the longest questionnaire, SAQ D, and we have that assessed. Without it the call
   * is refused before anything is stored or sent. `chargeManagedForm` and pages need no such thing.
   */
  readonly ownForm?: 'iAmPciDssSaqD';
  /**
   * What the profile is, for test and live profiles have the same host and keys of the same look. Answers that say
   * otherwise are not believed: a page is not handed out, a charge is `unknown`, a query rejects, and `modeMismatch` tells
   * it. Default: nothing is checked.
   */
  readonly expect?: 'test' | 'live';
  /** Where writes are remembered before they are sent. Default: memory, which forgets on restart. */
  readonly intents?: IntentStore;
  /** Milliseconds for a whole operation, store, waits and further tries included; 1 to 600,000; default 30,000. */
  readonly timeoutMs?: number;
  /**
   * Milliseconds a call waits for its end to be stored, beyond `timeoutMs`; 1 to 600,000; default 2,000. After that it
   * ends all the same, and `intentNotSettled` says so.
   */
  readonly settleTimeoutMs?: number;
  /** Milliseconds for one try of a read; 1 to 600,000; default 10,000. A write has one try and all of `timeoutMs`. */
  readonly readTimeoutMs?: number;
  /** Milliseconds to connect, TLS included; 1 to 600,000; default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds between request and the head of the answer; 1 to 600,000; default `timeoutMs`. */
  readonly headersTimeoutMs?: number;
  /** Milliseconds between two pieces of the answer; 1 to 600,000; default `timeoutMs`. */
  readonly bodyTimeoutMs?: number;
  /** Tries of a read, and of a write that was proven not sent; 1 to 10; default 3. */
  readonly maxAttempts?: number;
  /** Milliseconds before the second try, doubled for the third, each with full jitter; 0 to 60,000; default 200. */
  readonly retryDelayMs?: number;
  /** Connections to the gateway; 1 to 1,024; default 64. */
  readonly maxConnections?: number;
  /** Milliseconds an idle connection is kept; 1 to 600,000; default 4,000, below what servers usually keep. */
  readonly keepAliveMs?: number;
  /** Largest answer in bytes; 1,024 to 67,108,864; default 1,048,576. */
  readonly maxReplyBytes?: number;
  /** Largest PDF of an invoice in bytes; 1,024 to 67,108,864; default 10,485,760. */
  readonly maxPdfBytes?: number;
  /**
   * The form of the invoice endpoints, of which the gateway has two: `body` names the invoice in the body
   * (`invoice/new`, `invoice/status`, `invoice/cancel`), `path` in the path (`new/invoice`, GET and PUT). Default `body`.
   */
  readonly invoiceRoutes?: 'body' | 'path';
  /**
   * Codes by which a query says that there is no such transaction; default 113 alone. Any other error says nothing about
   * absence: what was lost stays open. 1, 4, 400 and 401 mean something else and are refused.
   */
  readonly notFoundCodes?: readonly number[];
  /** How long to wait before absence counts, and how often to ask. */
  readonly reconcile?: Partial<ReconcileRules>;
  /** Tuning of the two breakers. */
  readonly breakers?: { readonly read?: BreakerTuning; readonly write?: BreakerTuning };
  /**
   * How many calls may be under way, reads and writes each for themselves, so that neither takes the other's place. Beyond
   * it calls are refused with GATEWAY_UNAVAILABLE: nothing was remembered, nothing sent.
   */
  readonly bulkheads?: { readonly read?: BulkheadTuning; readonly write?: BulkheadTuning };
  /** How many further tries all reads together may cause; default a fifth of those under way, at least three. */
  readonly retryBudget?: RetryBudgetOptions;
  /** A registry the two breakers are made in, so that they can be listed. Default: none. */
  readonly breakerRegistry?: CircuitBreakerRegistry;
  /**
   * In place of the own pool: a ProxyAgent, an Agent with own certificates, a MockAgent. Not closed by `close()`. The own
   * pool shows neither key nor bodies to undici's diagnostics channels; this one does.
   */
  readonly dispatcher?: AnyDispatcher;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Told when a listener throws. Default: a process warning. */
  readonly onListenerError?: (failure: ListenerFailure) => void;
}

/** Options of the client: a region, or the base URL of a white label or a simulator. */
export type PayTabsClientOptions = CommonOptions &
  (
    | { readonly region: Region; readonly baseUrl?: undefined }
    /** HTTPS; plain HTTP is taken on loopback only, for the key travels in a header. */
    | { readonly baseUrl: string; readonly region?: undefined }
  );

const ms = z.int().min(1).max(600_000);
/** A hundred days: more than the longest hold. */
const largestWindowMs = 8_640_000_000;
const port = <T>(...methods: string[]) =>
  z.custom<T>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'),
    { message: `must be an object with ${methods.join(', ')}` },
  );
const callback = <T>() =>
  z.custom<T>((value) => typeof value === 'function', { message: 'must be a function' });

/** What is in it, the part checks that it is for. */
const optionsOf = <Options>(part: string) =>
  z.custom<Options>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    { message: `must be an object of ${part} options` },
  );
const tuning = optionsOf<BreakerTuning>('breaker');
const bulkheadTuning = optionsOf<BulkheadTuning>('bulkhead');

const serverKey = z
  .string('must be a string')
  .trim()
  .refine((key) => !/^C/i.test(key), 'looks like a client key; the server key begins with S')
  .refine(
    (key) => /^S[A-Z0-9]+(-[A-Z0-9]+){2}$/i.test(key),
    'must be three groups joined by dashes, the first beginning with S',
  );

const baseUrl = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url?.hostname ?? '');
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback);
  if (url === undefined || !safe || url.search || url.hash || url.username || url.password) {
    context.addIssue({
      code: 'custom',
      message: 'must be an https URL (http on loopback only) without user, query and fragment',
    });
    return z.NEVER;
  }
  return { origin: url.origin, pathPrefix: url.pathname.replace(/\/+$/, '') };
});

const region = z
  .string()
  .transform((code) => code.toUpperCase())
  .pipe(z.enum(Object.keys(regions) as [Region, ...Region[]]));

const window = (name: Exclude<keyof ReconcileRules, 'minimumChecks'>, min = 1) =>
  z.int().min(min).max(largestWindowMs).default(RECONCILE_DEFAULTS[name]);

const reconcile = z
  .strictObject({
    notFoundAfterMs: window('notFoundAfterMs'),
    minimumChecks: z.int().min(1).max(100).default(RECONCILE_DEFAULTS.minimumChecks),
    maxClockSkewMs: window('maxClockSkewMs', 0),
    firstCheckMs: window('firstCheckMs'),
    maxCheckMs: window('maxCheckMs'),
    pageCheckMs: window('pageCheckMs'),
    pageGraceMs: window('pageGraceMs', 0),
    pendingCheckMs: window('pendingCheckMs'),
    pendingForMs: window('pendingForMs'),
    tellAfterMs: window('tellAfterMs', 0),
  })
  .prefault({});

const schema = z
  .strictObject({
    profileId: z.int().min(1),
    serverKey,
    region: region.optional(),
    baseUrl: baseUrl.optional(),
    expect: z.enum(['test', 'live']).optional(),
    ownForm: z.literal('iAmPciDssSaqD').optional(),
    intents: port<IntentStore>('begin', 'replace', 'find', 'listDue').optional(),
    timeoutMs: ms.default(CLIENT_DEFAULTS.timeoutMs),
    settleTimeoutMs: ms.default(CLIENT_DEFAULTS.settleTimeoutMs),
    readTimeoutMs: ms.default(CLIENT_DEFAULTS.readTimeoutMs),
    connectTimeoutMs: ms.default(CLIENT_DEFAULTS.connectTimeoutMs),
    headersTimeoutMs: ms.optional(),
    bodyTimeoutMs: ms.optional(),
    maxAttempts: z.int().min(1).max(10).default(CLIENT_DEFAULTS.maxAttempts),
    retryDelayMs: z.int().min(0).max(60_000).default(CLIENT_DEFAULTS.retryDelayMs),
    maxConnections: z.int().min(1).max(1024).default(CLIENT_DEFAULTS.maxConnections),
    keepAliveMs: ms.default(CLIENT_DEFAULTS.keepAliveMs),
    maxReplyBytes: z.int().min(1024).max(67_108_864).default(CLIENT_DEFAULTS.maxReplyBytes),
    maxPdfBytes: z.int().min(1024).max(67_108_864).default(CLIENT_DEFAULTS.maxPdfBytes),
    invoiceRoutes: z.enum(['body', 'path']).default('body'),
    notFoundCodes: z
      .array(
        z
          .int()
          .min(2)
          .max(999_999_999)
          .refine((code) => ![4, 400, 401].includes(code), 'says something else'),
      )
      .max(100)
      .default([...CLIENT_DEFAULTS.notFoundCodes])
      .transform((codes): ReadonlySet<number> => new Set(codes)),
    reconcile,
    breakers: z
      .strictObject({
        read: tuning.optional(),
        write: tuning.optional(),
      })
      .default({}),
    bulkheads: z
      .strictObject({
        read: bulkheadTuning.optional(),
        write: bulkheadTuning.optional(),
      })
      .default({}),
    retryBudget: optionsOf<RetryBudgetOptions>('budget').optional(),
    breakerRegistry: port<CircuitBreakerRegistry>('getOrCreate').optional(),
    dispatcher: port<AnyDispatcher>('dispatch')
      .refine((dispatcher) => dispatcher?.constructor?.name !== 'RetryAgent', {
        message: 'must not send again by itself: a RetryAgent may charge twice',
      })
      .optional(),
    clock: port<Clock>('now', 'wallTime', 'setTimer').default(() => systemClock),
    random: callback<Random>().default(() => systemRandom),
    onListenerError: callback<(failure: ListenerFailure) => void>().optional(),
  })
  .refine((options) => (options.region === undefined) !== (options.baseUrl === undefined), {
    path: ['region'],
    message: 'give either region or baseUrl',
  });

type Checked = z.output<typeof schema>;

/** Options, checked and with every default filled in. */
export type ResolvedOptions = Readonly<
  Omit<Checked, 'region' | 'baseUrl' | 'intents' | 'headersTimeoutMs' | 'bodyTimeoutMs'>
> & {
  readonly origin: string;
  readonly pathPrefix: string;
  readonly intents: IntentStore;
  /** Whether a restart forgets what is under way: no way to handle live money. */
  readonly isForgetful: boolean;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
};

/** @throws PayTabsError INVALID_OPTION naming the option, what is allowed, and the value where it can be no secret */
export function resolveOptions(options: PayTabsClientOptions): ResolvedOptions {
  const checked = schema.safeParse(options);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const name = issue?.path.join('.') || 'options';
    const value = shown(valueAt(options, issue?.path ?? []));
    const given = value === undefined ? '' : ` (given: ${value})`;
    throw new PayTabsError('INVALID_OPTION', `${name}: ${issue?.message}${given}`);
  }
  const { region: code, baseUrl: url, ...rest } = checked.data;
  const { timeoutMs, intents = new MemoryIntentStore() } = rest;
  return Object.freeze({
    ...rest,
    origin: url?.origin ?? regions[code as Region],
    pathPrefix: url?.pathPrefix ?? '',
    intents,
    isForgetful: intents instanceof MemoryIntentStore,
    headersTimeoutMs: rest.headersTimeoutMs ?? timeoutMs,
    bodyTimeoutMs: rest.bodyTimeoutMs ?? timeoutMs,
  });
}

function valueAt(options: unknown, path: readonly PropertyKey[]): unknown {
  let value = options as Record<PropertyKey, unknown> | undefined;
  for (const key of path) value = value?.[key] as Record<PropertyKey, unknown> | undefined;
  return value;
}

/** Whatever is longer than a region's code may be a key, or a URL with a password, in the wrong place. */
function shown(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && /^[a-z]{1,8}$/i.test(value) ? `"${value}"` : undefined;
}
