import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { BSON, type Db, type Document, type MongoClient, ReadPreference, Timestamp } from 'mongodb';
import { definePipelineClass } from '../../src/classes/define-pipeline-class.js';
import type { SourceRequest } from '../../src/ports/source.js';
import { AttemptFailed, MemberReader } from '../../src/router/member-reader.js';
import type { Route } from '../../src/router/routes.js';
import type { KnownMember, TopologyView } from '../../src/router/topology-view.js';

export const ts = (t: number) => new Timestamp({ t, i: 0 });
export const settled = () => new Promise(setImmediate);
export const row = (n: number) => BSON.serialize({ n });
export const numbers = (rows: readonly Uint8Array[] | undefined) =>
  rows?.map((bytes) => BSON.deserialize(bytes).n as number);

export const member = (address: string, role: KnownMember['role'] = 'secondary'): KnownMember => ({
  address,
  tags: { at: address },
  role,
});
export const routeTo = (
  members: readonly KnownMember[],
  role: Route['role'] = 'secondary',
): Route => ({
  id: members.map(({ address }) => address).join('+'),
  members,
  role,
  isFailover: false,
  readPreference: new ReadPreference('secondary'),
});

export const pipelineClass = definePipelineClass({
  name: 'x',
  collection: 'rows',
  pipeline: [],
  maxTimeMs: 500,
});
export const [A, B, P] = [member('a'), member('b'), member('p', 'primary')];
export const ROUTE = routeTo([A]);
export const PRIMARY = routeTo([P], 'primary');
export const AFTER = { operationTime: ts(5), clusterTime: { clusterTime: ts(6) } };

export class FakeSession {
  readonly options: Document;
  readonly advanced: unknown[] = [];
  snapshotTime: Timestamp | undefined;
  isEnded = false;
  refuses = false;

  constructor(options: Document, refuses: boolean) {
    this.options = options;
    this.refuses = refuses;
  }
  advanceClusterTime(time: unknown) {
    if (this.refuses) throw new Error('no time');
    this.advanced.push(time);
  }
  advanceOperationTime(time: unknown) {
    this.advanced.push(time);
  }
  async endSession() {
    this.isEnded = true;
    throw new Error('nobody is there');
  }
}

/** A reader over a driver that answers as the test says. */
export const openReader = (members: readonly KnownMember[] = [A, B, P]) => {
  const clock = new ManualClock();
  const sessions: FakeSession[] = [];
  const state = {
    members,
    refusesTimes: false,
    address: 'a' as string | undefined,
    /** What a wait for a time and a question do. */
    wait: async (): Promise<unknown> => [],
    answer: async (): Promise<Uint8Array[]> => [row(1)],
    batches: [] as Uint8Array[][],
    batch: async () => {},
    closes: 0,
  };
  const sent: { kind: string; collection: string; what: unknown; options: Document }[] = [];
  const listeners = new Set<() => void>();
  const client = {
    startSession: (options: Document) => {
      const session = new FakeSession(options, state.refusesTimes);
      sessions.push(session);
      return session;
    },
  };
  const database = {
    collection: (collection: string) => ({
      find: (what: unknown, options: Document) => ({
        toArray: () => {
          sent.push({ kind: 'wait', collection, what, options });
          return state.wait();
        },
      }),
      aggregate: (what: unknown, options: Document) => {
        sent.push({ kind: 'question', collection, what, options });
        return {
          toArray: () => state.answer(),
          hasNext: async () => {
            await state.batch();
            return state.batches.length > 0;
          },
          readBufferedDocuments: () => state.batches.shift(),
          close: async () => {
            state.closes += 1;
            throw new Error('already closed');
          },
          server: { description: { address: state.address } },
        };
      },
    }),
  };
  const view = {
    get members() {
      return state.members;
    },
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const reader = new MemberReader({
    client: client as unknown as MongoClient,
    database: database as unknown as Db,
    view: view as unknown as TopologyView,
    clock,
    lagBudgetMs: 1_000,
  });
  const asked: string[] = [];
  const onAsked = () => asked.push(sent.at(-1)?.kind ?? '');
  const requestOf = (more: Partial<SourceRequest> = {}): SourceRequest => ({
    pipelineClass,
    operation: { kind: 'aggregate', pipeline: [{ $match: {} }] },
    ...more,
  });
  const read = (more: Partial<SourceRequest> = {}, route = ROUTE) =>
    reader.read(route, requestOf(more), onAsked);
  const stream = (more: Partial<SourceRequest> = {}, route = ROUTE) =>
    reader.stream(route, requestOf(more), onAsked);
  const change = (next: readonly KnownMember[]) => {
    state.members = next;
    for (const listener of listeners) listener();
  };
  const kinds = () => sent.map(({ kind }) => kind);
  /** Whether the first question was told to stop. */
  const isStopped = () => (sent[0]?.options.signal as AbortSignal | undefined)?.aborted;
  return {
    clock,
    sessions,
    state,
    sent,
    listeners,
    reader,
    asked,
    read,
    stream,
    change,
    kinds,
    isStopped,
  };
};

/** How an attempt ended: why it failed, if it did. */
export const failureOf = (reading: Promise<unknown>) =>
  reading.then(
    () => 'answered',
    (error: unknown) => (error instanceof AttemptFailed ? error.failure : error),
  );
