import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../test/support/refusal.js';
import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { LONGEST_MS } from '../validation.js';

/** `{ a: { b: value } }` for the path `a.b`. */
const at = (path: string, value: unknown): Record<string, unknown> =>
  path
    .split('.')
    .toReversed()
    .reduce<unknown>((inner, key) => Object.fromEntries([[key, inner]]), value) as Record<
    string,
    unknown
  >;

const merge = (one: object, other: object): Record<string, unknown> => {
  const merged: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const old = merged[key];
    const areGroups = typeof old === 'object' && typeof value === 'object' && value !== null;
    merged[key] = areGroups ? merge(old as object, value as object) : value;
  }
  return merged;
};

const make = (options: object) =>
  new CircuitBreaker({ name: 'x', ...options } as ConstructorParameters<typeof CircuitBreaker>[0]);

interface NumberOption {
  readonly path: string;
  readonly min: number;
  readonly max: number;
  /** `min` itself is impossible. */
  readonly above?: boolean;
  readonly whole?: boolean;
  /** What else must be given for it to be looked at. */
  readonly beside?: object;
}

const MS = { min: 1, max: LONGEST_MS };
const ABOVE_0_MS = { min: 0, above: true, max: LONGEST_MS };
const RATE = { min: 0, above: true, max: 1 };
const WINDOW_MS = { min: 10, max: LONGEST_MS };
const CALLS = { min: 1, max: 1_000_000, whole: true };
const kind = (name: string) => ({ window: { kind: name } });

const NUMBERS: readonly NumberOption[] = [
  { path: 'window.size', ...CALLS, beside: kind('count') },
  { path: 'window.durationMs', ...WINDOW_MS, beside: kind('time') },
  { path: 'window.buckets', min: 1, max: 1000, whole: true, beside: kind('time') },
  { path: 'window.halfLifeMs', ...WINDOW_MS, beside: kind('ewma') },
  { path: 'failureRate', ...RATE },
  { path: 'minimumCalls', min: 1, max: 100, whole: true },
  { path: 'minimumCalls', ...CALLS, beside: kind('time') },
  { path: 'consecutiveFailures', ...CALLS },
  { path: 'slowCalls.thresholdMs', ...ABOVE_0_MS },
  { path: 'slowCalls.rate', ...RATE, beside: { slowCalls: { thresholdMs: 1 } } },
  { path: 'openForMs', ...MS },
  { path: 'halfOpen.trials', min: 1, max: 1000, whole: true },
  { path: 'halfOpen.successRate', ...RATE },
  {
    path: 'halfOpen.maxConcurrent',
    min: 1,
    max: 7,
    whole: true,
    beside: { halfOpen: { trials: 7 } },
  },
  { path: 'halfOpen.maxDurationMs', ...MS },
  { path: 'halfOpen.maxWaiting', min: 0, max: 100_000, whole: true },
  { path: 'halfOpen.maxWaitMs', ...ABOVE_0_MS },
  { path: 'rampUp.initialShare', ...RATE },
  { path: 'rampUp.durationMs', ...ABOVE_0_MS },
  ...(['delayMs', 'initialMs', 'stepMs', 'maxMs'] as const).map((name) => ({
    path: `openForMs.${name}`,
    min: 0,
    max: LONGEST_MS,
    beside: { openForMs: { kind: name === 'delayMs' ? 'constant' : 'linear' } },
  })),
  {
    path: 'openForMs.factor',
    min: 1,
    max: 100,
    beside: { openForMs: { kind: 'exponential' } },
  },
];

/** Where an object or `false` means something else than a number. */
const OTHER_TYPES: Readonly<Record<string, readonly string[]>> = {
  failureRate: ['false'],
  consecutiveFailures: ['false'],
  openForMs: ['object', 'null', 'function'],
};

const noNumber = fc.oneof(
  fc.string().map((value) => ({ type: 'string', value })),
  fc.constantFrom(
    { type: 'string', value: '1' },
    { type: 'null', value: null },
    { type: 'true', value: true },
    { type: 'false', value: false },
    { type: 'bigint', value: 1n },
    { type: 'symbol', value: Symbol('1') },
    { type: 'object', value: {} },
    { type: 'object', value: [1] },
    { type: 'object', value: Object(1) as object },
    { type: 'function', value: () => 1 },
  ),
);

const outside = ({ min, max, above = false, whole = false }: NumberOption) =>
  fc.oneof(
    fc.constantFrom(
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -1,
      -Number.MIN_VALUE,
      min - 1,
      max + 1,
      ...(above ? [min] : []),
      ...(whole ? [min + 0.5, max - 0.5] : []),
    ),
    fc.double({ min: -1e300, max: min === 0 ? -Number.MIN_VALUE : min - 1e-9, noNaN: true }),
    fc.double({ min: max, minExcluded: true, max: 1e300, noNaN: true }),
  );

