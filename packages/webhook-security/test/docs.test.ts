import 'reflect-metadata';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeExamples } from '../../../readme.shared.js';
import { BODY_LIMITS } from '../src/adapters/body-gate.js';
import { stageOrder } from '../src/index.js';
import { PRESETS } from '../src/scheme/presets/all.js';

const packageUrl = new URL('../', import.meta.url);
const docsUrl = new URL('docs/', packageUrl);
const textOf = (page: string) => readFileSync(new URL(page, docsUrl), 'utf8');
const pages = readdirSync(docsUrl).filter((name) => name.endsWith('.md'));

describe.each(pages)('the page %s', (page) => {
  const text = textOf(page);
  const examples = text.match(/^```ts$/gm)?.length ?? 0;
  if (examples > 0) describeExamples(new URL(page, docsUrl), examples, packageUrl);

  it('leads nowhere that is not there', () => {
    const links = Array.from(text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g), ([, link]) => link);
    expect(links.filter((link) => !existsSync(new URL(link as string, docsUrl)))).toEqual([]);
  });

  it('is named in the list of pages', () => {
    expect(page === 'README.md' || textOf('README.md').includes(`](${page})`)).toBe(true);
  });
});

it('leads from the README to pages that are there, and to each guide', () => {
  const readme = readFileSync(new URL('README.md', packageUrl), 'utf8');
  const links = Array.from(readme.matchAll(/\]\(docs\/([^)#]+)(?:#[^)]*)?\)/g), ([, link]) => link);
  expect(new Set(links)).toEqual(new Set(pages));
});

describe.each(['express', 'fastify', 'nestjs', 'fetch', 'lambda'])('the page on %s', (page) => {
  const text = textOf(`${page}.md`);

  it('has its parts in the fixed order', () => {
    expect(Array.from(text.matchAll(/^## (.*)$/gm), ([, part]) => part)).toEqual([
      'The route',
      'The raw body',
      'When a parser came first',
      'Limits',
      'Proxies and addresses',
    ]);
  });

  it.runIf(page !== 'lambda').each(Object.entries(BODY_LIMITS))(
    'gives the default of %s',
    (option, value) => {
      const row = text.split('\n').find((line) => line.startsWith(`| \`${option}\` `));
      expect(row?.split('|')[2]?.trim()).toBe(value.toLocaleString('en'));
    },
  );
});

describe('the page on what is unsigned', () => {
  const [, ...sections] = textOf('unsigned.md').split(/^## /m);

  it('says of each preset what its data says', () => {
    const shown = sections.map((section) => {
      const [name, ...lines] = section.trim().split('\n');
      return [name, lines.filter((line) => line !== '').map((line) => line.replace(/^- /, ''))];
    });
    expect(shown).toEqual(Object.entries(PRESETS).map(([name, make]) => [name, make().unsigned]));
  });
});

describe('the threat model', () => {
  it('says of each stage what it stops', () => {
    const [, table = ''] = textOf('threat-model.md').split('## What each stage stops');
    const stages = table.split('\n## ')[0]?.matchAll(/^\| `(\w+)`/gm) ?? [];
    expect(Array.from(stages, ([, stage]) => stage)).toEqual(stageOrder);
  });
});
