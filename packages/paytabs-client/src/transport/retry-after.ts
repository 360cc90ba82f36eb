const dayMs = 86_400_000;

/** Milliseconds of a `Retry-After` header (seconds or a date), at most a day; undefined when there is none to read. */
export function readRetryAfter(
  header: string | readonly string[] | undefined,
  wallTime: number,
): number | undefined {
  const text = typeof header === 'string' ? header.trim() : '';
  const waitMs = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - wallTime;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), dayMs);
}
