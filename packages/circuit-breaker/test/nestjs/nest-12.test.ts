import { FastifyAdapter } from '@nestjs/platform-fastify';
import { describeNest } from './describe-nest.js';

describeNest({ major: 12, makeAdapter: () => new FastifyAdapter() });
