// @ts-check
/**
 * Compares the public surface of every published entry with the committed reports
 * (`packages/<name>/etc/<entry>.api.md`).
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { reportEntry } from './lib/api-extractor.mjs';
import { firstDifference } from './lib/difference.mjs';
import { PROJECT_ROOT, publishedPackages } from './lib/packages.mjs';

const USAGE = `Usage: pnpm run check:api [--update] [--built]

  --update   write the reports instead of comparing them
  --built    trust the dist folders that are there; without it the packages are built first
`;

process.exitCode = main(process.argv.slice(2));

/**
 * @param {string[]} argv
 * @returns {number} exit code
 */
function main(argv) {
  /** @type {{ update?: boolean, built?: boolean, help?: boolean }} */
  let options;
  try {
    options = parseArgs({
      args: argv.filter((argument) => argument !== '--'),
      options: {
        update: { type: 'boolean' },
        built: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (!options.built && !build()) return 1;
  const temporary = mkdtempSync(join(tmpdir(), 'nestcms-api-'));
  try {
    return check(temporary, options.update === true);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function build() {
  const command = ['-y', 'pnpm@12.21.0', '-r', '--filter', './packages/*', 'run', 'build'];
  process.stdout.write('Building the packages …\n');
  const { status, stdout, stderr } = spawnSync('npx', command, {
    cwd: PROJECT_ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) process.stderr.write(`${stdout}${stderr}\nThe build failed.\n`);
  return status === 0;
}

/**
 * @param {string} temporary
 * @param {boolean} update
 */
function check(temporary, update) {
  const differing = [];
  /** @type {string[]} */
  const known = [];
  const packages = publishedPackages();
  for (const published of packages) {
    for (const entry of published.entries) {
      const result = reportEntry(published, entry, temporary);
      known.push(result.file);
      if (result.state !== 'same') differing.push({ ...result, specifier: entry.specifier });
    }
  }
  const orphans = packages
    .flatMap(({ folder }) => committedReports(folder))
    .filter((file) => !known.includes(file));

  if (update) {
    for (const { file, expected } of differing) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, expected);
      process.stdout.write(`written  ${relative(PROJECT_ROOT, file)}\n`);
    }
    for (const file of orphans) {
      rmSync(file);
      process.stdout.write(`removed  ${relative(PROJECT_ROOT, file)}\n`);
    }
    if (differing.length + orphans.length > 0) {
      process.stdout.write('A changed surface needs a changeset: pnpm run changeset\n');
    }
    return 0;
  }

  for (const { file, state, expected, specifier } of differing) {
    const where = relative(PROJECT_ROOT, file);
    process.stderr.write(
      state === 'new'
        ? `${specifier} has no report yet (${where}).\n`
        : `The surface of ${specifier} differs from ${where}:\n${firstDifference(file, expected)}\n`,
    );
  }
  for (const file of orphans) {
    process.stderr.write(`${relative(PROJECT_ROOT, file)} belongs to no entry.\n`);
  }
  if (differing.length + orphans.length > 0) {
    process.stderr.write(
      'If the change is meant: "pnpm run check:api --update", commit the reports, and add a changeset ("pnpm run changeset").\n',
    );
    return 1;
  }
  process.stdout.write(`The surface of ${known.length} entries is as reported.\n`);
  return 0;
}

/** @param {string} folder */
function committedReports(folder) {
  try {
    return readdirSync(join(folder, 'etc'))
      .filter((name) => name.endsWith('.api.md'))
      .map((name) => join(folder, 'etc', name));
  } catch {
    return [];
  }
}
