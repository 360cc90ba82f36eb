/** A figure of ours next to the bar it must keep to. */
export interface Verdict {
  readonly row: string;
  readonly figure: string;
  /** Such as `<= 1.75x`; empty where there is none. */
  readonly bar: string;
  /** Undefined where there is no bar. */
  readonly met: boolean | undefined;
  /** The best peer in the same run. */
  readonly rival?: string | undefined;
  /** The floor in the same run: as little code as could do the work. */
  readonly floor?: string | undefined;
}

/** All figures of a kind, ours and others. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly body: readonly (readonly string[])[];
}

/** What a group of rows has found. */
export interface Findings {
  readonly verdicts: readonly Verdict[];
  readonly tables: readonly Table[];
}

/** Whether `value` keeps to a bar, in words and as a yes or no. */
export const judge = (
  value: number,
  { most, least, unit = '' }: { most?: number; least?: number; unit?: string },
): Pick<Verdict, 'bar' | 'met'> => {
  const bars: string[] = [];
  if (most !== undefined) bars.push(`<= ${amount(most)}${unit}`);
  if (least !== undefined) bars.push(`>= ${amount(least)}${unit}`);
  const met = value <= (most ?? Number.POSITIVE_INFINITY) && value >= (least ?? 0);
  return { bar: bars.join(', '), met };
};

/** A number as short as it can be read: three digits that count. */
export const amount = (value: number): string => {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
};

/** The value below which that share of the values lies, 0 to 1; between two values a straight line. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const lower = sorted[Math.floor(place)] ?? Number.NaN;
  const upper = sorted[Math.ceil(place)] ?? Number.NaN;
  return lower + (upper - lower) * (place - Math.floor(place));
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);
