// @ts-check
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readTap } from './tap.mjs';

/** Milliseconds after which a file is given up: the longest takes a few seconds. */
const LONGEST_MS = 120_000;

/** Files that hold no tests. */
const HELPERS = ['common.js'];

/** @param {string} directory */
export function testFiles(directory) {
  return readdirSync(join(directory, 'test'))
    .filter((file) => file.endsWith('.js') && !HELPERS.includes(file))
    .sort();
}

/**
 * Runs one file of tests in a process of its own.
 * @param {string} directory
 * @param {string} file
 * @returns {Promise<{ passed: number, failures: import('./expected.mjs').Failure[] }>}
 */
export async function runFile(directory, file) {
  const { output, errors, end } = await collect(join('test', file), directory);
  const { passed, failures, isComplete } = readTap(output);
  const found = failures.map((failure) => ({ file, ...failure }));
  if (!isComplete) {
    const said = errors.trim().split('\n').slice(-5).join('\n');
    found.push({ file, test: 'the file', assertion: `ends (${end})${said && `\n${said}`}` });
  }
  return { passed, failures: found };
}

/**
 * @param {string} script
 * @param {string} cwd
 * @returns {Promise<{ output: string, errors: string, end: string }>}
 */
function collect(script, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script], { cwd, timeout: LONGEST_MS });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ output, errors, end: signal ?? `code ${code}` }));
  });
}
