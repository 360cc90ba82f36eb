import { EventEmitter } from 'node:events';
import type { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { TopologyView } from './topology-view.js';

type Servers = Readonly<Record<string, string>>;

const describeServers = (type: string, servers: Servers, error: unknown = null) => ({
  type,
  servers: new Map(
    Object.entries(servers).map(([address, server]) => [
      address,
      { address, type: server, tags: { at: address }, error },
    ]),
  ),
});

const open = (description?: unknown) => {
  const client = new EventEmitter();
  if (description !== undefined) Object.assign(client, { topology: { description } });
  const view = new TopologyView(client as unknown as MongoClient);
  const change = (newDescription: unknown) =>
    client.emit('topologyDescriptionChanged', { newDescription });
  return { client, view, change };
};

describe('the view of the topology', () => {
  it('knows nothing before anything was heard', () => {
    const { view } = open();
    expect([view.shape, view.members, view.isComplete, view.opaqueKind]).toEqual([
      'unknown',
      [],
      false,
      undefined,
    ]);
  });

  it.each([
    ['nothing', undefined],
    ['a topology of another kind', {}],
    ['servers of another kind', { servers: {} }],
  ])('of a client whose field holds %s waits for the first event', (_, description) => {
    const client = Object.assign(new EventEmitter(), { topology: { description } });
    const view = new TopologyView(client as unknown as MongoClient);
    expect(view.shape).toBe('unknown');
    client.emit('topologyDescriptionChanged', {
      newDescription: describeServers('ReplicaSetWithPrimary', { p: 'RSPrimary' }),
    });
    expect(view.shape).toBe('replicaSet');
  });

  it('of a client that is connected is there at once, with the members that can be read', () => {
    const { view } = open(
      describeServers('ReplicaSetWithPrimary', {
        p: 'RSPrimary',
        a: 'RSSecondary',
        b: 'RSArbiter',
        c: 'RSGhost',
        d: 'RSOther',
      }),
    );
    expect(view.shape).toBe('replicaSet');
    expect(view.opaqueKind).toBeUndefined();
    expect(view.isComplete).toBe(true);
    expect(view.members).toEqual([
      { address: 'p', tags: { at: 'p' }, role: 'primary' },
      { address: 'a', tags: { at: 'a' }, role: 'secondary' },
    ]);
  });

  it.each([
    ['Single', { a: 'Standalone' }, 'standalone', 'standalone'],
    ['Single', { a: 'RSPrimary' }, 'singleMember', 'primary'],
    ['Single', { a: 'RSSecondary' }, 'singleMember', 'secondary'],
    ['Single', { a: 'Mongos' }, 'sharded', 'router'],
    ['Sharded', { a: 'Mongos', b: 'Unknown' }, 'sharded', 'router'],
    ['LoadBalanced', { a: 'LoadBalancer' }, 'loadBalanced', 'router'],
  ])('names what is no replica set: %s of %j', (type, servers, kind, role) => {
    const { view } = open(describeServers(type, servers));
    expect([view.shape, view.opaqueKind]).toEqual(['opaque', kind]);
    expect(view.members.map((member) => member.role)).toEqual([role]);
  });

  it('knows a sharded cluster by its type, also before a router is heard', () => {
    const { view } = open(describeServers('Sharded', { a: 'Unknown' }));
    expect([view.opaqueKind, view.members, view.isComplete]).toEqual(['sharded', [], false]);
  });

  it('is complete once each server was heard of, be it that it is not there', () => {
    const { view, change } = open(
      describeServers('ReplicaSetWithPrimary', { p: 'RSPrimary', a: 'Unknown' }),
    );
    expect(view.isComplete).toBe(false);
    change(
      describeServers('ReplicaSetWithPrimary', { p: 'RSPrimary', a: 'Unknown' }, new Error('no')),
    );
    expect(view.isComplete).toBe(true);
    expect(view.members.map(({ address }) => address)).toEqual(['p']);
  });

  it('tells each change when it has taken it, until nobody listens or it is closed', () => {
    const { client, view, change } = open();
    const heard: string[] = [];
    const stop = view.onChange(() => heard.push(`one: ${view.shape}`));
    view.onChange(() => heard.push(`two: ${view.shape}`));
    change(describeServers('ReplicaSetWithPrimary', { p: 'RSPrimary' }));
    stop();
    change(describeServers('Unknown', { p: 'Unknown' }));
    expect(heard).toEqual(['one: replicaSet', 'two: replicaSet', 'two: unknown']);
    view.close();
    change(describeServers('ReplicaSetWithPrimary', { p: 'RSPrimary' }));
    expect([heard.length, view.shape]).toEqual([3, 'unknown']);
    expect(client.listenerCount('topologyDescriptionChanged')).toBe(0);
  });

  it('tells nobody any more once closed, even in the middle of a change', () => {
    const { view, change } = open();
    const heard: string[] = [];
    view.onChange(() => view.close());
    view.onChange(() => heard.push('late'));
    change(describeServers('ReplicaSetWithPrimary', { p: 'RSPrimary' }));
    expect(heard).toEqual([]);
  });

  it('is opaque to nobody any more when it becomes a replica set', () => {
    const { view, change } = open(describeServers('Single', { a: 'RSPrimary' }));
    change(describeServers('ReplicaSetWithPrimary', { a: 'RSPrimary' }));
    expect([view.shape, view.opaqueKind]).toEqual(['replicaSet', undefined]);
  });
});
