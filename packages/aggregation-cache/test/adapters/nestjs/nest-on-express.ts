import { ExpressAdapter } from '@nestjs/platform-express';
import { describeNest } from './describe-nest.js';

export const describeNestOnExpress = (major: number): void =>
  describeNest({ major, platform: 'Express', makeAdapter: () => new ExpressAdapter() });
