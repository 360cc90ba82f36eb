/**
 * Runs every published case with both builds on every runtime that can be had:
 * `pnpm --filter @nestcms/webhook-security run runtimes [--only NAME]`. Prints a line for each.
 */
import {
  type AlsoCheck,
  bundleProgram,
  bunHost,
  chromiumHost,
  denoHost,
  nodeHost,
  runPrograms,
  workerdHost,
} from '@nestcms/runtimes';
import { webPlatform } from '../../web-platform.ts';

const overlapping: AlsoCheck = {
  name: 'requests that overlap are each judged by their own signature',
  check: async (ask) => {
    const numbers = Array.from({ length: 40 }, (_, number) => number);
    const answers = await Promise.all(numbers.map((number) => ask(`?number=${number}`)));
    const expected = numbers.map((number) =>
      number % 2 === 0 ? `200 {"number":${number}}` : '401 {"reason":"signature"}',
    );
    if (answers.join() !== expected.join()) throw new Error(answers.join());
  },
};

const entry = new URL('program.ts', import.meta.url);
const forNode = await bundleProgram(entry, { platform: 'node' });
const forWeb = await bundleProgram(entry, { plugins: [webPlatform] });

const hosts = [nodeHost(), bunHost(), denoHost()];
const workers = [
  workerdHost('workerd', { date: '2026-11-01', flags: ['nodejs_compat'] }, [overlapping]),
  // Without anything of Node.
  workerdHost('workerd, bare', { date: '2024-01-01', flags: [] }, [overlapping]),
];

process.exitCode = await runPrograms(process.argv.slice(2), [
  ...hosts.map((host) => ({ name: host.name, host, program: forNode })),
  ...[...hosts, ...workers, chromiumHost()].map((host) => ({
    name: `${host.name}, web build`,
    host,
    program: forWeb,
  })),
]);
