/**
 * Runs the same small program, with the sources of the core in it, on every runtime that can be had:
 * `pnpm --filter @nestcms/circuit-breaker run runtimes [--only NAME]`. Prints a line for each.
 */
import {
  type AlsoCheck,
  browserContextHost,
  bundleProgram,
  bunHost,
  chromiumHost,
  denoHost,
  nodeHost,
  runPrograms,
  workerdHost,
} from '@nestcms/runtimes';

/** A timer ends with the request that set it: the time limit of another one must hold all the same. */
const overlapping: AlsoCheck = {
  name: 'time limits hold for requests that overlap',
  check: async (ask) => {
    const codes = await Promise.all(['?ms=30', '?ms=150'].map(ask));
    if (codes.join() !== 'TIMEOUT,TIMEOUT') throw new Error(codes.join());
  },
};

const hosts = [
  nodeHost(),
  bunHost(),
  denoHost(),
  workerdHost('workerd', { date: '2026-11-01', flags: ['nodejs_compat'] }, [overlapping]),
  // Without anything of Node.
  workerdHost('workerd, bare', { date: '2024-01-01', flags: [] }, [overlapping]),
  browserContextHost(),
  chromiumHost(),
];

const program = await bundleProgram(new URL('program.ts', import.meta.url));
process.exitCode = await runPrograms(
  process.argv.slice(2),
  hosts.map((host) => ({ name: host.name, host, program })),
);
