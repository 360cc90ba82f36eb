import { createRequire } from 'node:module';
import { ExpressAdapter } from '@nestjs/platform-express';
import { expect, it } from 'vitest';
import { describeNest } from '../../../packages/circuit-breaker/test/nestjs/describe-nest.js';

it('runs on Nest 11', () => {
  const require = createRequire(import.meta.url);
  const { version } = require('@nestjs/core/package.json') as { version: string };
  expect(version).toMatch(/^11\./);
});

describeNest({ major: 11, makeAdapter: () => new ExpressAdapter() });
