// @ts-check
import { readFileSync } from 'node:fs';

const MOST_LINES = 12;

/**
 * The lines that only one of two texts has, marked with - and +; short, for a message.
 * @param {string} file the committed text
 * @param {string} expected
 */
export function firstDifference(file, expected) {
  const before = readFileSync(file, 'utf8').split('\n');
  const after = expected.split('\n');
  const lines = [
    ...before.filter((line) => !after.includes(line)).map((line) => `  - ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `  + ${line}`),
  ];
  if (lines.length === 0) return '  (the same lines in another order)';
  const more = lines.length - MOST_LINES;
  return [...lines.slice(0, MOST_LINES), ...(more > 0 ? [`  … and ${more} more`] : [])].join('\n');
}
