import { describeNestOnExpress } from '../../../packages/paytabs-client/test/nestjs/nest-on-express.js';
import { describeNestOnFastify } from '../../../packages/paytabs-client/test/nestjs/nest-on-fastify.js';

describeNestOnExpress(11);
describeNestOnFastify(11);
