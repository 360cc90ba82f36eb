import 'reflect-metadata';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { describe } from 'vitest';
import { describeFilter } from './describe-filter.js';
import { describeHealth } from './describe-health.js';
import { describeInvalidates } from './describe-invalidates.js';
import { describeModule } from './describe-module.js';

/** A version of Nest on one of its platforms. */
export interface NestUnderTest {
  readonly major: number;
  readonly platform: 'Express' | 'Fastify';
  readonly makeAdapter: () => AbstractHttpAdapter;
}

/**
 * What the entry `/nestjs` does, whatever the version of Nest and the platform. The imports of `@nestjs/*` here and in
 * the sources mean the version of the project that calls this.
 */
export function describeNest(nest: NestUnderTest): void {
  describe(`Nest ${nest.major} on ${nest.platform}`, () => {
    describeModule(nest);
    describeHealth();
    describeFilter(nest);
    describeInvalidates(nest);
  });
}
