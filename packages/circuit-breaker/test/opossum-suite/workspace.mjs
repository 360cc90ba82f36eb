// @ts-check
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FACADE = fileURLToPath(new URL('../../cjs/opossum.cjs', import.meta.url));

/** What the tests require by path, and where the facade has it. */
const FILES = {
  'index.js': '',
  'lib/cache.js': '.MemoryCache',
  'lib/semaphore.js': '.Semaphore',
  'lib/status.js': '.Status',
};

/**
 * The tests beside files that stand where opossum's own do and give out the facade.
 * @param {string} checkout
 * @param {string} modules a `node_modules` with what the tests require
 */
export function prepareWorkspace(checkout, modules) {
  const directory = mkdtempSync(join(tmpdir(), 'opossum-suite-'));
  cpSync(join(checkout, 'test'), join(directory, 'test'), { recursive: true });
  mkdirSync(join(directory, 'lib'));
  for (const [file, member] of Object.entries(FILES)) {
    const code = `'use strict';\nmodule.exports = require(${JSON.stringify(FACADE)})${member};\n`;
    writeFileSync(join(directory, file), code);
  }
  writeFileSync(join(directory, 'package.json'), '{ "type": "commonjs" }\n');
  symlinkSync(modules, join(directory, 'node_modules'), 'junction');
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
