import { EventEmitter } from 'node:events';
import { CircuitBreakerRegistry, GuardedEmitter } from '@nestcms/circuit-breaker';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import {
  BSON,
  type Db,
  type Document,
  type MongoClient,
  type ReadPreference,
  Timestamp,
} from 'mongodb';
import type { AggregationCacheEvents } from '../../src/cache/events.js';
import { definePipelineClass } from '../../src/classes/define-pipeline-class.js';
import type { BreakerTuning } from '../../src/options.js';
import type { RoutingWishes, SourceRequest } from '../../src/ports/source.js';
import { MongoSource, type MongoSourceParts } from '../../src/router/mongo-source.js';
import { aggregation } from './aggregation.js';

export const turn = () => new Promise(setImmediate);

export interface FakeServer {
  readonly address: string;
  readonly type: string;
  readonly replica?: string;
}

export const SELECTION_MS = 2_000;

export const PRIMARY = { address: 'p', type: 'RSPrimary' };
export const ONE = { address: 'a', type: 'RSSecondary', replica: 'replica1' };
export const TWO = { address: 'b', type: 'RSSecondary', replica: 'replica2' };

interface Wishes extends RoutingWishes {
  readonly maxTimeMs?: number;
  readonly members?: readonly string[];
  readonly primary?: 'last' | 'never';
  readonly breaker?: BreakerTuning;
}

const DEFAULTS = { members: ['replica1', 'replica2'] };

/** A source over a driver whose topology and answers the test commands. */
export const openFakeSource = (
  servers: readonly FakeServer[],
  { maxPoolSize = 100, ...parts }: Partial<MongoSourceParts> & { maxPoolSize?: number } = {},
) => {
  const client = new EventEmitter();
  const clock = new ManualClock();
  const describeServers = (list: readonly FakeServer[]) => ({
    type: list.some(({ type }) => type === 'RSPrimary')
      ? 'ReplicaSetWithPrimary'
      : 'ReplicaSetNoPrimary',
    servers: new Map(
      list.map(({ address, type, replica }) => [
        address,
        { address, type, tags: replica === undefined ? {} : { replica }, error: null },
      ]),
    ),
  });
  const state = { connects: 0, closedCursors: 0 };
  Object.assign(client, {
    topology: { description: describeServers(servers) },
    connect: async () => {
      state.connects += 1;
      throw new Error('Nobody is there.');
    },
    startSession: () => ({
      operationTime: new Timestamp({ t: 5, i: 0 }),
      endSession: async () => {},
    }),
    options: { maxPoolSize },
  });
  const asked: string[] = [];
  const nameOf = ({ tags, mode }: ReadPreference) => tags?.[0]?.replica ?? mode;
  let answer: (member: string) => Promise<Uint8Array[]> = async () => [BSON.serialize({ a: 1 })];
  let batch: (member: string) => Promise<Uint8Array[] | undefined> = async () => undefined;
  let command: (member: string, sent: Document) => Promise<Document> = async () => ({ ok: 1 });
  let explain: (member: string) => Promise<Document> = async () => ({});
  const database = {
    collection: () => ({
      aggregate: (_: unknown, { readPreference }: { readPreference: ReadPreference }) => {
        const name = nameOf(readPreference);
        let next: Uint8Array[] | undefined;
        return {
          toArray: () => {
            asked.push(name);
            return answer(name);
          },
          hasNext: async () => {
            asked.push(name);
            next = await batch(name);
            return next !== undefined;
          },
          readBufferedDocuments: () => next,
          explain: () => explain(name),
          close: async () => {
            state.closedCursors += 1;
          },
        };
      },
    }),
    command: (sent: Document, { readPreference }: { readPreference: ReadPreference | 'primary' }) =>
      command(readPreference === 'primary' ? 'primary' : nameOf(readPreference), sent),
  };
  const events = new GuardedEmitter<AggregationCacheEvents>();
  const passedOver: string[] = [];
  events.on('memberPassedOver', ({ member, reason }) => {
    passedOver.push(`${member} ${reason}`);
  });
  const source = new MongoSource({
    client: client as unknown as MongoClient,
    database: database as unknown as Db,
    breakers: new CircuitBreakerRegistry({ clock }),
    memberBreaker: { minimumCalls: 2, openForMs: 1_000, halfOpen: { trials: 1 } },
    keyPrefix: 'test',
    events,
    clock,
    random: () => 0,
    selectionTimeoutMs: SELECTION_MS,
    lagBudgetMs: 100,
    lagProbeMs: 100,
    primaryShare: 1,
    ...parts,
  });
  const classOf = ({
    members = DEFAULTS.members,
    primary = 'last',
    maxTimeMs = 500,
    ...wishes
  }: Wishes = {}) => ({
    ...definePipelineClass({
      name: 'x',
      collection: 'a',
      pipeline: [],
      members: members.map((replica) => ({ replica })),
      primary,
      maxTimeMs,
    }),
    ...wishes,
  });
  return {
    clock,
    asked,
    client,
    state,
    passedOver,
    events,
    source,
    classOf,
    fetch: (wishes: Wishes | readonly string[] = DEFAULTS, more: Partial<SourceRequest> = {}) =>
      source.fetch({
        pipelineClass: classOf(Array.isArray(wishes) ? { members: wishes } : (wishes as Wishes)),
        operation: aggregation(),
        ...more,
      }),
    /** What members answer from now on; they are named by their tag, or `primary`. */
    answerWith: (next: typeof answer) => {
      answer = next;
    },
    stream: (more: Partial<SourceRequest> = {}) =>
      source.fetchStream({ pipelineClass: classOf(), operation: aggregation(), ...more }),
    /** The batches of members, one after another; undefined is the end. */
    streamWith: (next: typeof batch) => {
      batch = next;
    },
    /** What members answer when they are to explain. */
    explainWith: (next: typeof explain) => {
      explain = next;
    },
    /** What members answer to commands such as `hello`. */
    commandsWith: (next: typeof command) => {
      command = next;
    },
    change: (list: readonly FakeServer[]) =>
      client.emit('topologyDescriptionChanged', { newDescription: describeServers(list) }),
  };
};
