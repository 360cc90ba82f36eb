import type { CircuitBreakerOptions } from '../../options.js';
import type { BreakerGroupOptions } from '../../registry/breaker-group.js';
import type { ClassifyHttpEnd } from './http-end.js';

type Ports = 'clock' | 'random' | 'onListenerError';

/** What every breaker of an adapter is made with. Its name comes from the key, and what a request counts as is the adapter's to say. */
export type HttpBreakerOptions = Omit<CircuitBreakerOptions, 'name' | 'classify' | Ports>;

/** Says what has the breaker of a request; false: this request goes without one. */
export type KeyOf = (request: {
  /** Such as `https://rates.test`. */
  readonly origin: string;
  /** In capitals. */
  readonly method: string;
  /** With the query. */
  readonly path: string;
}) => string | false;

/** Options that the HTTP adapters have in common. */
export interface HttpAdapterOptions
  extends Pick<BreakerGroupOptions, 'outlier' | 'registry' | Ports> {
  /** Of the group of breakers: that of a key is named `name:key`. Default: the adapter's. */
  readonly name?: string | undefined;
  /** Of every breaker. Default: opens at half of 20 requests in 30 s, for 5 s, doubling to 60 s. */
  readonly breaker?: HttpBreakerOptions | undefined;
  /** What has a breaker of its own. Default: the origin. One that throws or gives no key is reported, and the origin is taken. */
  readonly keyOf?: KeyOf | undefined;
  /** What the end of a request counts as. Default: 5xx, 408, 429 and errors of the other side are failures. */
  readonly classify?: ClassifyHttpEnd | undefined;
  /** Longest time in ms for which one `Retry-After` opens a breaker; 0 to 30 days, 0: it is not heeded. Default 300,000. */
  readonly maxRetryAfterMs?: number | undefined;
  /** Keys at the same time; 1 to 1,000,000; default 1,000. See `BreakerGroup` for which of too many goes. */
  readonly maxKeys?: number | undefined;
}

export const HTTP_OPTIONS = [
  'name',
  'breaker',
  'keyOf',
  'classify',
  'maxRetryAfterMs',
  'maxKeys',
  'outlier',
  'registry',
  'clock',
  'random',
  'onListenerError',
] as const;
