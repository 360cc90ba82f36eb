import { type Clock, systemClock } from '@nestcms/circuit-breaker';
import type { SimulatorMode } from './bank/issuer.js';
import { published, type ReturnVariants } from './notices/sign.js';
import { checkRates, type Rates } from './payments/convert.js';

/** A merchant profile the simulated gateway knows. */
export interface SimulatorProfile {
  readonly profileId: number;
  readonly serverKey: string;
  /** Sent as the `Client-Key` header of notices. */
  readonly clientKey: string;
  readonly merchantId: number;
  /** Code of the region whose host it lives on. Each region has a port of its own. Default: the first host. */
  readonly region?: string;
  /** Letters its references begin with; default `TST`, a test profile. */
  readonly referenceLetters?: string;
  /** Whether saved cards may be charged without the customer; default true. Off: they are declined. */
  readonly recurring?: boolean;
  /** Largest amounts it may take, in minor units by currency; above: 325. Default: what the gateway can hold. */
  readonly limits?: Readonly<Record<string, bigint>>;
  /** Where every change of its transactions is told, next to the callbacks of the requests. */
  readonly ipn?: {
    readonly url: string;
    /** Whether also those that have a callback are told; default true: two deliveries. */
    readonly withCallback?: boolean;
    readonly userAgent?: string;
  };
}

/** Options of the simulator. Everything has a default. */
export interface SimulatorOptions {
  /** Port on 127.0.0.1; 0 (the default) takes a free one. */
  readonly port?: number;
  /** Default: one profile, 98765, with a made-up key. */
  readonly profiles?: readonly SimulatorProfile[];
  /** Default `person`: test cards decide. */
  readonly mode?: SimulatorMode;
  /**
   * Takes callback URLs with a port, on a private host or over plain HTTP, and returns over plain HTTP by POST.
   * The real gateway refuses such callbacks and sends them nothing; local demos need them. Default false.
   */
  readonly allowLocalCallback?: boolean;
  /** Milliseconds between page action and callback; two numbers: anything between them, by the seed. Default 0. */
  readonly callbackDelayMs?: number | readonly [min: number, max: number];
  /** Share of the notices, 0 to 1, that are sent twice; default 0. */
  readonly callbackDuplicates?: number;
  /** Milliseconds before each further delivery of a callback not answered 200; default five growing delays. */
  readonly callbackRetryDelaysMs?: readonly number[];
  /** Milliseconds a receiver may take to answer a callback; default 10,000. */
  readonly callbackTimeoutMs?: number;
  /** Which requests the duplicate guard covers; default `payments`. Whether the real one covers refunds is not known. */
  readonly duplicateGuard?: 'off' | 'payments' | 'all';
  /** Milliseconds the guard remembers; default 120,000. */
  readonly duplicateWindowMs?: number;
  /** What one of a currency is in another, such as `{ 'AED/USD': '0.2723' }`, for `alt_currency`. Default none. */
  readonly rates?: Rates;
  /** What becomes of a page nobody used in time: nothing is ever told, or an `X` with a callback. Default `vanish`. */
  readonly unusedPages?: 'vanish' | 'expire';
  /** Whether a further delivery has the same `ipn_trace` (the default) or one of its own. */
  readonly retryTrace?: 'same' | 'new';
  /** `&`, `<` and `>` in notices written as Go does (`\\u0026`); default true. */
  readonly goEscapes?: boolean;
  /** What is not known of the return's signature. */
  readonly returnSignature?: Partial<ReturnVariants>;
  /**
   * Whether requests must say that they are JSON; default `required`. `any`: not, for the vendor's PHP SDK before 3.3
   * never said so.
   */
  readonly contentType?: 'required' | 'any';
  /** Whether a query finds a page's transaction before anybody acts; default `hidden`. `visible`: as `P`. */
  readonly temporary?: 'hidden' | 'visible';
  /** What a query says of a transaction that is not there; default 113. */
  readonly notFoundCode?: number;
  /** How a query answers about a cart that nobody has used: with an empty list, or as about a transaction; default `empty`. */
  readonly unknownCart?: 'empty' | 'error';
  /**
   * What becomes of a third decimal, which some currencies have; default `currency`: it counts. `two`: amounts are rounded
   * to two decimals, and told with two.
   */
  readonly decimals?: 'currency' | 'two';
  /** Milliseconds until queries see what happened; default 0. */
  readonly queryDelayMs?: number;
  /** Rows that a query by cart gives at most; default 20, as in the one reply that was captured. */
  readonly cartRows?: number;
  /** Milliseconds a hold lasts at the bank; default 15 days, the shortest that is told. */
  readonly holdMs?: number;
  /** What a capture calls itself; default `Capture`. */
  readonly capturesReportedAs?: 'Capture' | 'Sale';
  /** Whether a wholly voided authorisation or sale is shown as `V` from then on; default `V`. */
  readonly voidedParents?: 'V' | 'unchanged';
  /**
   * Whether a sale can be voided as a whole, of which nothing was given back; default `refused`: with 118. `allowed`: the
   * bank gives the money back, and the sale is shown as `voidedParents` says.
   */
  readonly voidOfSale?: 'refused' | 'allowed';
  /** `approval`: refunds are `P` until a person decides in the dashboard. Default `immediate`. */
  readonly refunds?: 'immediate' | 'approval';
  /** Milliseconds a deferred payment waits for its customer; default 3 hours. */
  readonly deferredTtlMs?: number;
  /** Whether its end is a transaction of its own or a change of the first; default `new`. */
  readonly deferredExpiry?: 'new' | 'same';
  /** Milliseconds a card that a browser handed over can be used; default 15 minutes. */
  readonly paymentTokenMs?: number;
  /** How many requests, deliveries and notices are remembered; default 20,000. The books keep everything. */
  readonly logLimit?: number;
  /** Time source; default the machine's. Can be moved forward with `advance`. */
  readonly clock?: Clock;
  /** Same seed, same references; default 1. */
  readonly seed?: number;
}

