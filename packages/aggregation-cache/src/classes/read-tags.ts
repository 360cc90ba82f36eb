import { invalidOption } from '../errors.js';
import { isSpelled } from '../validation.js';
import type { Built } from './class-options.js';

const MOST = 32;
const LONGEST = 200;

/**
 * The tags of a read, each once and in one order. A list is checked when it is declared, what a function
 * returns at each read.
 * @throws INVALID_OPTION
 */
export const readTags = <Params>(
  tags: Built<Params, readonly string[]> = [],
): ((params: Params) => readonly string[]) => {
  if (typeof tags === 'function') return (params) => checkTags(tags(params));
  const checked = checkTags(tags);
  return () => checked;
};

/** @throws INVALID_OPTION */
export const checkTags = (tags: unknown): readonly string[] => {
  if (!Array.isArray(tags) || tags.length > MOST) {
    throw invalidOption('tags', tags, `a list of at most ${MOST} texts`);
  }
  tags.forEach((tag: unknown, index) => {
    const fits = typeof tag === 'string' && tag.trim() !== '' && tag.length <= LONGEST;
    if (!fits || !isSpelled(tag)) {
      throw invalidOption(`tags.${index}`, tag, `a text of 1 to ${LONGEST} characters`);
    }
  });
  return Object.freeze([...new Set(tags as string[])].sort());
};
