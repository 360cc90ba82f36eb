import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { undeclaredChanges } from '../lib/changesets.mjs';

let root: string;

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
    cwd: root,
    encoding: 'utf8',
  }).trim();
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const commit = () => {
  git('add', '-A');
  git('commit', '-qm', 'step');
};
const changeset = (name: string, ...packages: string[]) =>
  write(
    `.changeset/${name}.md`,
    `---\n${packages.map((p) => `"${p}": minor\n`).join('')}---\n\n@scope/b: minor words\n`,
  );
const undeclared = (base?: string) => undeclaredChanges(root, base).map(({ name }) => name);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nestcms-changesets-'));
  git('init', '-q', '-b', 'main');
  write('packages/a/package.json', '{ "name": "@scope/a" }');
  write('packages/b/package.json', '{ "name": "@scope/b" }');
  write('packages/a/etc/index.api.md', 'one');
  write('.changeset/README.md', '---\n"@scope/a": minor\n---\n');
  commit();
});

afterEach(() => rmSync(root, { recursive: true }));

describe('compared with the last release', () => {
  it('wants a changeset for a surface that was never released', () => {
    expect(undeclared()).toEqual(['@scope/a']);
    changeset('first', '@scope/a');
    expect(undeclared()).toEqual([]);
  });

  it('wants none while the surface is as released, and one after it changed', () => {
    write('packages/a/CHANGELOG.md', '1.0.0');
    commit();
    expect(undeclared()).toEqual([]);
    write('packages/a/etc/index.api.md', 'two');
    expect(undeclared()).toEqual(['@scope/a']);
    commit();
    expect(undeclared()).toEqual(['@scope/a']);
  });

  it('is not content with a changeset of another package', () => {
    changeset('other', '@scope/b');
    expect(undeclared()).toEqual(['@scope/a']);
  });
});

describe('compared with the base of a pull request', () => {
  it('wants a changeset of its own, whatever waits already', () => {
    changeset('waiting', '@scope/a');
    commit();
    const base = git('rev-parse', 'HEAD');
    expect(undeclared(base)).toEqual([]);
    write('packages/a/etc/redis.api.md', 'new entry');
    commit();
    expect(undeclared(base)).toEqual(['@scope/a']);
    changeset('mine', '@scope/a', '@scope/b');
    expect(undeclared(base)).toEqual([]);
  });

  it('ignores what happened on the base meanwhile', () => {
    git('checkout', '-qb', 'feature');
    git('checkout', '-q', 'main');
    write('packages/a/etc/index.api.md', 'changed on main');
    commit();
    git('checkout', '-q', 'feature');
    expect(undeclared('main')).toEqual([]);
  });

  it('says so when the base is no commit', () => {
    expect(() => undeclared('no-such-commit')).toThrow(/no-such-commit/);
  });
});
