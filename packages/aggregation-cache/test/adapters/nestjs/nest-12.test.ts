import { describeNestOnExpress } from './nest-on-express.js';
import { describeNestOnFastify } from './nest-on-fastify.js';

describeNestOnExpress(12);
describeNestOnFastify(12);
