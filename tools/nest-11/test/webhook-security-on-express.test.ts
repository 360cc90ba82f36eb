import { describeNestOnExpress } from '../../../packages/webhook-security/test/adapters/nest-on-express.js';

describeNestOnExpress(11);