const inside = ({ min, max, above = false, whole = false }: NumberOption) =>
  whole ? fc.integer({ min, max }) : fc.double({ min, minExcluded: above, max, noNaN: true });

describe('an impossible number', () => {
  it.each(NUMBERS)('for $path is refused with its name, value and range', (option) => {
    const { path, min, max, above = false, beside = {} } = option;
    const refuses = (value: unknown) => {
      const error = refusalOf(() => make(merge(beside, at(path, value))));
      expect(error.option).toBe(path);
      expect(Object.is(error.value, value)).toBe(true);
      expect(error.allowed).toContain(`${above ? 'above' : 'from'} ${min} to ${max}`);
      expect(error.message).toContain(`Option '${path}' must be ${error.allowed}`);
    };
    fc.assert(fc.property(outside(option), refuses), { numRuns: 40 });
    const others = OTHER_TYPES[path] ?? [];
    fc.assert(
      fc.property(
        noNumber.filter(({ type }) => !others.includes(type)),
        ({ value }) => refuses(value),
      ),
      { numRuns: 40 },
    );
  });

  it.each(NUMBERS)('is told from a possible one for $path', (option) => {
    const { path, beside = {} } = option;
    fc.assert(
      fc.property(inside(option), (value) => {
        expect(make(merge(beside, at(path, value))).state).toBe('closed');
      }),
      { numRuns: 30 },
    );
  });
});

describe('an unknown key', () => {
  const GROUPS: readonly [path: string, beside: object, known: string][] = [
    ['', {}, 'name, tags, mode'],
    ['window', kind('count'), 'kind, size'],
    ['window', kind('time'), 'kind, durationMs, buckets'],
    ['window', kind('ewma'), 'kind, halfLifeMs'],
    ['window', kind('consecutive'), 'kind'],
    ['slowCalls', { slowCalls: { thresholdMs: 1 } }, 'thresholdMs, rate'],
    ['halfOpen', { halfOpen: {} }, 'trials, successRate, maxConcurrent, maxDurationMs'],
    ['rampUp', { rampUp: {} }, 'initialShare, durationMs'],
    ['openForMs', { openForMs: { kind: 'constant' } }, 'kind, delayMs, jitter'],
    ['openForMs', { openForMs: { kind: 'linear' } }, 'kind, initialMs, stepMs, maxMs, jitter'],
    ['openForMs', { openForMs: { kind: 'exponential' } }, 'kind, initialMs, factor, maxMs, jitter'],
    ['openForMs', { openForMs: { kind: 'decorrelated' } }, 'kind, initialMs, maxMs'],
  ];

  it.each(GROUPS)(
    'in %j of %j is refused with its name, its value and the known ones',
    (path, beside, known) => {
      const names = ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'Kind', 'timeout'];
      fc.assert(
        fc.property(
          fc.oneof(fc.constantFrom(...names), fc.string()),
          fc.anything(),
          (key, value) => {
            fc.pre(!key.includes('.'));
            const allNames = known.split(', ');
            fc.pre(
              !allNames.includes(key) &&
                !(path === '' || path === 'halfOpen' ? isKnown(key) : false),
            );
            const whole = structuredClone(beside) as Record<string, unknown>;
            const group = path === '' ? whole : (whole[path] as object);
            Object.defineProperty(group, key, { value, enumerable: true, configurable: true });
            const error = refusalOf(() => make(whole));
            expect(error.option).toBe(path === '' ? key : `${path}.${key}`);
            expect(Object.is(error.value, value)).toBe(true);
            expect(error.allowed).toContain('left out, for it is unknown (known: ');
            expect(error.allowed).toContain(known);
          },
        ),
        { numRuns: 40 },
      );
    },
  );
});

const ALL = [
  'name tags mode window failureRate minimumCalls consecutiveFailures slowCalls latency classify',
  'openForMs halfOpen rampUp sharedRejection clock random onListenerError maxWaiting maxWaitMs',
].flatMap((names) => names.split(' '));
const isKnown = (key: string): boolean => ALL.includes(key);

