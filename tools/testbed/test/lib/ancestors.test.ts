import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandAncestors } from '../../../start/lib/ancestors.mjs';
import type { ProcessEntry } from '../../../start/lib/process-table.mjs';
import { allGone, fixture, isAlive, runUntilReport } from '../support/processes.js';
import { scratchDirectory } from '../support/scratch.js';

interface Report {
  readonly script: number;
  readonly child: number;
  readonly ancestors: readonly { readonly pid: number; readonly command: string }[];
}

/** Runs the fixture by `npm start`; npm keeps a shell between itself and the script. */
async function npmStart(): Promise<Report & { npm: number }> {
  const cwd = scratchDirectory();
  const start = `${JSON.stringify(process.execPath)} ${JSON.stringify(fixture('command.mjs'))}; true`;
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ scripts: { start } }));
  const { process: npm, report } = await runUntilReport<Report>('npm', ['start'], { cwd });
  return { ...report, npm: npm.pid ?? 0 };
}

describe('SIGKILL leaves nothing of a command', () => {
  it.each([
    ['npm', (report: Report & { npm: number }) => report.npm],
    ['the shell npm started', (report: Report) => report.ancestors[0]?.pid ?? 0],
    ['the script', (report: Report) => report.script],
  ])('when %s is killed', async (_, victim) => {
    const report = await npmStart();
    expect(isAlive(report.child)).toBe(true);
    expect(report.ancestors.map(({ pid }) => pid)).toContain(report.npm);
    process.kill(victim(report), 'SIGKILL');
    await allGone([report.script, report.child]);
  });
});

describe('commandAncestors', () => {
  const table = (...commands: string[]) => {
    const entries = new Map<number, ProcessEntry>();
    commands.forEach((command, index) => {
      const pid = 100 - index;
      entries.set(pid, { pid, parent: pid - 1, startedAt: '1', command });
    });
    return commandAncestors(100, (pid) => entries.get(pid)).map(({ command }) => command);
  };

  it('ends at npm, below the shell of the user', () => {
    expect(table('node start.mjs', 'sh -c node start.mjs', 'npm start', '-bash', 'sshd')).toEqual([
      'sh -c node start.mjs',
      'npm start',
    ]);
  });

  it('takes no other command for a part of it that a package manager runs further up', () => {
    const above = ['bash', 'sh -c bash', 'npm run shell', 'zsh'];
    expect(table('node start.mjs', 'npm start', ...above)).toEqual(['npm start']);
  });

  it('passes through processes of the command itself', () => {
    expect(table('node work.mjs', 'node start.mjs', 'npm start', 'zsh')).toEqual([
      'node start.mjs',
      'npm start',
    ]);
  });

  it('takes package managers that run each other as one command', () => {
    const chain = ['sh -c x', '/opt/pnpm exec x', 'sh -c pnpm exec x', 'npm exec pnpm exec x'];
    expect(table('node x', ...chain, 'bash')).toEqual(chain);
  });

  it('knows npm by its script too', () => {
    const npm = '/usr/bin/node /usr/lib/node_modules/npm/bin/npm-cli.js run x';
    expect(table('node x', npm, '/bin/sh -c npm run x', 'node launcher.js')).toEqual([npm]);
  });

  it('is empty when no package manager runs the process', () => {
    expect(table('node tools/start/start.mjs', 'bash', 'sshd')).toEqual([]);
  });
});
