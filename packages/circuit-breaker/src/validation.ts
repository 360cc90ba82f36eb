import { InvalidOptionError } from './errors.js';

/** Longest duration accepted anywhere: thirty days. Anything longer is a mistake in the unit. */
export const LONGEST_MS = 30 * 24 * 3600 * 1000;

/** The numbers an option accepts. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  /** `min` itself is refused. */
  readonly above?: boolean;
  readonly integer?: boolean;
  /** What is counted: `ms`, `calls`, … Only for the message. */
  readonly unit?: string;
}

const inWords = ({ min, max, above, integer, unit }: NumberRange): string => {
  const kind = integer ? 'a whole number' : 'a number';
  const from = above ? `above ${min}` : `from ${min}`;
  return `${kind} ${from} to ${max}${unit === undefined ? '' : ` (${unit})`}`;
};

/**
 * Returns `value`, or `fallback` if it is undefined; an option without a default has no fallback.
 * @throws InvalidOptionError outside `range`
 */
export const readNumber = (
  option: string,
  value: number | undefined,
  fallback: number | undefined,
  range: NumberRange,
): number => {
  if (value === undefined && fallback !== undefined) return fallback;
  const fits =
    typeof value === 'number' &&
    (range.above ? value > range.min : value >= range.min) &&
    value <= range.max &&
    (!range.integer || Number.isInteger(value));
  if (!fits) throw new InvalidOptionError({ option, value, allowed: inWords(range) });
  return value;
};

/** Returns `value` if it is one of `choices`. @throws InvalidOptionError otherwise */
export const readChoice = <T extends string>(
  option: string,
  value: T,
  choices: readonly T[],
): T => {
  if (!choices.includes(value)) {
    const allowed = choices.map((choice) => `'${choice}'`).join(' or ');
    throw new InvalidOptionError({ option, value, allowed, isWord: true });
  }
  return value;
};

/** Returns `value` if it is a text that is not blank. @throws InvalidOptionError otherwise */
export const readText = (option: string, value: string): string => {
  if (typeof value === 'string' && value.trim() !== '') return value;
  const allowed = 'a text, not blank';
  throw new InvalidOptionError({ option, value, allowed, isWord: true });
};

/** Returns `value` if it is true or false, or `fallback`. @throws InvalidOptionError otherwise */
export const readFlag = (
  option: string,
  value: boolean | undefined,
  fallback: boolean,
): boolean => {
  if (value === undefined) return fallback;
  if (typeof value === 'boolean') return value;
  throw new InvalidOptionError({ option, value, allowed: 'true or false' });
};

/** Returns `value` if it is a function or undefined. @throws InvalidOptionError otherwise */
export const readFunction = <T>(option: string, value: T): T => {
  if (value !== undefined && typeof value !== 'function') {
    throw new InvalidOptionError({ option, value, allowed: 'a function' });
  }
  return value;
};

/** @throws InvalidOptionError if `value` is no object, or is a list */
export const refuseOther = (path: string, value: unknown): void => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new InvalidOptionError({ option: path || 'options', value, allowed: 'an object' });
};

/** @throws InvalidOptionError if `value` is no object, or has a key that is not in `known` */
export const refuseUnknown = (
  path: string,
  value: object,
  known: readonly string[] | ReadonlySet<string>,
): void => {
  refuseOther(path, value);
  for (const key of Object.keys(value)) {
    if ('has' in known ? known.has(key) : known.includes(key)) continue;
    throw new InvalidOptionError({
      option: path === '' ? key : `${path}.${key}`,
      value: (value as Record<string, unknown>)[key],
      allowed: `left out, for it is unknown (known: ${[...known].join(', ')})`,
    });
  }
};

/** Returns `value` if it has the methods `names`. @throws InvalidOptionError otherwise */
export const readPort = <T extends object>(
  option: string,
  value: T | undefined,
  fallback: T,
  names: readonly (keyof T & string)[],
): T => {
  if (value === undefined) return fallback;
  const fits =
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof value[name] === 'function');
  if (!fits) {
    throw new InvalidOptionError({ option, value, allowed: `an object with ${names.join(', ')}` });
  }
  return value;
};

/** @throws InvalidOptionError if `operation` is no function, or `signal` is given and is no signal */
export const checkCall = (operation: unknown, signal: AbortSignal | undefined): void => {
  if (typeof operation !== 'function') {
    throw new InvalidOptionError({ option: 'operation', value: operation, allowed: 'a function' });
  }
  checkSignal(signal);
};

/** @throws InvalidOptionError if `signal` is given and is no signal */
export const checkSignal = (signal: AbortSignal | undefined): void => {
  if (signal === undefined) return;
  if (
    typeof signal !== 'object' ||
    signal === null ||
    typeof signal.addEventListener !== 'function' ||
    typeof signal.removeEventListener !== 'function'
  ) {
    throw new InvalidOptionError({ option: 'signal', value: signal, allowed: 'an AbortSignal' });
  }
};
