import { type ParseArgsConfig, parseArgs } from 'node:util';
import { redactText } from '../redact.js';
import { UsageError } from './usage-error.js';

/** @throws UsageError that shows no value: it may be a URL with a password, or a key in the wrong place */
export function readFlagsAndWords<const Flags extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Flags,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // What follows the first sentence is about Node.
    const [said = ''] = (error as Error).message.split('. ');
    throw new UsageError(redactText(said, 100));
  }
}

/** The same where every value follows its option. */
export function readFlags<const Flags extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Flags,
) {
  const { values, positionals } = readFlagsAndWords(args, options);
  if (positionals.length === 0) return values;
  throw new UsageError('There is an argument too many: every value follows its option');
}

/** @returns milliseconds. @throws UsageError */
export function readSeconds(
  text: string | undefined,
  { name, usual, min, max }: { name: string; usual: number; min: number; max: number },
): number {
  const seconds = text === undefined ? usual : Number(text);
  if (seconds >= min && seconds <= max) return Math.round(seconds * 1000);
  throw new UsageError(`--${name} must be ${min} to ${max} seconds`);
}

/** @throws UsageError */
export function readWord<const Word extends string>(
  text: string | undefined,
  { name, words }: { name: string; words: readonly Word[] },
): Word | undefined {
  const word = words.find((each) => each === text);
  if (text === undefined || word !== undefined) return word;
  throw new UsageError(`--${name} must be ${words.join(' or ')}`);
}