const dayMs = 86_400_000;

const defaultProfile: SimulatorProfile = Object.freeze({
  profileId: 98765,
  serverKey: 'SSIMULATOR-LOCALONLY0-NOTASECRET',
  clientKey: 'CSIMUL-LOCAL0-ONLY00-NOSECRET',
  merchantId: 1234,
});

/** Options with every default filled in. */
export type ResolvedSimulatorOptions = Omit<
  Required<SimulatorOptions>,
  'profiles' | 'returnSignature'
> & {
  readonly returnSignature: ReturnVariants;
  readonly profiles: readonly [SimulatorProfile, ...SimulatorProfile[]];
};

/** @throws RangeError for a profile too few and a name too many: an option that is ignored makes a test that shows nothing */
export function resolveSimulatorOptions(options: SimulatorOptions): ResolvedSimulatorOptions {
  const resolved = withDefaults(options);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(resolved, name));
  if (unknown === undefined) return resolved;
  throw new RangeError(`${unknown}: is unknown (known: ${Object.keys(resolved).join(', ')})`);
}

function withDefaults(options: SimulatorOptions): ResolvedSimulatorOptions {
  const [first, ...more] = options.profiles ?? [defaultProfile];
  if (first === undefined) throw new RangeError('profiles: at least one is needed');
  return Object.freeze<ResolvedSimulatorOptions>({
    port: options.port ?? 0,
    profiles: [
      first,
      ...more.map((each) => ({ region: first.region, ...each }) as SimulatorProfile),
    ],
    mode: options.mode ?? 'person',
    allowLocalCallback: options.allowLocalCallback ?? false,
    callbackDelayMs: options.callbackDelayMs ?? 0,
    callbackRetryDelaysMs: options.callbackRetryDelaysMs ?? [
      2000, 10_000, 60_000, 300_000, 900_000,
    ],
    callbackTimeoutMs: options.callbackTimeoutMs ?? 10_000,
    duplicateGuard: options.duplicateGuard ?? 'payments',
    duplicateWindowMs: options.duplicateWindowMs ?? 120_000,
    rates: checkRates(options.rates ?? {}),
    unusedPages: options.unusedPages ?? 'vanish',
    callbackDuplicates: options.callbackDuplicates ?? 0,
    retryTrace: options.retryTrace ?? 'same',
    goEscapes: options.goEscapes ?? true,
    returnSignature: { ...published, ...options.returnSignature },
    contentType: options.contentType ?? 'required',
    temporary: options.temporary ?? 'hidden',
    notFoundCode: options.notFoundCode ?? 113,
    unknownCart: options.unknownCart ?? 'empty',
    decimals: options.decimals ?? 'currency',
    queryDelayMs: options.queryDelayMs ?? 0,
    cartRows: options.cartRows ?? 20,
    holdMs: options.holdMs ?? 15 * dayMs,
    capturesReportedAs: options.capturesReportedAs ?? 'Capture',
    voidedParents: options.voidedParents ?? 'V',
    voidOfSale: options.voidOfSale ?? 'refused',
    refunds: options.refunds ?? 'immediate',
    deferredTtlMs: options.deferredTtlMs ?? dayMs / 8,
    deferredExpiry: options.deferredExpiry ?? 'new',
    paymentTokenMs: options.paymentTokenMs ?? 900_000,
    logLimit: options.logLimit ?? 20_000,
    clock: options.clock ?? systemClock,
    seed: options.seed ?? 1,
  });
}
