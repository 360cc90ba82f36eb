import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { InvalidOptionError } from '../errors.js';
import { readText, refuseUnknown } from '../validation.js';

/** Which breakers of a registry: those with a tag, or those of some names. */
export type BreakerChoice =
  | { readonly tag: string; readonly names?: undefined }
  | { readonly names: readonly string[]; readonly tag?: undefined };

/**
 * Whether a breaker is one of those.
 * @param others further options that may stand beside the choice
 * @throws InvalidOptionError for an unknown option, or an impossible choice
 */
export const readBreakerChoice = (
  options: BreakerChoice,
  others: readonly string[] = [],
): ((breaker: CircuitBreaker) => boolean) => {
  refuseUnknown('', options, ['tag', 'names', ...others]);
  const { tag, names } = options;
  if ((tag === undefined) === (names === undefined)) {
    const allowed = 'given, or names: one of the two (for all, name all)';
    throw new InvalidOptionError({ option: 'tag', value: tag, allowed });
  }
  if (tag !== undefined) {
    const asked = readText('tag', tag);
    return ({ tags }) => tags.includes(asked);
  }
  if (!Array.isArray(names)) {
    throw new InvalidOptionError({ option: 'names', value: names, allowed: 'a list of texts' });
  }
  const asked = new Set(names.map((name, place) => readText(`names[${place}]`, name)));
  return ({ name }) => asked.has(name);
};
