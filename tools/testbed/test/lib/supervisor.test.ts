import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
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
    await until(() => watchdogsOf(owner.process.pid).length === 1, {
      what: 'the next watchdog',
      timeoutMs: 10_000,
    });
    owner.process.kill('SIGKILL');
    await owner.ended;
    expect(await remains(owner.report)).toBe(false);
  });
});
