import { InvalidSnapshotError } from '../errors.js';
import { LONGEST_MS } from '../validation.js';
import type { BreakerSnapshot, HoldSnapshot, WindowSnapshot } from './snapshot.js';

/** The furthest a `Date` reaches from 1970, in ms. */
const FURTHEST_MS = 8.64e15;
/** More of anything than a process lives to see. */
const MOST = 1e12;
const MOST_HOLDS = 1000;

const refuse = (path: string, allowed: string): never => {
  throw new InvalidSnapshotError({ path, allowed });
};

const readObject = (path: string, value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : refuse(path, 'an object');

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
  const { openedAt, waitMs } = readObject('opening', value);
  return {
    openedAt: readNumber('opening.openedAt', openedAt, -FURTHEST_MS, takenAt),
    waitMs: readWait('opening.waitMs', waitMs),
  };
};

const readOpenings = (value: unknown): BreakerSnapshot['openings'] => {
  const { count, lastWaitMs } = readObject('openings', value);
  return {
    count: readCount('openings.count', count),
    lastWaitMs: lastWaitMs === null ? null : readWait('openings.lastWaitMs', lastWaitMs),
  };
};

const readWindow = (value: unknown): WindowSnapshot | null => {
  if (value === null) return null;
  const given = readObject('window', value);
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
  if (!Array.isArray(value) || value.length > MOST_HOLDS) {
    return refuse('holds', `a list of at most ${MOST_HOLDS}`);
  }
  return value.map((hold: unknown, place) => {
    const path = `holds[${place}]`;
    const { kind, reason } = readObject(path, hold);
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
  const given = readObject('', value);
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
