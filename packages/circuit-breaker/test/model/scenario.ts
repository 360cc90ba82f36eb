import { EVENTS, type EventName } from './event.js';
import type { PlainOptions, PlainWait } from './model-types.js';
import type { Prng } from './prng.js';

/** A breaker to be tried out, and how it is watched. */
export interface Scenario {
  readonly options: PlainOptions;
  /** What `random` does: give a half, or fail. */
  readonly random: 'half' | 'throws' | 'nonsense';
  readonly heard: readonly EventName[];
  /** Events whose listener fails. */
  readonly failing: readonly EventName[];
  /** What is done is done at multiples of it. */
  readonly tickMs: number;
  /** Of the clock. So much that windows are exact all the same, or none. */
  readonly slackMs: number;
  readonly outerMs: number;
  /** The two are compared after every step of so many: to look at a breaker makes it do what it would do later. */
  readonly looksEvery: number;
  readonly innerMs: number;
}

/** Fading sums are only exact in whole half-lives, so all times are then such. */
const HALF_LIFE_MS = 10;
export const EWMA_TICK_MS = 50;

const randomWait = (random: Prng, tickMs: number): PlainWait => {
  const ms = (min: number, max: number) => 4 * tickMs * random.int(min, max);
  const jitter = random.pick(['none', 'full', 'equal'] as const);
  switch (random.weighted({ fixed: 5, table: 2, constant: 1, linear: 1, exponential: 1, odd: 1 })) {
    case 'fixed':
      return tickMs * random.int(2, 60);
    case 'table': {
      const waits = [1, 2, 3].map(() =>
        random.chance(0.8) ? ms(1, 12) : random.pick(['throws', 'nonsense'] as const),
      );
      return { kind: 'table', waits };
    }
    case 'constant':
      return { kind: 'constant', delayMs: ms(1, 12), jitter };
    case 'linear':
      return { kind: 'linear', initialMs: ms(1, 5), stepMs: ms(0, 5), maxMs: ms(5, 20), jitter };
    case 'exponential':
      return { kind: 'exponential', initialMs: ms(0, 5), factor: 2, maxMs: ms(5, 30), jitter };
    case 'odd':
      return { kind: 'decorrelated', initialMs: ms(1, 4), maxMs: ms(5, 30) };
  }
};

const randomWindow = (random: Prng, tickMs: number): PlainOptions['window'] => {
  switch (
    random.weighted({ count: 4, time: 4, consecutive: 1, ewma: tickMs === EWMA_TICK_MS ? 20 : 0 })
  ) {
    case 'count':
      return { kind: 'count', size: random.int(1, 8) };
    case 'time': {
      const durationMs =
        tickMs === 1 ? random.pick([10, 20, 35, 60, 100]) : tickMs * random.int(1, 10);
      return { kind: 'time', durationMs, buckets: random.pick([1, 2, 3, 5, 7, 10]) };
    }
    case 'consecutive':
      return { kind: 'consecutive' };
    case 'ewma':
      return { kind: 'ewma', halfLifeMs: HALF_LIFE_MS };
  }
};

const RATES = [0.07, 0.25, 0.3, 0.5, 0.6, 0.75, 1];

/**
 * The part of a tick by which waits of a kind end later than all else, so that no two of different kinds
 * end at one moment: in which order they then go is nobody's business.
 */
export const lateBy = (tickMs: number, kind: 'inner' | 'outer' | 'wait' | 'limit'): number => {
  const part = tickMs === EWMA_TICK_MS ? HALF_LIFE_MS : 1 / 8;
  return { inner: 1, outer: 2, wait: 3, limit: 4 }[kind] * part;
};

const randomHalfOpen = (random: Prng, tickMs: number): PlainOptions['halfOpen'] => {
  const trials = random.int(1, 4);
  return {
    trials,
    successRate: random.pick([0.25, 0.5, 0.75, 1, 1]),
    maxConcurrent: random.int(1, trials),
    maxDurationMs: tickMs * random.int(3, 60),
    maxWaiting: random.pick([0, 0, 1, 2, 5]),
    maxWaitMs: tickMs * random.pick([2, 5, 11, 30]) + lateBy(tickMs, 'wait'),
  };
};

