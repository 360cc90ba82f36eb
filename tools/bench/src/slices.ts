import { setImmediate as turn } from 'node:timers/promises';
import { median, quantile } from './findings.ts';
import type { Note } from './settings.ts';
import { untilNoFaster } from './warm.ts';

/** Something whose calls are timed in slices, each between two slices of a floor. */
export interface Contender {
  readonly name: string;
  /** A call that gives a promise is awaited before the next. */
  readonly call: () => unknown;
  /** Makes, outside the time that is taken, what the calls of the next slice use up. */
  readonly prepare?: (calls: number) => void;
  /** The most calls that a slice can be prepared for. */
  readonly mostCalls?: number;
}

/** How a contender stands to the floor. */
export interface Share {
  readonly name: string;
  /** Median over rounds of the contender's rate / the floor's: 2 is twice as fast. */
  readonly ratio: number;
  /** Half of the rounds lie between these. */
  readonly lower: number;
  readonly upper: number;
  /** Nanoseconds a call, median over rounds. */
  readonly ns: number;
}

export interface SliceOptions {
  readonly rounds: number;
  readonly note: Note;
  /** The least calls of a slice, for calls that differ from each other; default 1. */
  readonly fewestCalls?: number;
}

const SLICE_MS = 5;
const SLICES_OF_A_STRETCH = 4;

interface Subject {
  readonly contender: Contender;
  readonly isAsync: boolean;
  readonly calls: number;
}

/**
 * Times each contender in slices of some 5 ms that lie between two slices of the floor: the machine is
 * faster in some moments than in others, and neighbours share theirs.
 */
export const besideFloor = async (
  floor: Contender,
  contenders: readonly Contender[],
  { rounds, note, fewestCalls = 1 }: SliceOptions,
): Promise<readonly Share[]> => {
  const floorSubject = await warmed(floor, 1);
  const subjects: Subject[] = [];
  for (const contender of contenders) {
    note(`warming ${contender.name}`);
    subjects.push(await warmed(contender, fewestCalls));
  }
  const ratios: number[][] = contenders.map(() => []);
  const times: number[][] = contenders.map(() => []);
  for (let round = 1; round <= rounds; round += 1) {
    if (round % 10 === 0 || round === rounds) note(`round ${round} of ${rounds}`);
    let before = await slice(floorSubject);
    for (const [place, subject] of subjects.entries()) {
      const ns = await slice(subject);
      const after = await slice(floorSubject);
      ratios[place]?.push((before + after) / 2 / ns);
      times[place]?.push(ns);
      before = after;
    }
  }
  return contenders.map(({ name }, place) => ({
    name,
    ratio: median(ratios[place] ?? []),
    lower: quantile(ratios[place] ?? [], 0.25),
    upper: quantile(ratios[place] ?? [], 0.75),
    ns: median(times[place] ?? []),
  }));
};

/** A contender that is warm, and how many of its calls fill a slice. */
const warmed = async (contender: Contender, fewestCalls: number): Promise<Subject> => {
  contender.prepare?.(1);
  const first = contender.call();
  await first;
  const isAsync = first instanceof Promise;
  const most = contender.mostCalls ?? Number.POSITIVE_INFINITY;
  let calls = 1;
  const ns = await untilNoFaster(async () => {
    let sum = 0;
    for (let made = 0; made < SLICES_OF_A_STRETCH; made += 1) {
      const each = await slice({ contender, isAsync, calls });
      sum += each;
      calls = callsFor(each, fewestCalls, most);
    }
    return sum / SLICES_OF_A_STRETCH;
  });
  return { contender, isAsync, calls: callsFor(ns, fewestCalls, most) };
};

const callsFor = (ns: number, fewest: number, most: number): number =>
  Math.min(most, Math.max(fewest, Math.round((SLICE_MS * 1e6) / ns)));

/** Nanoseconds a call. */
const slice = async ({ contender, isAsync, calls }: Subject): Promise<number> => {
  contender.prepare?.(calls);
  // Timers and freed memory come to their turn here, and only here.
  await turn();
  const started = performance.now();
  if (isAsync) await callAwaiting(contender.call, calls);
  else callAtOnce(contender.call, calls);
  return ((performance.now() - started) * 1e6) / calls;
};

const callAtOnce = (call: () => unknown, calls: number): void => {
  for (let made = 0; made < calls; made += 1) call();
};

const callAwaiting = async (call: () => unknown, calls: number): Promise<void> => {
  for (let made = 0; made < calls; made += 1) await call();
};
