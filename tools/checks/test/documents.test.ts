import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../lib/packages.mjs';

const documents = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.md', ':!.changeset'],
  {
    cwd: PROJECT_ROOT,
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(PROJECT_ROOT, path)));
const read = (path: string) => readFileSync(join(PROJECT_ROOT, path), 'utf8');

/** Relative targets of links and of boxes in drawings. */
function targets(text: string): string[] {
  const links = text.replaceAll(/`[^`\n]*`/g, '').matchAll(/\]\(([^)\s]+)\)|href "([^"]+)"/g);
  return [...links]
    .map((match) => match[1] ?? match[2] ?? '')
    .filter((target) => !/^([a-z]+:|#|\/)/i.test(target))
    .map((target) => target.replace(/#.*$/, ''));
}

it.each(documents)('%s leads only to what exists', (path) => {
  const missing = targets(read(path)).filter(
    (target) => !existsSync(join(PROJECT_ROOT, dirname(path), target)),
  );
  expect(missing).toEqual([]);
});

describe('docs/architecture.md', () => {
  const views = read('docs/architecture.md').split(/^## /m).slice(1);
  const drawn = views.filter((view) => view.includes('```mermaid'));

  it('draws four views', () => {
    expect(drawn).toHaveLength(4);
  });

  it.each(drawn.map((view) => [view.split('\n')[0], view] as const))(
    'leads every box of "%s" to code, in the drawing and in the table',
    (_, view) => {
      const [, drawing = '', table = ''] = view.split('```');
      const boxes = new Set(
        [...drawing.matchAll(/(?:^|[\s;])([a-z]\w*)(?=\[|\(\[|\(\()/gm)].map(([, id]) => id),
      );
      const clicks = new Map(
        [...drawing.matchAll(/^ *click (\w+) href "([^"]+)"$/gm)].map(([, id, href]) => [id, href]),
      );
      expect(boxes.size).toBeGreaterThan(10);
      expect([...boxes].filter((id) => !clicks.has(id))).toEqual([]);
      expect([...clicks.keys()].filter((id) => !boxes.has(id))).toEqual([]);
      expect([...clicks.values()].filter((href) => !table.includes(`](${href})`))).toEqual([]);
    },
  );
});
