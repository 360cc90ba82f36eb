import 'reflect-metadata';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { describe } from 'vitest';
import { describeFilter } from './describe-filter.js';
import { describeGuardedMethods } from './describe-guarded-methods.js';
import { describeModule } from './describe-module.js';
import { describeShutdown } from './describe-shutdown.js';

/** A version of Nest, with the platform that its tests run on. */
export interface NestUnderTest {
  readonly major: number;
  readonly makeAdapter: () => AbstractHttpAdapter;
}

/**
 * What the entry `/nestjs` does, whatever the version of Nest. The imports of `@nestjs/*` here and in the
 * sources mean the version of the project that calls this.
 */
export const describeNest = (nest: NestUnderTest): void => {
  describe(`Nest ${nest.major}`, () => {
    describeModule(nest);
    describeGuardedMethods(nest);
    describeFilter(nest);
    describeShutdown(nest);
  });
};