describe('a value of the wrong type', () => {
  const anyValue = fc.oneof(
    noNumber.map(({ value }) => value),
    fc.double(),
    fc.array(fc.integer()),
  );
  const isObject = (value: unknown) => typeof value === 'object' && value !== null;
  const TYPES: readonly [path: string, fits: (value: unknown) => boolean, allowed: RegExp][] = [
    ['name', (value) => typeof value === 'string' && value.trim() !== '', /^a text, not blank$/],
    ['tags', Array.isArray, /^a list of texts$/],
    ['mode', () => false, /^'enforcing' or 'shadow' or 'disabled'$/],
    ['window', isPlain, /^an object$/],
    ['window.kind', () => false, /^'count' or 'time' or 'ewma' or 'consecutive'$/],
    ['slowCalls', (value) => value === false || isPlain(value), /^an object$/],
    ['latency', (value) => typeof value === 'boolean', /^true or false$/],
    ['classify', (value) => typeof value === 'function', /^a function$/],
    ['openForMs', (value) => typeof value === 'function' || isPlain(value) || isMs(value), /./],
    ['openForMs.kind', () => false, /^'constant' or 'linear' or 'exponential' or 'decorrelated'$/],
    ['halfOpen', isPlain, /^an object$/],
    ['rampUp', (value) => value === false || isPlain(value), /^an object$/],
    ['sharedRejection', (value) => typeof value === 'boolean', /^true or false$/],
    ['clock', () => false, /^an object with now, wallTime, setTimer$/],
    ['random', (value) => typeof value === 'function', /^a function$/],
    ['onListenerError', (value) => typeof value === 'function', /^a function$/],
  ];

  function isPlain(value: unknown): boolean {
    return isObject(value) && !Array.isArray(value);
  }
  function isMs(value: unknown): boolean {
    return typeof value === 'number' && value >= 1 && value <= LONGEST_MS;
  }

  it.each(TYPES)(
    'for %s is refused with its name, value and what it may be',
    (path, fits, allowed) => {
      fc.assert(
        fc.property(
          anyValue.filter((value) => !fits(value)),
          (value) => {
            const error = refusalOf(() => make(at(path, value)));
            expect(error.option).toBe(path);
            expect(Object.is(error.value, value)).toBe(true);
            expect(error.allowed).toMatch(allowed);
          },
        ),
        { numRuns: 60 },
      );
    },
  );
});

describe('impossible options', () => {
  it.each([
    [{ name: '  ' }, 'name', 'a text, not blank'],
    [{ tags: ['a', ' '] }, 'tags[1]', 'a text, not blank'],
    [{ tags: ['a', 5] }, 'tags[1]', 'a text, not blank'],
    [{ window: {} }, 'window.kind', "'count' or 'time' or 'ewma' or 'consecutive'"],
    [
      { window: { kind: 'rolling', durationMs: 5 } },
      'window.kind',
      "'count' or 'time' or 'ewma' or 'consecutive'",
    ],
    [
      { window: { kind: 'count', durationMs: 5 } },
      'window.durationMs',
      'left out, for it is unknown (known: kind, size)',
    ],
    [
      { window: { kind: 'time', durationMs: 10, buckets: 11 } },
      'window.buckets',
      'a whole number from 1 to 10',
    ],
    [
      { window: { kind: 'count', size: 5 }, minimumCalls: 6 },
      'minimumCalls',
      'a whole number from 1 to 5 (calls)',
    ],
    [
      { halfOpen: { maxConcurrent: 4 } },
      'halfOpen.maxConcurrent',
      'a whole number from 1 to 3 (calls)',
    ],
    [{ slowCalls: {} }, 'slowCalls.thresholdMs', 'a number above 0 to 2592000000 (ms)'],
    [{ failureRate: true }, 'failureRate', 'a number above 0 to 1'],
    [{ failureRate: 1.01 }, 'failureRate', 'a number above 0 to 1'],
    [{ openForMs: 0 }, 'openForMs', `a number from 1 to ${LONGEST_MS} (ms)`],
    [
      { halfOpen: { maxWaiting: -1 } },
      'halfOpen.maxWaiting',
      'a whole number from 0 to 100000 (calls)',
    ],
    [{ minimumCalls: 0 }, 'minimumCalls', 'a whole number from 1 to 100 (calls)'],
    [
      { openForMs: { kind: 'constant', jitter: 'half' } },
      'openForMs.jitter',
      "'full' or 'equal' or 'none'",
    ],
    [{ clock: { now: Math.random } }, 'clock', 'an object with now, wallTime, setTimer'],
  ])('%o are refused for what is wrong with them', (options, option, allowed) => {
    expect(refusalOf(() => make(options))).toMatchObject({ option, allowed });
  });

  it.each([
    { window: { kind: 'consecutive' }, failureRate: 0.5 },
    { window: { kind: 'consecutive' }, slowCalls: { thresholdMs: 1 } },
    { window: { kind: 'consecutive' }, failureRate: null },
  ])('%o are refused: a rule about rates could never hold', (options) => {
    const [, option] = Object.keys(options);
    expect(refusalOf(() => make(options))).toMatchObject({
      option,
      allowed: "false, for a window of kind 'consecutive' knows no rates",
    });
  });

  it('leave no breaker half made', () => {
    expect(() => new CircuitBreaker({ name: 'x', failureRate: 2 })).toThrow('failureRate');
    expect(new CircuitBreaker({ name: 'x' }).state).toBe('closed');
  });
});
