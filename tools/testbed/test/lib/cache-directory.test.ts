import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheDirectory, publishDirectory } from '../../../start/lib/cache-directory.mjs';
import { scratchDirectory } from '../support/scratch.js';

describe('publishDirectory', () => {
  it('shows all of a directory or nothing, and one result when two fill it at once', async () => {
    const parent = scratchDirectory();
    const target = join(parent, 'target');
    const fill = (text: string) => async (draft: string) => {
      writeFileSync(join(draft, 'one'), text);
      await new Promise((resolve) => setImmediate(resolve));
      expect(existsSync(target) && !existsSync(join(target, 'two'))).toBe(false);
      writeFileSync(join(draft, 'two'), text);
    };
    await Promise.all([
      publishDirectory(target, fill('first')),
      publishDirectory(target, fill('second')),
    ]);
    const [one, two] = ['one', 'two'].map((name) => readFileSync(join(target, name), 'utf8'));
    expect(one).toBe(two);
    expect(readdirSync(parent)).toEqual(['target']);
  });

  it('leaves nothing when the filling fails', async () => {
    const parent = scratchDirectory();
    const failing = publishDirectory(join(parent, 'target'), async (draft) => {
      writeFileSync(join(draft, 'one'), '');
      throw new Error('the disk is full');
    });
    await expect(failing).rejects.toThrow('the disk is full');
    expect(readdirSync(parent)).toEqual([]);
  });

  it('removes drafts of killed processes after an hour, not those at work', async () => {
    const parent = scratchDirectory();
    for (const name of ['.draft-old', '.draft-new']) mkdirSync(join(parent, name));
    const longAgo = Date.now() / 1_000 - 3_700;
    utimesSync(join(parent, '.draft-old'), longAgo, longAgo);
    await publishDirectory(join(parent, 'target'), async () => {});
    expect(readdirSync(parent).sort()).toEqual(['.draft-new', 'target']);
  });
});

describe('cacheDirectory', () => {
  it.each([
    [{ XDG_CACHE_HOME: '/var/cache/me' }, '/var/cache/me/nestcms'],
    [{ XDG_CACHE_HOME: 'relative' }, join(homedir(), '.cache', 'nestcms')],
    [{}, join(homedir(), '.cache', 'nestcms')],
  ])('for %o is %s', (environment, expected) => {
    expect(cacheDirectory(environment)).toBe(expected);
  });
});
