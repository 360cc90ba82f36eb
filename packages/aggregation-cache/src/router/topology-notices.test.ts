import { EventEmitter } from 'node:events';
import type { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { definePipelineClass } from '../classes/define-pipeline-class.js';
import { TopologyNotices } from './topology-notices.js';
import { TopologyView } from './topology-view.js';

const view = (type: string, servers: readonly string[]) =>
  new TopologyView(
    Object.assign(new EventEmitter(), {
      topology: {
        description: {
          type,
          servers: new Map(
            servers.map((server, index) => [
              `s${index}`,
              { address: `s${index}`, type: server, tags: {}, error: null },
            ]),
          ),
        },
      },
    }) as unknown as MongoClient,
  );

const open = () => {
  const told: { notice: string; message: string; pipelineClass?: string | undefined }[] = [];
  const notices = new TopologyNotices({
    emit: (_: string, payload: never) => {
      told.push(payload);
    },
  } as never);
  const classOf = (name: string) =>
    definePipelineClass({ name, collection: 'a', pipeline: [], members: [{ replica: 'one' }] });
  return { notices, told, classOf };
};

describe('a topology that is no replica set', () => {
  it.each([
    ['Single', ['Standalone'], 'standalone'],
    ['Single', ['RSSecondary'], 'singleMember'],
    ['Single', ['Mongos'], 'sharded'],
    ['Sharded', ['Mongos', 'Mongos'], 'sharded'],
    ['LoadBalanced', ['LoadBalancer'], 'loadBalanced'],
  ])('is told once, in one sentence: %s of %j', (type, servers, notice) => {
    const { notices, told, classOf } = open();
    const seen = view(type, servers);
    notices.check(classOf('x'), seen, []);
    notices.check(classOf('y'), seen, []);
    expect(told.map((one) => one.notice)).toEqual([notice]);
    expect(told[0]?.message).toMatch(/^[A-Z][^.]*\.$/);
    expect(told[0]?.pipelineClass).toBeUndefined();
  });
});

describe('a replica set', () => {
  it('is worth no word if it has what is wanted, or is not known yet', () => {
    const { notices, told, classOf } = open();
    const one = classOf('x');
    notices.check(one, view('Unknown', []), ['{"replica":"one"}']);
    notices.check(classOf('y'), view('ReplicaSetWithPrimary', ['RSPrimary']), []);
    notices.check(classOf('z'), view('ReplicaSetNoPrimary', ['RSSecondary']), ['primary']);
    expect(told).toEqual([]);
    notices.check(one, view('ReplicaSetWithPrimary', ['RSPrimary']), ['{"replica":"one"}']);
    expect(told.map(({ pipelineClass }) => pipelineClass)).toEqual(['x']);
  });

  it('has no sentence as long as nothing is known of it', () => {
    const { notices, told, classOf } = open();
    const absent = ['{"replica":"one"}'];
    expect(notices.tell(view('Unknown', []), classOf('x'), absent)).toEqual([]);
    expect(told).toEqual([]);
    const sentences = notices.tell(
      view('ReplicaSetNoPrimary', ['RSSecondary']),
      classOf('x'),
      absent,
    );
    expect(sentences).toEqual(told.map(({ message }) => message));
    expect(sentences).toHaveLength(1);
  });
});
