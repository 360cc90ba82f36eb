import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { usesForeignServers } from '../src/foreign-servers.js';
import { ALL_GONE_MS, allGone, isAlive, runFixture } from './support/processes.js';
import { whySkipped } from './support/why-skipped.js';

interface Report {
  readonly pids: readonly number[];
  readonly ports: readonly number[];
  readonly serverPorts: readonly number[];
  readonly directories: readonly string[];
}

describe.skipIf(usesForeignServers || process.platform !== 'linux')(
  `two test beds at once (Linux: reads /proc)${whySkipped}`,
  () => {
    it('clash in no port and leave nothing when their owners are killed', async () => {
      const owners = await Promise.all([
        runFixture<Report>('owner.mjs'),
        runFixture<Report>('owner.mjs'),
      ]);
      const reports = owners.map((owner) => owner.report);
      const ports = reports.flatMap((report) => [...report.ports, ...report.serverPorts]);
      expect(ports).toHaveLength(22);
      expect(new Set(ports).size).toBe(ports.length);
      const pids = reports.flatMap((report) => report.pids);
      expect(pids).toHaveLength(12);
      expect(pids.filter(isAlive)).toEqual(pids);
      const directories = reports.flatMap((report) => report.directories);
      expect(directories).toHaveLength(6);

      for (const owner of owners) owner.process.kill('SIGKILL');
      await allGone(pids); // frozen ones among them, within five seconds
      await expect.poll(() => directories.filter(existsSync), { timeout: ALL_GONE_MS }).toEqual([]);
    }, 120_000);
  },
);
