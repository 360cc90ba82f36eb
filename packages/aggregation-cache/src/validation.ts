import { invalidOption } from './errors.js';

/** The numbers an option accepts. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
  /** What is counted: `ms`, `bytes`. Only for the message. */
  readonly unit?: string;
}

/** Longest duration accepted anywhere: thirty days. Anything longer is a mistake in the unit. */
export const LONGEST_MS = 30 * 24 * 3600 * 1000;

/** Bytes; the server takes no more. */
const LONGEST_DATABASE_NAME = 63;

/** Returns `value`, or `fallback` if it is undefined. @throws INVALID_OPTION outside `range` */
export const readNumber = (
  option: string,
  value: unknown,
  fallback: number | undefined,
  { min, max, integer = true, unit }: NumberRange,
): number => {
  const given = value === undefined ? fallback : value;
  const fits =
    typeof given === 'number' &&
    given >= min &&
    given <= max &&
    (!integer || Number.isInteger(given));
  if (fits) return given;
  const kind = integer ? 'a whole number' : 'a number';
  const counted = unit === undefined ? '' : ` (${unit})`;
  throw invalidOption(option, value, `${kind} from ${min} to ${max}${counted}`);
};

/** Returns `value`, or `fallback` if it is undefined. @throws INVALID_OPTION for anything but a text that is not blank, and can be spelled in UTF-8 */
export const readText = (option: string, value: unknown, fallback?: string): string => {
  const given = value === undefined ? fallback : value;
  if (typeof given !== 'string' || given.trim() === '') {
    throw invalidOption(option, value, 'a text, not blank');
  }
  if (!isSpelled(given)) throw invalidOption(option, value, 'a text without halves of characters');
  return given;
};

/** Whether UTF-8 can spell it; of the texts that it cannot many would become one. */
export const isSpelled = (text: string): boolean =>
  (text as string & { isWellFormed(): boolean }).isWellFormed();

/** @throws INVALID_OPTION for what no server takes as a database's name */
export const readDatabaseName = (option: string, value: unknown): string => {
  const name = readText(option, value);
  if (/[/\\. "$\0]/.test(name) || Buffer.byteLength(name) > LONGEST_DATABASE_NAME) {
    throw invalidOption(
      option,
      value,
      `a database's name: up to ${LONGEST_DATABASE_NAME} bytes, without / \\ . " $ and blanks`,
    );
  }
  return name;
};

/** Returns `value`, or `fallback` if it is undefined. @throws INVALID_OPTION if it is none of `choices` */
export const readChoice = <T extends string>(
  option: string,
  value: unknown,
  fallback: T,
  choices: readonly T[],
): T => {
  const given = value === undefined ? fallback : value;
  const found = choices.find((choice) => choice === given);
  if (found !== undefined) return found;
  throw invalidOption(option, value, choices.map((choice) => `'${choice}'`).join(' or '));
};

/** @throws INVALID_OPTION if `value` is no object, or has a key that is not in `known` */
export const refuseUnknown = (path: string, value: unknown, known: readonly string[]): void => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidOption(path === '' ? 'options' : path, value, 'an object');
  }
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    throw invalidOption(
      path === '' ? key : `${path}.${key}`,
      (value as Record<string, unknown>)[key],
      `left out, for it is unknown (known: ${known.join(', ')})`,
    );
  }
};

/** @throws INVALID_OPTION unless `value` is an object with the methods `names` */
export const requireMethods = (option: string, value: unknown, names: readonly string[]): void => {
  const fits =
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
  if (!fits) throw invalidOption(option, value, `an object with ${names.join(', ')}`);
};
