import { describeNestOnFastify } from './nest-on-fastify.js';

describeNestOnFastify(12);
