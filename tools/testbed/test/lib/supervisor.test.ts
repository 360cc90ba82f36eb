import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readProcess } from '../../../start/lib/process-table.mjs';
import { supervision } from '../../src/supervision.js';
import { until } from '../../src/until.js';
import { allGone, isAlive, runFixture, watchdogsOf } from '../support/processes.js';

interface Report {
  readonly directory: string;
  readonly watchdog: number;
  readonly children: readonly number[];
}

const run = (ending: string) => runFixture<Report>('supervised.mjs', [ending]);

/** Processes of which nothing is left, and whether the directory is. */
async function remains({ directory, watchdog, children }: Report): Promise<boolean> {
  await allGone([...children, watchdog]);
  return existsSync(directory);
}

// Side by side: most of their time is a stubborn child's grace.
describe.concurrent('what a supervisor started ends with its owner', () => {
  it.each(['exit', 'crash', 'close'])('when the owner ends by %s', async (ending) => {
    const owner = await run(ending);
    await owner.ended;
    expect(await remains(owner.report)).toBe(false);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)(
    'when the owner gets %s and handles nothing',
    async (signal) => {
      const owner = await run('wait');
      expect(owner.report.children.every(isAlive)).toBe(true);
      expect(existsSync(owner.report.directory)).toBe(true);
      owner.process.kill(signal);
      expect(await owner.ended).toBe(signal);
      expect(await remains(owner.report)).toBe(false);
    },
  );

  it('when the owner is killed after its watchdog was', async () => {
    const owner = await run('wait');
    process.kill(owner.report.watchdog, 'SIGKILL');
    await allGone([owner.report.watchdog]);
    const watchdog = await until(() => watchdogsOf(owner.process.pid)[0], {
      what: 'the next watchdog',
      timeoutMs: 10_000,
    });
    owner.process.kill('SIGKILL');
    await owner.ended;
    expect(await remains({ ...owner.report, watchdog })).toBe(false);
  });
});

describe('stop', () => {
  it('ends what a child leaves behind in its group', async () => {
    const child = supervision().spawn(
      'sh',
      ['-c', `(trap '' TERM; echo; exec sleep 600) & echo $!; wait`],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    onTestFinished(() => supervision().stop(child));
    let said = '';
    child.stdout?.on('data', (text) => {
      said += text;
    });
    // Its number, and that it heeds no SIGTERM any more.
    await until(() => said.split('\n').length === 3, { what: 'both lines', timeoutMs: 10_000 });
    const left = Number(/\d+/.exec(said)?.[0]);
    expect(isAlive(left)).toBe(true);
    await supervision().stop(child);
    await allGone([child.pid ?? 0, left]);
  });
});

describe('the watchdog', () => {
  const WATCHDOG = fileURLToPath(new URL('../../../start/lib/watchdog.mjs', import.meta.url));

  it('ends the process it was told of, and no other that has its number by now', async () => {
    const [told, reused] = [0, 1].map(() => supervision().spawn('sleep', ['600'], { graceMs: 0 }));
    onTestFinished(() => supervision().stop(reused as ChildProcess));
    const startedAt = await until(() => readProcess(told?.pid ?? 0)?.startedAt, {
      what: 'the process',
      timeoutMs: 5_000,
    });
    const watchdog = supervision().spawn(process.execPath, [WATCHDOG, 'no-mark-of-anybody'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const gone = once(watchdog, 'exit');
    watchdog.stdin?.write(`${JSON.stringify({ pid: told?.pid, startedAt, graceMs: 0 })}\n`);
    watchdog.stdin?.end(`${JSON.stringify({ pid: reused?.pid, startedAt: '1', graceMs: 0 })}\n`);
    await gone;
    await allGone([told?.pid ?? 0]);
    expect(isAlive(reused?.pid ?? 0)).toBe(true);
  });
});
