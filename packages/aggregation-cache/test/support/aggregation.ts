import type { Document } from 'mongodb';
import type { Operation } from '../../src/ports/source.js';

export const aggregation = (pipeline: readonly Document[] = []): Operation => ({
  kind: 'aggregate',
  pipeline,
});
