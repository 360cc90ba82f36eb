import { InvalidSnapshotError } from '../errors.js';
import { LONGEST_MS } from '../validation.js';
import type { BreakerSnapshot, HoldSnapshot, WindowSnapshot } from './snapshot.js';

/** The furthest a `Date` reaches from 1970, in ms. */
const FURTHEST_MS = 8.64e15;
/** More of anything than a process lives to see. */
const MOST = 1e12;
const MOST_HOLDS = 1000;

const WINDOW = ['calls', 'failures', 'slow', 'weight', 'failedWeight', 'slowWeight'] as const;
const SNAPSHOT = [
  'v',
  'takenAt',
  'state',
  'opening',
  'openings',
  'failuresInARow',
  'window',
  'holds',
] as const;

const refuse = (path: string, allowed: string): never => {
  throw new InvalidSnapshotError({ path, allowed });
};

/** What `look` gives; what is no plain data may throw when it is looked at. */
const lookAt = <T>(path: string, look: () => T): T => {
  try {
    return look();
  } catch {
    return refuse(path, 'plain data, which throws nothing when it is read');
  }
};

const isList = (path: string, value: unknown): value is readonly unknown[] =>
  lookAt(path, () => Array.isArray(value));

/** The fields `names` of `value`, each read once. */
const readFields = <K extends string>(
  path: string,
  value: unknown,
  names: readonly K[],
): Readonly<Record<K, unknown>> => {
  if (typeof value !== 'object' || value === null || isList(path, value)) {
    return refuse(path, 'an object');
  }
  const given = value as Readonly<Record<K, unknown>>;
  const fields = names.map((name) => {
    const place = path === '' ? name : `${path}.${name}`;
    return [name, lookAt(place, () => given[name])];
  });
  return Object.fromEntries(fields) as Readonly<Record<K, unknown>>;
};

const readChoice = <T extends string>(path: string, value: unknown, choices: readonly T[]): T =>
  choices.find((choice) => choice === value) ??
  refuse(path, choices.map((choice) => `'${choice}'`).join(' or '));

const readNumber = (path: string, value: unknown, min: number, max: number): number =>
  typeof value === 'number' && value >= min && value <= max
    ? value
    : refuse(path, `a number from ${min} to ${max}`);

const readCount = (path: string, value: unknown): number =>
  Number.isInteger(value)
    ? readNumber(path, value, 0, MOST)
    : refuse(path, `a whole number from 0 to ${MOST}`);

const readWait = (path: string, value: unknown): number =>
  typeof value === 'number' && value > 0 && value <= LONGEST_MS
    ? value
    : refuse(path, `a number above 0 to ${LONGEST_MS} (ms)`);

const readOpening = (value: unknown, takenAt: number): BreakerSnapshot['opening'] => {
  if (value === null) return null;
  const { openedAt, waitMs } = readFields('opening', value, ['openedAt', 'waitMs']);
  return {
    openedAt: readNumber('opening.openedAt', openedAt, -FURTHEST_MS, takenAt),
    waitMs: readWait('opening.waitMs', waitMs),
  };
};

const readOpenings = (value: unknown): BreakerSnapshot['openings'] => {
  const { count, lastWaitMs } = readFields('openings', value, ['count', 'lastWaitMs']);
  return {
    count: readCount('openings.count', count),
    lastWaitMs: lastWaitMs === null ? null : readWait('openings.lastWaitMs', lastWaitMs),
  };
};

const readWindow = (value: unknown): WindowSnapshot | null => {
  if (value === null) return null;
  const given = readFields('window', value, WINDOW);
  const read = (name: keyof WindowSnapshot, max: number) =>
    readNumber(`window.${name}`, given[name], 0, max);
  const calls = read('calls', MOST);
  const weight = read('weight', MOST);
  return {
    calls,
    failures: read('failures', calls),
    slow: read('slow', calls),
    weight,
    failedWeight: read('failedWeight', weight),
    slowWeight: read('slowWeight', weight),
  };
};

const readHolds = (value: unknown): readonly HoldSnapshot[] => {
  const allowed = `a list of at most ${MOST_HOLDS}`;
  if (!isList('holds', value)) return refuse('holds', allowed);
  const length = lookAt('holds', () => value.length);
  if (length > MOST_HOLDS) return refuse('holds', allowed);
  return Array.from({ length }, (_, place) => {
    const path = `holds[${place}]`;
    const hold = lookAt(path, () => value[place]);
    const { kind, reason } = readFields(path, hold, ['kind', 'reason']);
    return {
      kind: readChoice(`${path}.kind`, kind, ['open', 'closed']),
      reason:
        reason === null || (typeof reason === 'string' && reason.trim() !== '')
          ? reason
          : refuse(`${path}.reason`, 'a text, not blank, or null'),
    };
  });
};

/**
 * Copies and checks. Fields it does not know are left out: the version only changes when one that knows
 * this version could no longer go by it.
 * @throws InvalidSnapshotError
 */
export const readSnapshot = (value: unknown): BreakerSnapshot => {
  const given = readFields('', value, SNAPSHOT);
  if (given.v !== 1) refuse('v', '1');
  const state = readChoice('state', given.state, ['closed', 'open', 'halfOpen']);
  const takenAt = readNumber('takenAt', given.takenAt, -FURTHEST_MS, FURTHEST_MS);
  const opening = readOpening(given.opening, takenAt);
  const holds = readHolds(given.holds);
  if (opening !== null && state !== 'open') refuse('opening', "null, for its state is not 'open'");
  if (opening === null && state === 'open' && !holds.some(({ kind }) => kind === 'open')) {
    refuse('opening', "an object, for its state is 'open' and nothing holds it so");
  }
  return {
    v: 1,
    takenAt,
    state,
    opening,
    openings: readOpenings(given.openings),
    failuresInARow: readCount('failuresInARow', given.failuresInARow),
    window: readWindow(given.window),
    holds,
  };
};
