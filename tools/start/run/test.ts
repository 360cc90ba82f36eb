/** The work of `npm test`: real servers at hand, the suite once, one plain last line. */
import { once } from 'node:events';
import { constants } from 'node:os';
import { join } from 'node:path';
import { parseTest } from '../lib/arguments.mjs';
import { findMongod } from '../lib/mongod.mjs';
import { findRedisServer } from '../lib/redis-server.mjs';
import { detail, printFailure, StartError, step } from '../lib/say.mjs';
import { PROJECT_ROOT } from '../lib/set-up.mjs';
import { createSupervisor } from '../lib/supervisor.mjs';
import { describeTimes } from './project-times.ts';
import { closingLine, readTestReport } from './test-report.ts';
import { REPORT_FILE_VARIABLE } from './write-test-report.ts';

/** A user's own servers and settings, which tests must neither read nor change. */
const IGNORED_VARIABLES = [
  'MONGODB_URI',
  'REDIS_URL',
  'REDIS_STATE_URL',
  'REDIS_CACHE_URL',
  'NODE_ENV',
  'HOST',
  'PORT',
  'NESTCMS_URL',
];

async function testEnvironment(): Promise<NodeJS.ProcessEnv> {
  const environment = { ...process.env };
  for (const name of IGNORED_VARIABLES) {
    if (environment[name] !== undefined) detail(`${name} is set; tests ignore it.`);
    delete environment[name];
  }
  if (environment.TEST_MONGODB_URI) {
    detail('MongoDB: TEST_MONGODB_URI; tests that kill servers are skipped.');
  } else {
    const mongod = await findMongod();
    detail(`MongoDB: ${mongod.description}`);
    refuseOtherVersion(mongod.version, environment.EXPECT_MONGODB);
    environment.MONGOD_BINARY = mongod.path;
  }
  if (environment.TEST_REDIS_URL) {
    detail('Redis: TEST_REDIS_URL; tests that kill servers are skipped.');
  } else {
    detail(`Redis: ${(await findRedisServer()).description}`);
  }
  return environment;
}

/** A CI matrix names the MongoDB it means to test; another one found first would go unnoticed. */
function refuseOtherVersion(version: string, expected: string | undefined): void {
  if (!expected || `${version}.`.startsWith(`${expected}.`)) return;
  throw new StartError(`EXPECT_MONGODB is ${expected}, but the mongod found is ${version}.`, {
    remedy: 'set MONGOD_BINARY to the wanted one, or MONGOMS_VERSION to have it downloaded.',
  });
}

async function main(): Promise<number> {
  const { vitest } = parseTest(process.argv.slice(2));
  const supervisor = createSupervisor();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      step(`Stopping (${signal})`);
      void supervisor.close().then(() => process.exit(128 + constants.signals[signal]));
    });
  }
  try {
    step('Looking for the servers that the tests run on');
    const environment = await testEnvironment();
    step(`Running the tests on Node ${process.versions.node}`);
    const reportFile = join(supervisor.temporaryDirectory('nestcms-test-'), 'report.json');
    const run = supervisor.spawn(
      process.execPath,
      [
        join(PROJECT_ROOT, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--reporter=default',
        `--reporter=${join(import.meta.dirname, 'write-test-report.ts')}`,
        ...vitest,
      ],
      {
        cwd: PROJECT_ROOT,
        env: { ...environment, [REPORT_FILE_VARIABLE]: reportFile },
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    );
    const [exitCode] = (await once(run, 'exit')) as [number | null];
    const report = readTestReport(reportFile);
    const { lines, farBeyond } = describeTimes(report?.times ?? []);
    // Whoever works on a machine with other things to do need not hear of it as a failure.
    const complaints = environment.CI ? farBeyond : [];
    const { line, ok, remarks } = closingLine(report, exitCode, complaints);
    for (const told of lines) detail(told);
    for (const remark of remarks) detail(remark);
    process.stdout.write(`${line}\n`);
    return ok ? 0 : 1;
  } finally {
    await supervisor.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  printFailure(error);
  // Whoever reads the last line must not take what could not begin for a success.
  process.stdout.write('0 passed, 1 failed\n');
  process.exitCode = error instanceof StartError ? error.exitCode : 1;
}
