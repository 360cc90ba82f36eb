import type { Classification } from '../../breaker/outcome.js';
import { isTrouble } from '../../policy/standard-http/answer.js';

/** A request, as far as it matters for what its end counts as. */
export interface HttpRequestFacts {
  /** What has the breaker: by default the origin, such as `https://rates.test`. */
  readonly key: string;
  /** In capitals. */
  readonly method: string;
}

/** How a request ended: with an answer, or with an error if there is no `statusCode`. */
export type HttpEnd =
  | (HttpRequestFacts & {
      readonly statusCode: number;
      /** A header of the answer. @param name in small letters */
      readonly header: (name: string) => string | undefined;
      /** What `Retry-After` asks for in ms, at most `maxRetryAfterMs`; undefined if it asks nothing. */
      readonly retryAfterMs: number | undefined;
      readonly error?: undefined;
    })
  | (HttpRequestFacts & { readonly statusCode?: undefined; readonly error: unknown });

/** Says what the end of a request counts as; undefined leaves it to the default. */
export type ClassifyHttpEnd = (end: HttpEnd) => Classification | undefined;

/**
 * 500 and above, 408 and 429 are failures, and open the breaker for as long as their `Retry-After` asks. All
 * else is a success: whoever answers 404 works.
 */
export const classifyAnswer = (
  statusCode: number,
  retryAfterMs: number | undefined,
): Classification => {
  if (!isTrouble(statusCode)) return 'success';
  // 0 is no time to stay open for.
  return retryAfterMs === undefined || retryAfterMs <= 0
    ? 'failure'
    : { outcome: 'failure', openForMs: retryAfterMs };
};

/**
 * What is to be made of a request that was aborted on this side. Whoever aborts it because its time is over
 * says that the other side is too slow; anybody else says nothing about it.
 */
export const classifyAbort = (reason: unknown): 'failure' | 'ignored' => {
  try {
    return (reason as { readonly name?: unknown }).name === 'TimeoutError' ? 'failure' : 'ignored';
  } catch {
    return 'ignored';
  }
};
