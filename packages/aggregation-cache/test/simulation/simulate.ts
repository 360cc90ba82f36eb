import { availableParallelism } from 'node:os';
import { Crew } from './crew.js';
import type { Order, Report } from './work.js';

/** So many interleavings are given to a thread at a time. */
const ORDER = 250;

export interface Options {
  readonly seed: number;
  readonly interleavings: number;
  /** Whether the known mistakes are planted, one after the other. */
  readonly planted: boolean;
}

export interface Result {
  readonly passed: number;
  readonly failed: number;
}

type Print = (line: string) => void;

/** Orders for consecutive seeds, until something went wrong. */
const ordersOf = (
  { seed, interleavings }: Options,
  isOver: () => boolean,
  fault?: number,
): (() => Order | undefined) => {
  let given = 0;
  return () => {
    const size = Math.min(ORDER, interleavings - given);
    if (size === 0 || isOver()) return undefined;
    const order = { seed: (seed + given) % 2 ** 32, interleavings: size, fault };
    given += size;
    return order;
  };
};

/** Tells how far it is, at most twice a second. */
const progressOf = (all: number): ((done: number) => void) => {
  const started = performance.now();
  const { isTTY } = process.stderr;
  let last = started;
  return (done) => {
    const now = performance.now();
    if (now - last < (isTTY ? 500 : 10_000)) return;
    last = now;
    const speed = Math.round((1000 * done) / (now - started));
    const words = `${done} of ${all} interleavings, ${speed} a second`;
    process.stderr.write(isTTY ? `\r\u001b[K${words}` : `${words}\n`);
  };
};

const simulate = async (crew: Crew, options: Options, print: Print): Promise<Result> => {
  const sum = { done: 0, reads: 0, hits: 0 };
  const wrong: NonNullable<Report['wrong']>[] = [];
  const onProgress = progressOf(options.interleavings);
  await crew.work(
    ordersOf(options, () => wrong.length > 0),
    (report) => {
      sum.done += report.done;
      sum.reads += report.reads;
      sum.hits += report.hits;
      if (report.wrong !== undefined) wrong.push(report.wrong);
      onProgress(sum.done);
    },
  );
  for (const { text } of wrong) print(text);
  print(`${sum.reads} answers, ${sum.hits} of them from a tier`);
  return { passed: sum.done - wrong.length, failed: wrong.length };
};

const findPlanted = async (crew: Crew, options: Options, print: Print): Promise<Result> => {
  let passed = 0;
  for (const [fault, name] of crew.faults.entries()) {
    let first: number | undefined;
    await crew.work(
      ordersOf(options, () => first !== undefined, fault),
      ({ wrong }) => {
        const found = wrong && wrong.seed - options.seed + 1;
        if (found !== undefined && !(first !== undefined && first < found)) first = found;
      },
    );
    if (first !== undefined) passed += 1;
    print(first === undefined ? `NOT FOUND: ${name}` : `found after ${first}: ${name}`);
  }
  return { passed, failed: crew.faults.length - passed };
};

/** @param path the bundled `work.ts` */
export const run = async (options: Options, path: string, print: Print): Promise<Result> => {
  const crew = await Crew.hire(path, availableParallelism());
  try {
    return await (options.planted ? findPlanted : simulate)(crew, options, print);
  } finally {
    await crew.dismiss();
  }
};
