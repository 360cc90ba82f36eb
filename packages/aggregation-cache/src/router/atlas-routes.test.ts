import { describe, expect, it } from 'vitest';
import { definePipelineClass } from '../classes/define-pipeline-class.js';
import { atlasRoutes } from './atlas-routes.js';
import { planRoutes } from './routes.js';

const tags = (nodeType: string, region: string, others = {}) => ({
  nodeType,
  region,
  provider: 'AWS',
  diskState: 'READY',
  availabilityZone: `${region}-1`,
  ...(nodeType === 'ANALYTICS' ? {} : { workloadType: 'OPERATIONAL' }),
  ...others,
});

const MEMBERS = [
  { address: 'p', role: 'primary' as const, tags: tags('ELECTABLE', 'US_EAST_1') },
  { address: 'east', role: 'secondary' as const, tags: tags('ELECTABLE', 'US_EAST_1') },
  { address: 'west', role: 'secondary' as const, tags: tags('READ_ONLY', 'US_WEST_2') },
  { address: 'reports', role: 'secondary' as const, tags: tags('ANALYTICS', 'US_EAST_1') },
];

describe('the routes of Atlas', () => {
  it.each([
    ['analytics', atlasRoutes.analytics, ['reports', 'p']],
    ['operational', atlasRoutes.operational, ['east', 'west', 'p']],
    ['readOnly', atlasRoutes.readOnly, ['west', 'p']],
    ['electable', atlasRoutes.electable, ['east', 'p']],
    ['warm', atlasRoutes.warm, ['east', 'west', 'p']],
    ['region', atlasRoutes.region('AWS', 'US_WEST_2'), ['west', 'p']],
    ['availabilityZone', atlasRoutes.availabilityZone('US_EAST_1-1'), ['east', 'p']],
    [
      'one after another',
      [...atlasRoutes.region('AWS', 'US_WEST_2'), ...atlasRoutes.operational],
      ['west', 'east', 'p'],
    ],
  ])('lead a class to the nodes that they name: %s', (_, members, expected) => {
    const pipelineClass = definePipelineClass({
      name: 'x',
      collection: 'a',
      pipeline: [],
      members,
    });
    const view = { shape: 'replicaSet' as const, members: MEMBERS };
    const { routes } = planRoutes(pipelineClass, view, () => 0);
    expect(routes.map(({ id }) => id)).toEqual(expected);
  });
});
