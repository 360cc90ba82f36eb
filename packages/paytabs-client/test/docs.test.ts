import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeExamples } from '../../../readme.shared.js';

const packageUrl = new URL('../', import.meta.url);
const docsUrl = new URL('docs/', packageUrl);
const pages = readdirSync(docsUrl, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .toSorted();

const withExamples = pages
  .map((page) => {
    const url = new URL(page, docsUrl);
    return { page, url, examples: readFileSync(url, 'utf8').match(/^```ts$/gm)?.length ?? 0 };
  })
  .filter(({ examples }) => examples > 0);

describe.each(withExamples)('the page $page', ({ url, examples }) => {
  describeExamples(url, examples, packageUrl);
});

it('leads from the recipes to each of them', () => {
  const recipes = pages.filter((page) => /^recipes.(?!README)/.test(page));
  const list = readFileSync(new URL('recipes/README.md', docsUrl), 'utf8');
  expect(recipes.length).toBeGreaterThan(3);
  expect(recipes.filter((page) => !list.includes(`](${page.slice('recipes/'.length)})`))).toEqual(
    [],
  );
});
