const mostDigits = 16;

/** Decimal seconds since 1970 as milliseconds: no sign, no leading zero, 16 digits at most. */
export function readSeconds(text: string): number | undefined {
  if (text.length === 0 || text.length > mostDigits) return undefined;
  if (text.length > 1 && text.startsWith('0')) return undefined;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 48 || code > 57) return undefined;
  }
  return Number(text) * 1_000;
}

const utcTime = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/;

/** `YYYY-MM-DDTHH:MM:SSZ`, with a fraction or without, as milliseconds; a real date only. */
export function readUtcTime(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > 30) return undefined;
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
  return time + Number(`0.${match[7] ?? '0'}`) * 1_000;
}
