import { definePipelineClass } from '../../src/index.js';

/** Any class: the fake source answers all alike. */
export const contracts = definePipelineClass<{ id: number }, { value: string }>({
  name: 'contracts',
  collection: 'contracts',
  pipeline: ({ id }) => [
    { $match: { _id: id } },
    { $lookup: { from: 'payments', localField: '_id', foreignField: 'contract', as: 'payments' } },
  ],
  ttlMs: 60_000,
  ttlJitter: 0,
});

export const users = definePipelineClass<{ id: number }, { value: string }>({
  name: 'users',
  collection: 'users',
  pipeline: ({ id }) => [{ $match: { _id: id } }],
  ttlJitter: 0,
});
