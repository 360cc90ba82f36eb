import type { Clock } from '../../ports/clock.js';

/** Headers as `fetch` gives them (asked by `get`), or as undici and Node do (a record by lower-case names). */
export type HttpHeaders =
  | { get(name: string): unknown }
  | { readonly [name: string]: string | readonly string[] | undefined };

/** As much of an answer as is looked at: what `fetch` gives has a `status`, what undici gives a `statusCode`. */
export type HttpAnswer =
  | { readonly status: number; readonly headers?: HttpHeaders | undefined }
  | { readonly statusCode: number; readonly headers?: HttpHeaders | undefined };

/** The status of an answer; undefined for what is no answer. Never throws. */
export const statusOf = (answer: unknown): number | undefined => {
  try {
    const { status, statusCode = status } = answer as {
      readonly status?: unknown;
      readonly statusCode?: unknown;
    };
    return typeof statusCode === 'number' ? statusCode : undefined;
  } catch {
    return undefined;
  }
};

/** Statuses that say that the other side is in trouble: all of 500 and above, 408 and 429. */
export const isTrouble = (status: number): boolean =>
  status >= 500 || status === 408 || status === 429;

/** Throws where there are no headers. */
const headerOf = (answer: unknown, name: string): string | undefined => {
  const { headers } = answer as { readonly headers: Partial<HttpHeaders> };
  const value: unknown =
    typeof headers.get === 'function'
      ? headers.get(name)
      : (headers as { readonly [name: string]: unknown })[name];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first.trim() : undefined;
};

/**
 * Milliseconds that the answer's `Retry-After` asks to wait, whether it gives seconds or a date; undefined
 * without one that makes sense. A date is compared with the answer's own `Date`, so that it does not matter
 * how far the clocks of the two sides are apart. Never throws.
 */
export const retryAfterMsOf = (
  answer: unknown,
  clock: Pick<Clock, 'wallTime'>,
): number | undefined => {
  try {
    const asked = headerOf(answer, 'retry-after') ?? '';
    if (/^\d{1,9}$/.test(asked)) return Number(asked) * 1000;
    // What begins with no letter is no date, though `Date.parse` would make one of it.
    const at = /^[a-z]/i.test(asked) ? Date.parse(asked) : Number.NaN;
    if (Number.isNaN(at)) return undefined;
    const sentAt = Date.parse(headerOf(answer, 'date') ?? '');
    return Math.max(0, at - (Number.isNaN(sentAt) ? clock.wallTime() : sentAt));
  } catch {
    return undefined;
  }
};

interface Body {
  readonly dump?: () => unknown;
  readonly cancel: () => unknown;
}

/** Lets go of the body of an answer that nobody will read: its connection is not free before. Never throws. */
export const discard = (answer: unknown): void => {
  try {
    const { body } = answer as { readonly body: Body };
    // undici's way reads a short rest, so that the connection can be used again; `fetch` has but the other,
    // which refuses where someone reads already.
    const done = body.dump === undefined ? body.cancel() : body.dump();
    Promise.resolve(done).catch(() => {});
  } catch {
    // A body that cannot be let go of is no reason to lose a call.
  }
};
