export type { ClassifyHttpEnd, HttpEnd, HttpRequestFacts } from '../http/http-end.js';
export type { HttpAdapterOptions, HttpBreakerOptions, KeyOf } from '../http/http-options.js';
export { createFetch, type GuardedFetch } from './create-fetch.js';
export {
  type AnyFetch,
  type AskedRequest,
  type CreateFetchOptions,
  FETCH_DEFAULTS,
  type FetchPolicy,
  type ResponseLike,
} from './fetch-options.js';
