import { describeNestOnExpress } from '../../../packages/aggregation-cache/test/adapters/nestjs/nest-on-express.js';
import { describeNestOnFastify } from '../../../packages/aggregation-cache/test/adapters/nestjs/nest-on-fastify.js';

describeNestOnExpress(11);
describeNestOnFastify(11);
