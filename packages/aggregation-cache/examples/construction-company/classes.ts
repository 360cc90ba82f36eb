import { definePipelineClass } from '@nestcms/aggregation-cache';
import { z } from 'zod';

/** Who looks at a screen: by `_id`, so that a change of one user leaves the others in the cache. */
export const userLookup = definePipelineClass({
  name: 'userLookup',
  collection: 'users',
  params: z.object({ userId: z.int() }),
  rows: z.object({ _id: z.int(), name: z.string(), role: z.string() }),
  pipeline: ({ userId }) => [{ $match: { _id: userId } }, { $project: { name: 1, role: 1 } }],
  members: [{ replica: 'replica1' }, { replica: 'replica2' }],
  personal: true,
});

/** A project with its contracts. */
export const projectRelations = definePipelineClass({
  name: 'projectRelations',
  collection: 'projects',
  params: z.object({ projectId: z.int() }),
  rows: z.object({ _id: z.int(), title: z.string(), contracts: z.array(z.string()) }),
  pipeline: ({ projectId }) => [
    { $match: { _id: projectId } },
    {
      $lookup: {
        from: 'contracts',
        localField: '_id',
        foreignField: 'projectId',
        pipeline: [{ $sort: { _id: 1 } }],
        as: 'contracts',
      },
    },
    { $project: { title: 1, contracts: '$contracts.title' } },
  ],
  members: [{ replica: 'replica2' }, { replica: 'replica3' }],
});

/** Who works under a contract. */
export const contractEmployees = definePipelineClass({
  name: 'contractEmployees',
  collection: 'contracts',
  params: z.object({ contractId: z.int() }),
  rows: z.object({ _id: z.int(), employees: z.array(z.string()) }),
  pipeline: ({ contractId }) => [
    { $match: { _id: contractId } },
    {
      $lookup: {
        from: 'users',
        localField: 'employeeIds',
        foreignField: '_id',
        pipeline: [{ $sort: { _id: 1 } }],
        as: 'employees',
      },
    },
    { $project: { employees: '$employees.name' } },
  ],
  members: [{ replica: 'replica1' }, { replica: 'replica3' }],
  personal: true,
});

/** What a contract has earned, in minor units. People decide on it, so it is verified at each read. */
export const earnings = definePipelineClass({
  name: 'earnings',
  collection: 'payments',
  params: z.object({ contractId: z.int() }),
  rows: z.object({ _id: z.int(), minor: z.int() }),
  pipeline: ({ contractId }) => [
    { $match: { contractId } },
    { $group: { _id: '$contractId', minor: { $sum: '$minor' } } },
  ],
  members: [{ replica: 'replica3' }, { replica: 'replica1' }],
  mode: 'strict',
});

/** Contracts by state, for the dashboard. May be old for a while rather than slow. */
export const contractStatistics = definePipelineClass({
  name: 'contractStatistics',
  collection: 'contracts',
  rows: z.object({ _id: z.string(), contracts: z.int() }),
  pipeline: [{ $group: { _id: '$state', contracts: { $sum: 1 } } }, { $sort: { _id: 1 } }],
  members: [{ replica: 'replica2' }, { replica: 'replica1' }],
  staleWhileRevalidateMs: 30_000,
});
