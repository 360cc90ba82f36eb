import { describe, expect, it } from 'vitest';
import { processesWith, ready } from './support/start-command.js';
import { inFolder, killOne, START_MS, skip, start, WORK, whySkipped } from './support/starts.js';

/** SIGKILL to all these at once, as near as can be. */
const killAll = (processes: readonly { pid: number }[]) => {
  for (const { pid } of processes) process.kill(pid, 'SIGSTOP'); // so that none reacts to the end of another
  for (const { pid } of processes) process.kill(pid, 'SIGKILL');
};

describe.skipIf(skip)(`npm start that is killed${whySkipped}`, () => {
  it(
    'leaves no process when its script is ended by SIGKILL',
    async () => {
      const command = start();
      await ready(command);
      killOne(command, /tools\/start\/start\.mjs/);
      expect(await command.leftOver()).toBeUndefined();
    },
    START_MS,
  );

  it(
    'leaves no process when its work and those who watch over it are killed in one moment',
    async () => {
      // Nobody is left to remove its temporary directories; they go with the test's own.
      const command = start([], { TMPDIR: inFolder() });
      await ready(command);
      const work = command.running().find((one) => WORK.test(one.command));
      const watchdogs = processesWith('lib/watchdog.mjs').filter(
        ({ parent }) => parent === work?.pid,
      );
      expect(watchdogs.length).toBeGreaterThan(0);
      killAll([...(work ? [work] : []), ...watchdogs]);
      expect(await command.leftOver()).toBeUndefined();
    },
    START_MS,
  );

  it(
    'leaves no process when all that runs on Node is killed in one moment',
    async () => {
      const command = start([], { TMPDIR: inFolder() });
      await ready(command);
      const servers = command
        .running()
        .filter((one) => /^\S*(mongod|redis-server) /.test(one.command));
      expect(servers).toHaveLength(6);
      const ours = new Set(command.running().map(({ pid }) => pid));
      const watchdogs = processesWith('lib/watchdog.mjs').filter(({ parent }) => ours.has(parent));
      const scripts = command
        .running()
        .filter((one) => !servers.some(({ pid }) => pid === one.pid));
      killAll([...scripts, ...watchdogs]);
      expect(await command.leftOver()).toBeUndefined();
    },
    START_MS,
  );

  it(
    'leaves no process on SIGTERM, also while it is still starting',
    async () => {
      const command = start();
      await command.printed('Starting the NestCMS server');
      command.process.kill('SIGTERM');
      expect(await command.leftOver()).toBeUndefined();
    },
    START_MS,
  );

  it(
    'says that the server has crashed, and ends with everything else',
    async () => {
      const command = start();
      await ready(command);
      killOne(command, /src\/main\.ts/);
      expect(await command.ended).toBe(1);
      expect(command.output()).toContain(
        'The NestCMS server ended by itself: it ended with SIGKILL',
      );
      expect(await command.leftOver()).toBeUndefined();
    },
    START_MS,
  );
});
