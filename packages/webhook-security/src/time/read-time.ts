import type { TimeUnit } from '../scheme/scheme.js';
import { parseDecimal } from '../text/digits.js';

const mostDigits = 16;

/** A time in the unit that a scheme names, as milliseconds since 1970; undefined for any other spelling. */
export function readTime(value: unknown, unit: TimeUnit): number | undefined {
  if (unit === 'iso') return readUtcTime(value);
  const text = typeof value === 'number' ? String(value) : value;
  const count = typeof text === 'string' ? parseDecimal(text, mostDigits) : undefined;
  return count === undefined || unit === 'ms' ? count : count * 1_000;
}

const utcTime = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/;

/** `YYYY-MM-DDTHH:MM:SSZ`, with a fraction or without, as milliseconds; a real date only. */
export function readUtcTime(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const match = utcTime.exec(value);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC carries a 31 February over into March; the round trip shows it.
  if (new Date(time).toISOString().slice(0, 19) !== value.slice(0, 19)) return undefined;
  return time + Number(`0.${match[7] ?? 0}`) * 1_000;
}
