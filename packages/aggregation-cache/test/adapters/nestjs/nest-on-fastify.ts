import { FastifyAdapter } from '@nestjs/platform-fastify';
import { describeNest } from './describe-nest.js';

export const describeNestOnFastify = (major: number): void =>
  describeNest({ major, platform: 'Fastify', makeAdapter: () => new FastifyAdapter() });
