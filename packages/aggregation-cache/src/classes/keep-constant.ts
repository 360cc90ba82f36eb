import { LITERAL, type Place } from '../keys/place.js';
import { readText } from '../keys/question-text.js';
import { QuestionWriter, type WriterOptions } from '../keys/question-writer.js';

/**
 * A value as it is now, whatever its owner does to it later.
 * @throws UNSUPPORTED_VALUE
 */
export const keepConstant = <T>(
  name: string,
  value: T,
  place: Place = LITERAL,
  options: Omit<WriterOptions, 'undefinedAs'> = {},
): T => {
  const writer = new QuestionWriter({ undefinedAs: 'undefined', ...options });
  const begin = writer.add(name, value, place);
  return readText(writer.text, begin) as T;
};
