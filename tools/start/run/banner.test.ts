import { expect, it } from 'vitest';
import {
  DEMO_PASSWORD as PASSWORD_OF_THE_DATA,
  PEOPLE,
} from '../../../examples/nest-cms-server/src/demo/company.js';
import { DEMO_CLIENT, DEMO_EMPLOYEE } from '../lib/demo-logins.mjs';
import { banner } from './banner.ts';

const facts = {
  url: 'http://127.0.0.1:3000',
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
