import { runBench } from '@nestcms/bench/run-bench';
import { buildOurs } from './support/build.ts';

/** The groups of rows, in the order in which they run. */
const GROUPS = [
  'l1',
  'policy',
  'memory',
  'keys',
  'l2',
  'stampede',
  'invalidate',
  'outage',
  'warm',
  'lag',
  'members',
  'weight',
  'profile',
] as const;

const home = new URL('./', import.meta.url);
const bench = { home, groups: GROUPS, rounds: 9, quickRounds: 2, build: buildOurs };

process.exitCode = await runBench(bench, process.argv.slice(2));
