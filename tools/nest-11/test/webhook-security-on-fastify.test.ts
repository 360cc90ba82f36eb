import { describeNestOnFastify } from '../../../packages/webhook-security/test/adapters/nest-on-fastify.js';

describeNestOnFastify(11);
