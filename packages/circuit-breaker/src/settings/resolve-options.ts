import { InvalidOptionError } from '../errors.js';
import type { CircuitBreakerOptions, Settings } from '../options.js';
import { readText, refuseUnknown } from '../validation.js';
import { differenceOf } from './difference-of.js';
import { READERS, readAll } from './readers.js';

const NAMED = ['name', 'tags'];

const NO_TAGS: readonly string[] = Object.freeze([]);

export interface ResolvedOptions {
  readonly name: string;
  readonly tags: readonly string[];
  readonly settings: Settings;
}

/**
 * Options read last, and what came of them: breakers made one after the other mostly differ in their names
 * alone. They then share their settings, and need not have them read again.
 */
let last: { readonly given: CircuitBreakerOptions; readonly settings: Settings } | undefined;

const SETTINGS = Object.keys(READERS) as (keyof Settings)[];
const KNOWN = new Set([...NAMED, ...SETTINGS]);

/** Copies, checks and freezes. @throws InvalidOptionError for an unknown or impossible option */
export const resolveOptions = (options: CircuitBreakerOptions): ResolvedOptions => {
  refuseUnknown('', options, KNOWN);
  const name = readText('name', options.name);
  const tags = readTags(options.tags);
  if (last === undefined || !isSame(last.given, options)) {
    const settings = readAll('', options, READERS) as Settings;
    const known = last?.settings;
    const isKnown = known !== undefined && differenceOf(known, settings) === undefined;
    last = { given: { ...options }, settings: isKnown ? known : settings };
  }
  return { name, tags, settings: last.settings };
};

/** Groups of options may have been changed since, so they never are. */
const isSame = (one: CircuitBreakerOptions, other: CircuitBreakerOptions): boolean => {
  for (const name of SETTINGS) {
    const value = other[name];
    if (value !== one[name]) return false;
    if (typeof value === 'object' && name !== 'clock') return false;
  }
  return true;
};

const readTags = (tags: readonly string[] | undefined): readonly string[] => {
  if (tags === undefined) return NO_TAGS;
  if (!Array.isArray(tags)) {
    throw new InvalidOptionError({ option: 'tags', value: tags, allowed: 'a list of texts' });
  }
  return Object.freeze(tags.map((tag, place) => readText(`tags[${place}]`, tag)));
};
