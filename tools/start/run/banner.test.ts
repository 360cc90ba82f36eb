import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import {
  DEMO_PASSWORD as PASSWORD_OF_THE_DATA,
  PEOPLE,
} from '../../../examples/nest-cms-server/src/demo/company.js';
import { DEMO_CLIENT, DEMO_EMPLOYEE } from '../lib/demo-logins.mjs';
import { banner, curlTour } from './banner.ts';

const facts = {
  url: 'http://127.0.0.1:3000',
  host: '127.0.0.1',
  logins: [
    { role: 'employee', email: 'e@example.com' },
    { role: 'client', email: 'c@example.com' },
  ],
  mongodb: 'mongod 6.0.5',
  redis: 'none',
  simulatorUrl: 'http://127.0.0.1:4000',
  logFile: '/data/server.log',
  seconds: 7.12,
};

it('begins with the line that programs wait for', () => {
  expect(banner(facts).split('\n')[0]).toBe('NestCMS is ready at http://127.0.0.1:3000');
});

it('names logins, servers and the simulator', () => {
  const text = banner(facts);
  for (const part of ['e@example.com', 'c@example.com', 'mongod 6.0.5', 'none', ':4000', '7.1 s']) {
    expect(text).toContain(part);
  }
});

it('shows no logins and no tour when there is no demo data', () => {
  const text = banner({ ...facts, logins: [] });
  expect(text).toContain('no demo logins');
  expect(text).not.toContain('curl');
});

it('knows the people of the demo data', () => {
  const known = PEOPLE.map(({ email, role }) => ({ email, role, password: PASSWORD_OF_THE_DATA }));
  expect(known).toContainEqual({ ...DEMO_EMPLOYEE, role: 'employee' });
  expect(known).toContainEqual({ ...DEMO_CLIENT, role: 'client' });
});

it('says who else can sign in, and with what, when it listens beyond this machine', () => {
  for (const host of ['127.0.0.1', '127.0.1.1', '::1', 'localhost']) {
    expect(banner({ ...facts, host })).not.toContain('Careful');
  }
  for (const host of ['0.0.0.0', '::', '192.168.0.7', 'my-machine']) {
    expect(banner({ ...facts, host })).toMatch(
      new RegExp(`HOST is ${host.replaceAll('.', '\\.')}.*over the network can sign in with\n  "`),
    );
  }
});

it('prints a curl tour without what zsh or dash take otherwise than bash', () => {
  for (const line of curlTour(facts.url)) expect(line).not.toMatch(/\s#|\$RANDOM|\[\[/);
});

it.each(['sh', 'bash'])('stops the curl tour in %s when a login gives no token', (shell) => {
  const bin = mkdtempSync(join(tmpdir(), 'nestcms-curl-'));
  onTestFinished(() => rmSync(bin, { recursive: true }));
  const calls = join(bin, 'calls');
  writeFileSync(join(bin, 'curl'), `#!/bin/sh\necho "$*" >> ${calls}\necho '{}'\n`, {
    mode: 0o755,
  });
  const { status, stderr } = spawnSync(shell, ['-c', curlTour(facts.url).join('\n')], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
  });
  expect(stderr).toContain('the login gave no token');
  expect(status).not.toBe(0);
  expect(readFileSync(calls, 'utf8').trim().split('\n')).toHaveLength(2); // the two logins
});
