import { describeNestOnExpress } from './nest-on-express.js';

describeNestOnExpress(12);
