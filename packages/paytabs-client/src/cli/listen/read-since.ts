import { UsageError } from '../usage-error.js';

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** @returns calendar time in milliseconds since 1970, of a whole second as the gateway tells it. @throws UsageError */
export function readSince(text: string, now: number): number {
  if (text === 'all') return 0;
  return Math.floor(timeOf(text, now) / 1000) * 1000;
}

function timeOf(text: string, now: number): number {
  if (text === 'now') return now;
  const [, digits = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (unit !== '') return now - Number(digits) * units[unit as keyof typeof units];
  const at = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new UsageError('--since must be now, all, such as 10m, or such as 2026-09-13T08:00:00Z');
}
