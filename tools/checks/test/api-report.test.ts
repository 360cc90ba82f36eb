import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reportEntry } from '../lib/api-extractor.mjs';
import { firstDifference } from '../lib/difference.mjs';
import { PROJECT_ROOT } from '../lib/packages.mjs';

let folder: string;

/** A built package of one entry; it lies in this workspace, where its types can be found. */
const built = (declarations: string) => {
  writeFileSync(join(folder, 'dist/index.d.ts'), declarations);
  const entry = {
    specifier: '@scope/sample',
    name: 'index',
    declarations: join(folder, 'dist/index.d.ts'),
  };
  const published = {
    name: '@scope/sample',
    folder,
    directoryName: 'sample',
    peers: {},
    entries: [entry],
  };
  return reportEntry(published, entry, join(folder, 'temp'));
};

beforeAll(() => {
  mkdirSync(join(PROJECT_ROOT, 'tools/checks/temp'), { recursive: true });
  folder = mkdtempSync(join(PROJECT_ROOT, 'tools/checks/temp/api-'));
  for (const name of ['dist', 'etc', 'temp']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'package.json'), '{ "name": "@scope/sample", "version": "1.0.0" }');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('tells a new surface, the same one and a changed one apart', () => {
  const first = built(
    '/** Opens. */\nexport declare function open(options: { timeoutMs: number }): void;\n',
  );
  expect(first).toMatchObject({ state: 'new' });
  expect(first.expected).toContain('timeoutMs: number');
  writeFileSync(first.file, first.expected);

  const same = built(
    '/** Opens it, in other words. */\nexport declare function open(options: { timeoutMs: number }): void;\n',
  );
  expect(same.state).toBe('same');

  const changed = built(
    '/** Opens. */\nexport declare function open(options: { timeout: number }): void;\n',
  );
  expect(changed.state).toBe('changed');
  const difference = firstDifference(changed.file, changed.expected);
  expect(difference).toMatch(/^ {2}- .*timeoutMs: number/m);
  expect(difference).toMatch(/^ {2}\+ .*timeout: number/m);
});

it('says that a package is not built', () => {
  rmSync(join(folder, 'dist/index.d.ts'));
  expect(() =>
    reportEntry(
      { name: '@scope/sample', folder, directoryName: 'sample', peers: {}, entries: [] },
      { specifier: '@scope/sample', name: 'index', declarations: join(folder, 'dist/index.d.ts') },
      folder,
    ),
  ).toThrow(/is not built/);
});
