import { setImmediate as turn } from 'node:timers/promises';
import { measure } from 'mitata';
import { median } from './findings.ts';
import type { Note } from './settings.ts';
import { untilNoFaster } from './warm.ts';

/** Something whose calls are timed, one after the other. */
export interface Column {
  readonly name: string;
  /** A call that gives a promise is awaited before the next. */
  readonly call: () => unknown;
  /** Made outside the time that is taken, and handed to the calls of one sample. Such a column makes `calls` of them itself. */
  readonly prepare?: () => unknown;
  readonly callPrepared?: (prepared: unknown) => unknown;
  /** Calls made by each `call`; default 1. */
  readonly calls?: number;
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
  readonly note: Note;
  /** Milliseconds for each column in each round. */
  readonly sampleMs?: number;
}

const SAMPLE_MS = 60;
/** Nanoseconds of a sample: long against the clock that times it, short against the turns of other processes. */
const SAMPLE_NS = 250_000;
const MOST_CALLS = 4096;
const WARM_MS = 30;
const NEVER = Number.POSITIVE_INFINITY;

/** A column made ready: what mitata calls, how often in a sample, and how many calls that is each time. */
interface Subject {
  readonly run: () => unknown;
  readonly batch: number;
  readonly calls: number;
  readonly times: number[];
}

/**
 * Times the columns, the first of which is the bare one. They take turns within a round, and each is
 * compared with the bare one of its round, because the machine is faster in some rounds than in others.
 */
export const compare = async (
  columns: readonly Column[],
  { rounds, note, sampleMs = SAMPLE_MS }: Comparison,
): Promise<readonly Figure[]> => {
  const subjects: Subject[] = [];
  for (const column of columns) {
    note(`warming ${column.name}`);
    subjects.push(await subjectOf(column));
  }
  for (let round = 0; round <= rounds; round += 1) {
    note(`round ${round} of ${rounds}`);
    for (const subject of subjects) subject.times.push(await sample(subject, sampleMs));
  }
  // The round before the first: whoever comes first in it finds caches and memory cold.
  for (const { times } of subjects) times.shift();
  const bare = subjects[0]?.times ?? [];
  return columns.map(({ name }, place) => figureOf(name, subjects[place]?.times ?? [], bare));
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

const subjectOf = async (column: Column): Promise<Subject> => {
  const { call, prepare, callPrepared, calls = 1 } = column;
  if (prepare !== undefined && callPrepared !== undefined) {
    const run = preparedRun(prepare, callPrepared);
    await warm(() => callPrepared(prepare()));
    return { run, batch: 1, calls, times: [] };
  }
  return { run: call, batch: batchFor(await warm(call)), calls, times: [] };
};

/**
 * Median of mitata's samples, each of `batch` calls awaited one after the other. Whether it makes
 * one call a sample or 4,096 hangs on how the first ones go, so that is decided here. It would also
 * collect garbage before each measurement, after which memory is new to the process and slow for a while.
 */
const sample = async ({ run, batch, calls }: Subject, ms: number): Promise<number> => {
  // Timers come to their turn here, and only here: awaited calls leave the event loop none.
  await turn();
  const threshold = batch > 1 ? NEVER : 0;
  const { p50 } = await measure(run, {
    gc: false,
    min_samples: 12,
    min_cpu_time: ms * 1e6,
    batch_samples: batch,
    batch_threshold: threshold,
    warmup_threshold: threshold,
  });
  return p50 / calls;
};

/** mitata's way to say what is made before each sample. */
const preparedRun = (prepare: () => unknown, call: (prepared: unknown) => unknown) =>
  function* (): Generator<unknown> {
    yield { 0: prepare, bench: (prepared: unknown) => call(prepared) };
  } as () => unknown;

/** Returns nanoseconds a call. */
const warm = (call: () => unknown): Promise<number> => untilNoFaster(() => callFor(WARM_MS, call));

const callFor = async (ms: number, call: () => unknown): Promise<number> => {
  const start = performance.now();
  let calls = 0;
  let last = start;
  do {
    for (let turn = 0; turn < 16 && last - start < ms; turn += 1) {
      await call();
      calls += 1;
    }
    last = performance.now();
  } while (last - start < ms);
  return ((last - start) * 1e6) / calls;
};

/** A multiple of four, because mitata writes four calls into each turn of its loop. */
const batchFor = (ns: number): number => {
  const calls = Math.min(MOST_CALLS, Math.floor(SAMPLE_NS / ns / 4) * 4);
  return calls < 4 ? 1 : calls;
};
