/*
 * Lists the JSON blocks of a Markdown file that are no example here: node test/reference/list-uncovered.ts FILE
 * Exits with 1 if there are any.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { examples } from './examples.ts';

const [file] = process.argv.slice(2).filter((argument) => argument !== '--');
if (file === undefined) {
  console.error('Which file? node test/reference/list-uncovered.ts FILE');
  process.exit(2);
}

const known: unknown[] = [
  ...examples.replies.map(({ body }) => body),
  ...examples.requests.map(({ text }) => JSON.parse(text) as unknown),
];
const text = readFileSync(resolve(process.env.INIT_CWD ?? '', file), 'utf8');
const blocks = [...text.matchAll(/^```json\n(.*?)^```$/gms)].map((match) => ({
  line: text.slice(0, match.index).split('\n').length,
  json: match[1] ?? '',
}));
const uncovered = blocks.filter(
  ({ json }) => !known.some((each) => isDeepStrictEqual(each, JSON.parse(json))),
);
for (const { line, json } of uncovered) console.log(`line ${line}: ${json.slice(0, 100).trim()}`);
console.log(`${blocks.length} blocks, ${blocks.length - uncovered.length} covered`);
process.exitCode = uncovered.length > 0 ? 1 : 0;
