import { measure } from 'mitata';
import { amount, median } from './findings.ts';

/** Something whose calls are timed. A call that gives a promise is awaited before the next. */
export interface Column {
  readonly name: string;
  readonly call: () => unknown;
}

/** What a call of a column takes. */
export interface Figure {
  readonly name: string;
  /** Median over rounds of column / bare in the same round. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
  /** Medians over rounds. */
  readonly ns: number;
  readonly extraNs: number;
}

export interface Comparison {
  readonly rounds: number;
  readonly note: (progress: string) => void;
  /** Milliseconds for each column in each round. */
  readonly sampleMs?: number;
}

const SAMPLE_MS = 40;
/** Nanoseconds a sample should take: long against the clock that times it, short against the turns of other processes. */
const SAMPLE_NS = 400_000;
const MOST_CALLS = 4096;
const WARM_MS = 60;

/**
 * Times the columns, the first of which is the bare one: they take turns within a round, and each
 * is compared with the bare one of its round, because the machine is faster in some rounds than in others.
 */
export const compare = async (
  columns: readonly Column[],
  { rounds, note, sampleMs = SAMPLE_MS }: Comparison,
): Promise<readonly Figure[]> => {
  const batches: number[] = [];
  for (const { name, call } of columns) {
    note(`warming ${name}`);
    batches.push(batchFor(await warm(call)));
  }
  const times: number[][] = columns.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    note(`round ${round + 1} of ${rounds}`);
    globalThis.gc?.();
    for (const [place, { call }] of columns.entries()) {
      times[place]?.push(await sample(call, batches[place] ?? 1, sampleMs));
    }
  }
  const bare = times[0] ?? [];
  return columns.map(({ name }, place) => figureOf(name, times[place] ?? [], bare));
};

const figureOf = (name: string, times: readonly number[], bare: readonly number[]): Figure => {
  const ratios = times.map((time, round) => time / (bare[round] ?? Number.NaN));
  return {
    name,
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    ns: median(times),
    extraNs: median(times.map((time, round) => time - (bare[round] ?? Number.NaN))),
  };
};

/**
 * Median of mitata's samples, each of `batch` calls awaited one after the other. Its own choice
 * between one call a sample and 4,096 hangs on how its first calls go, so it is made here; and
 * it collects garbage before each measurement unless told not to.
 */
const sample = async (call: () => unknown, batch: number, ms: number): Promise<number> => {
  const { p50 } = await measure(call, {
    gc: false,
    min_samples: 12,
    min_cpu_time: ms * 1e6,
    batch_samples: batch,
    batch_threshold: batch > 1 ? Number.POSITIVE_INFINITY : 0,
    warmup_threshold: batch > 1 ? Number.POSITIVE_INFINITY : 0,
  });
  return p50;
};

/** Calls until it is compiled. Returns nanoseconds a call. */
const warm = async (call: () => unknown): Promise<number> => {
  const start = performance.now();
  let calls = 0;
  let last = start;
  do {
    for (let turn = 0; turn < 16; turn += 1) await call();
    calls += 16;
    last = performance.now();
  } while (last - start < WARM_MS);
  return ((last - start) * 1e6) / calls;
};

/** A multiple of four, because mitata writes four calls into each turn of its loop. */
const batchFor = (ns: number): number => {
  const calls = Math.min(MOST_CALLS, Math.floor(SAMPLE_NS / ns / 4) * 4);
  return calls < 4 ? 1 : calls;
};

/** The head and the lines of a table of such figures. */
export const ratioHead = ['column', 'x bare', 'lowest - highest', 'ns', 'ns over bare'] as const;
export const ratioLines = (figures: readonly Figure[]): string[][] =>
  figures.map(({ name, ratio, lowest, highest, ns, extraNs }) => [
    name,
    ratio.toFixed(2),
    `${lowest.toFixed(2)} - ${highest.toFixed(2)}`,
    amount(ns),
    amount(extraNs),
  ]);

/** The lowest of the figures whose name begins so. */
export const lowestOf = (figures: readonly Figure[], prefix: string): Figure | undefined =>
  figures.filter(({ name }) => name.startsWith(prefix)).toSorted((a, b) => a.ratio - b.ratio)[0];

export const figureNamed = (figures: readonly Figure[], name: string): Figure => {
  const figure = figures.find((each) => each.name === name);
  if (figure === undefined) throw new Error(`No column '${name}'.`);
  return figure;
};
