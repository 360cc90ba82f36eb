import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reservePort } from '../lib/ports.mjs';
import { runCommand, scriptPath } from './support/start-command.js';

let cache: string;
beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), 'nestcms-usage-'));
});
afterAll(() => rmSync(cache, { recursive: true }));

const run = async (name: 'start' | 'tour' | 'test', args: string[], environment = {}) => {
  const command = runCommand(process.execPath, [scriptPath(name), ...args], { cache, environment });
  return { code: await command.ended, output: command.output() };
};

it.each([
  ['start', ['--prot', '1']],
  ['start', ['--port', 'http']],
  ['tour', ['--url', 'x']],
  ['test', ['--watch']],
] as const)('npm %s %s ends with 2 and says why', async (name, args) => {
  const { code, output } = await run(name, [...args]);
  expect(code).toBe(2);
  expect(output).toMatch(/Unknown option|from 0 to 65535/);
});

it.each(['start', 'tour', 'test'] as const)(
  '%s --help prints its usage and ends well',
  async (name) => {
    const { code, output } = await run(name, ['--help']);
    expect(code).toBe(0);
    expect(output).toMatch(/^Usage: npm (start|run tour|test)/);
  },
);

it('the tour says that no server runs', async () => {
  const { code, output } = await run('tour', []);
  expect(code).toBe(1);
  expect(output).toContain('npm start');
});

it('the tour names the step at which a server does not answer', async () => {
  const { port, release } = await reservePort();
  const { code, output } = await run('tour', [], { NESTCMS_URL: `http://127.0.0.1:${port}` });
  release();
  expect(code).toBe(1);
  expect(output).toMatch(/^not ok {2}1 the server is ready: .*ECONNREFUSED/);
});

it('a start under NODE_ENV=production is refused: it would make demo logins', async () => {
  const { code, output } = await run('start', ['--port', '0'], { NODE_ENV: 'production' });
  expect(code).toBe(1);
  expect(output).toContain('never runs under NODE_ENV=production');
});