const PARTS: {
  readonly [K in keyof PlainOptions]: (random: Prng, tickMs: number) => PlainOptions[K];
} = {
  mode: (random) => random.weighted({ enforcing: 14, shadow: 2, disabled: 1 }),
  window: randomWindow,
  failureRate: (random) => (random.chance(0.2) ? false : random.pick(RATES)),
  minimumCalls: (random) => random.int(1, 4),
  consecutiveFailures: (random) => (random.chance(0.6) ? false : random.int(1, 4)),
  slowCalls: (random, tickMs) =>
    random.chance(0.6)
      ? false
      : { thresholdMs: tickMs * random.int(1, 20), rate: random.pick(RATES) },
  latency: (random) => random.chance(0.1),
  classify: (random) => random.chance(0.6),
  openForMs: randomWait,
  halfOpen: randomHalfOpen,
  rampUp: (random, tickMs) =>
    random.chance(0.6)
      ? false
      : {
          initialShare: random.pick([0.1, 0.25, 0.5, 0.9]),
          durationMs: tickMs * random.pick([4, 10, 32, 100]),
        },
  sharedRejection: (random) => random.chance(0.2),
};

/** Whether a breaker takes them; if not, it must refuse them whole. */
export const arePossible = (options: PlainOptions): boolean => {
  const { window, minimumCalls, failureRate, slowCalls } = options;
  if (window.kind === 'count') return minimumCalls <= window.size;
  return window.kind !== 'consecutive' || (failureRate === false && slowCalls === false);
};

export const randomScenario = (random: Prng): Scenario => {
  const tickMs = random.chance(0.15) ? EWMA_TICK_MS : 1;
  const options = Object.fromEntries(
    Object.entries(PARTS).map(([name, part]) => [name, part(random, tickMs)]),
  ) as unknown as PlainOptions;
  const { window } = options;
  const most = window.kind === 'count' ? window.size : options.minimumCalls;
  const noRates =
    window.kind === 'consecutive' ? ({ failureRate: false, slowCalls: false } as const) : {};
  const inner = random.int(3, 40);
  return {
    options: { ...options, ...noRates, minimumCalls: Math.min(options.minimumCalls, most) },
    random: random.weighted({ half: 8, throws: 1, nonsense: 1 }),
    heard: random.chance(0.7) ? EVENTS : someEvents(random),
    failing: random.chance(0.3) ? EVENTS.filter(() => random.chance(0.3)) : [],
    tickMs,
    slackMs: random.chance(0.1) ? 1000 : 0,
    looksEvery: random.chance(0.8) ? 1 : random.int(2, 9),
    innerMs: tickMs * inner + lateBy(tickMs, 'inner'),
    outerMs: tickMs * (inner + random.int(1, 20)) + lateBy(tickMs, 'outer'),
  };
};

const someEvents = (random: Prng): readonly EventName[] =>
  random.chance(0.7) ? [] : EVENTS.filter(() => random.chance(0.5));

/** Some options that an `update` is to change. Not all of them can be taken. */
export const randomChanges = (random: Prng, { options, tickMs }: Scenario) => {
  const changes: Record<string, unknown> = {};
  const names = Object.keys(PARTS) as (keyof PlainOptions)[];
  for (let left = random.int(1, 3); left > 0; left -= 1) {
    const name = random.pick(names);
    // What a scenario is about is not often switched off, or on: it is changed.
    const isOff = options[name] === false;
    let value = PARTS[name](random, tickMs);
    if (random.chance(0.8)) while ((value === false) !== isOff) value = PARTS[name](random, tickMs);
    // `classify` can be set, never taken away.
    if (name !== 'classify' || value) changes[name] = value;
  }
  return changes as Partial<PlainOptions>;
};

/** The options after an `update`. */
export const changed = (options: PlainOptions, changes: Partial<PlainOptions>): PlainOptions => {
  const isOther =
    changes.window !== undefined &&
    (changes.window.kind === 'consecutive') !== (options.window.kind === 'consecutive');
  const merged = { ...options, ...changes };
  const { window } = merged;
  // A smaller window lowers the calls it needs, unless they were asked for.
  if (window.kind === 'count' && changes.minimumCalls === undefined) {
    merged.minimumCalls = Math.min(merged.minimumCalls, window.size);
  }
  if (!isOther) return merged;
  // Its rules are not those of the others: what was not asked for is the default again.
  const isConsecutive = merged.window.kind === 'consecutive';
  return {
    ...merged,
    failureRate: changes.failureRate ?? (isConsecutive ? false : 0.5),
    slowCalls: changes.slowCalls ?? false,
    consecutiveFailures: changes.consecutiveFailures ?? (isConsecutive ? 5 : false),
  };
};
