import type {} from '@nestcms/testbed';
import { beforeAll, describe, inject, vi } from 'vitest';
import { describeExamples } from '../../../../readme.shared.js';

const packageUrl = new URL('../../', import.meta.url);

beforeAll(() => {
  vi.stubEnv('MONGODB_URI', inject('mongodbUri'));
  vi.stubEnv('REDIS_URL', inject('redisCacheUrl'));
});

describe('the recipes', () => {
  describeExamples(new URL('docs/recipes.md', packageUrl), 12, packageUrl);
});
