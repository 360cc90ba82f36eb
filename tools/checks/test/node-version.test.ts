import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT_ROOT } from '../lib/packages.mjs';

const manifest = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
  devDependencies: { node: string };
};
/** For example `24` or `24.21.0`; a CI matrix names the Node it means to test here. */
const expected = process.env.EXPECT_NODE ?? manifest.devDependencies.node;

it(`runs on Node ${expected}`, () => {
  const wanted = expected.replace(/^v/, '').split('.');
  const running = process.version.slice(1).split('.').slice(0, wanted.length);
  expect(running.join('.')).toBe(wanted.join('.'));
});
