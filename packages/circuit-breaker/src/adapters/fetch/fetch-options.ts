import type { PipelinePart } from '../../pipeline/pipeline.js';
import type { HedgeOptions } from '../../policy/hedge.js';
import type { StandardHttpOptions } from '../../policy/standard-http/options.js';
import type { HttpAdapterOptions, HttpBreakerOptions } from '../http/http-options.js';

/** Defaults of `createFetch` of its own, with the reason for each. */
export const FETCH_DEFAULTS = Object.freeze({
  /** When a request counts. With the headers: many callers look at the status alone, and a body that nobody reads never ends. */
  countAt: 'headers',
} as const);

/** As much of an answer as is looked at. */
export interface ResponseLike {
  readonly status: number;
}

/** `fetch` of the platform, of undici, of a test. */
export type AnyFetch = (...args: never[]) => Promise<ResponseLike>;

/** What is asked whether it may be sent more than once. */
export interface AskedRequest {
  /** What has the breaker: by default the origin. */
  readonly key: string;
  /** In capitals. */
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
}

/** What stands around each attempt and all of them: one for all keys, or one for each. */
export type FetchPolicy = PipelinePart | ((about: { readonly key: string }) => PipelinePart);

type Standard = Pick<
  StandardHttpOptions,
  'totalTimeoutMs' | 'attemptTimeoutMs' | 'bulkhead' | 'retry' | 'budget'
>;

/** Options of `createFetch`. Unknown and impossible ones are refused when it is made. */
export interface CreateFetchOptions<F extends AnyFetch = typeof globalThis.fetch>
  extends Omit<HttpAdapterOptions, 'breaker'>,
    Standard {
  /** What sends the requests. Default: the platform's `fetch`, looked up at each call. */
  readonly fetch?: F | undefined;
  /** Of every breaker, or false for none. Default: opens at half of 20 requests in 30 s, for 5 s, doubling to 60 s. */
  readonly breaker?: HttpBreakerOptions | false | undefined;
  /** Instead of the standard pipeline. The breakers of here stand inside it; say `breaker: false` if it brings its own. */
  readonly policy?: FetchPolicy | undefined;
  /** Makes another attempt beside one that takes long, of what may be repeated. True: as `standardHedgedHttp`. Default false. */
  readonly hedge?: Pick<HedgeOptions, 'delayMs' | 'maxHedges'> | boolean | undefined;
  /**
   * Whether a request that is neither `GET`, `HEAD`, `OPTIONS` nor `TRACE` may be sent more than once. One that throws counts as
   * no. Default: those with a header `Idempotency-Key`.
   */
  readonly isIdempotent?: ((request: AskedRequest) => boolean) | undefined;
  /** When a good answer counts: with its `headers`, or at the `end` of its body. Default `headers`. */
  readonly countAt?: 'headers' | 'end' | undefined;
}
