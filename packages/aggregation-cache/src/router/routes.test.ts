import type { TagSet } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { everyRoute, planRoutes } from './routes.js';
import type { KnownMember, TopologyView } from './topology-view.js';

const member = (
  address: string,
  tags: TagSet = {},
  role: KnownMember['role'] = 'secondary',
): KnownMember => ({ address, tags, role });

type Topology = Pick<TopologyView, 'members' | 'shape'>;

const view = (members: KnownMember[], shape: Topology['shape'] = 'replicaSet'): Topology => ({
  members,
  shape,
});

const primary = member('p', {}, 'primary');
const plan = (
  wants: { members?: TagSet[]; primary?: 'last' | 'never' },
  of: Topology,
  random = () => 0,
) => {
  const made = planRoutes({ members: [], primary: 'last', ...wants }, of, random);
  return {
    ids: made.routes.map(({ id }) => id),
    preferences: made.routes.map(({ readPreference: { mode, tags } }) => [mode, tags]),
    absent: made.absent,
    worthWaiting: made.worthWaiting,
  };
};

describe('the ways to an answer', () => {
  it('follow the order of the class, the primary last', () => {
    const of = view([primary, member('a', { r: '1' }), member('b', { r: '2' })]);
    expect(plan({ members: [{ r: '2' }, { r: '1' }] }, of)).toEqual({
      ids: ['b', 'a', 'p'],
      preferences: [
        ['secondary', [{ r: '2' }]],
        ['secondary', [{ r: '1' }]],
        ['primary', undefined],
      ],
      absent: [],
      worthWaiting: false,
    });
  });

  it('pin each member by all its tags, so that each has a breaker of its own', () => {
    const of = view([member('a', { zone: 'x', r: '1' }), member('b', { zone: 'x', r: '2' })]);
    expect(plan({ members: [{ zone: 'x' }], primary: 'never' }, of)).toMatchObject({
      ids: ['a', 'b'],
      preferences: [
        ['secondary', [{ zone: 'x', r: '1' }]],
        ['secondary', [{ zone: 'x', r: '2' }]],
      ],
    });
  });

  it('start at a random one of equals, so that they share the load', () => {
    const of = view(['1', '2', '3'].map((r) => member(r, { zone: 'x', r })));
    const first = (random: number) =>
      plan({ members: [{ zone: 'x' }], primary: 'never' }, of, () => random).ids[0];
    expect([first(0), first(0.34), first(0.99)]).toEqual(['1', '2', '3']);
    const pair = view(['1', '2'].map((r) => member(r, { zone: 'x', r })));
    const wants = { members: [{ zone: 'x' }], primary: 'never' as const };
    expect(plan(wants, pair, () => 0.5).ids).toEqual(['2', '1']);
  });

  it('join members that tags cannot tell apart', () => {
    const of = view([member('b', { zone: 'x' }), member('a', { zone: 'x' }), primary]);
    expect(plan({ members: [{ zone: 'x' }] }, of).ids).toEqual(['a+b', 'p']);
  });

  it('do not lead to a member that became the primary, but as the last resort', () => {
    const of = view([member('a', { r: '1' }, 'primary'), member('b', { r: '2' })]);
    expect(plan({ members: [{ r: '1' }, { r: '2' }] }, of)).toMatchObject({
      ids: ['b', 'a'],
      absent: ['{"r":"1"}'],
    });
  });

  it('are worth waiting for only if the last resort is missing', () => {
    const without = view([member('a', { r: '1' })]);
    expect(plan({ members: [{ r: '1' }] }, without).worthWaiting).toBe(true);
    expect(plan({ members: [{ r: '1' }], primary: 'never' }, without).worthWaiting).toBe(false);
    expect(plan({ members: [{ r: '2' }], primary: 'never' }, without).worthWaiting).toBe(true);
    expect(plan({ members: [{ r: '2' }] }, view([primary])).worthWaiting).toBe(false);
  });

  it('are not known before anything was heard', () => {
    const nothing = { ids: [], preferences: [], worthWaiting: true };
    expect(plan({}, view([], 'unknown'))).toEqual({ ...nothing, absent: ['any member'] });
    expect(plan({}, view([], 'opaque'))).toEqual({ ...nothing, absent: ['any server'] });
  });

  it('of a sharded cluster hand the tags to its routers', () => {
    const of = view([member('s1', {}, 'router'), member('s2', {}, 'router')], 'opaque');
    const members = [{ r: '1' }, { r: '2' }];
    expect(plan({ members }, of)).toMatchObject({
      ids: ['s1+s2'],
      preferences: [['secondaryPreferred', members]],
    });
    expect(plan({ members, primary: 'never' }, of).preferences).toEqual([['secondary', members]]);
    expect(plan({}, of).preferences).toEqual([['primary', undefined]]);
  });

  it('of a sharded cluster name the least staleness that its routers can tell', () => {
    const of = view([member('s1', {}, 'router')], 'opaque');
    const [route] = planRoutes({ members: [{ r: '1' }], primary: 'last' }, of, () => 0).routes;
    expect(route?.readPreference.toJSON()).toEqual({
      mode: 'secondaryPreferred',
      tags: [{ r: '1' }],
      maxStalenessSeconds: 90,
    });
  });

  it('of a single server lead to it, whatever the tags', () => {
    const of = view([member('x', {}, 'standalone')], 'opaque');
    expect(plan({ members: [{ r: '1' }], primary: 'never' }, of)).toEqual({
      ids: ['x'],
      preferences: [['primary', undefined]],
      absent: [],
      worthWaiting: false,
    });
  });
});

describe('the ways to every member', () => {
  it('are one to each that can be told from its peers, none of them a fail-over', () => {
    const twins = ['b', 'c'].map((address) => member(address, { r: '2' }));
    const shared = member('p', { r: '1' }, 'primary');
    const ways = everyRoute([shared, member('a', { r: '1' }), ...twins]);
    expect(ways.map(({ id, role, isFailover }) => [id, role, isFailover])).toEqual([
      ['p', 'primary', false],
      ['a', 'secondary', false],
      ['b+c', 'secondary', false],
    ]);
    expect(everyRoute([member('s', {}, 'router'), member('x', {}, 'standalone')])).toEqual([]);
  });
});
