import 'reflect-metadata';
import { describe } from 'vitest';
import { describeExamples } from '../../../readme.shared.js';

const pageUrl = new URL(
  '../../../packages/paytabs-client/docs/recipes/webhook.md',
  import.meta.url,
);

describe('the recipe for notices on Nest 11', () => {
  describeExamples(pageUrl, 1, new URL('../', import.meta.url), '@nestjs/core');
});
