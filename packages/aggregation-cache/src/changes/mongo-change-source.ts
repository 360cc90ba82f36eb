import {
  BSON,
  type ChangeStream,
  type ChangeStreamOptions,
  type ClientSession,
  type Db,
  type MongoClient,
  type Timestamp,
} from 'mongodb';
import { classifyError, serverCodeOf } from '../router/classify-error.js';
import type { CausalToken } from '../validity/causal-token.js';
import type { ChangeListener, ChangeSource, ChangeStreamEnd } from './change-source.js';
import { type ChangeEvent, changedBy } from './changed-dependencies.js';

/** Milliseconds the server may hold an empty answer back: so often a quiet stream shows that it lives. */
const SIGN_OF_LIFE_MS = 500;
/** Events in one answer of the server at most: so few that it never cuts one shorter for its bytes. */
const MOST_EVENTS = 1_000;

/** The parts of an event that say what is void; documents themselves stay where they are. */
const PIPELINE = [
  {
    $project: {
      _id: 1,
      operationType: 1,
      ns: 1,
      to: 1,
      clusterTime: 1,
      'documentKey._id': 1,
    },
  },
];

const HISTORY_LOST = new Set([
  280, // ChangeStreamFatalError
  286, // ChangeStreamHistoryLost
  260, // InvalidResumeToken
]);
const REFUSED = new Set([
  13, // Unauthorized
  18, // AuthenticationFailed
  8000, // AtlasError
  40573, // The $changeStream stage is only supported on replica sets
  40324, // Unrecognized pipeline stage name
]);

type TimedEvent = ChangeEvent & { readonly clusterTime?: Timestamp };

/** One change stream over the whole database. */
export class MongoChangeSource implements ChangeSource {
  readonly #client: MongoClient;
  readonly #database: Db;

  constructor(parts: { readonly client: MongoClient; readonly database: Db }) {
    this.#client = parts.client;
    this.#database = parts.database;
  }

  open(
    from: Uint8Array | undefined,
    startAt: CausalToken | undefined,
    listener: ChangeListener,
  ): () => void {
    let startAfter: unknown;
    try {
      if (from !== undefined) startAfter = BSON.deserialize(from);
    } catch (error) {
      listener.ended({ kind: 'historyLost', error });
      return () => {};
    }
    // The signed cluster time that followers need is to be had from a session alone.
    const session = this.#client.startSession();
    const options: ChangeStreamOptions = {
      session,
      maxAwaitTimeMS: SIGN_OF_LIFE_MS,
      batchSize: MOST_EVENTS,
      showExpandedEvents: true,
      ...(startAfter === undefined ? {} : { startAfter }),
      ...(from === undefined && startAt !== undefined
        ? { startAtOperationTime: startAt.operationTime }
        : {}),
    };
    const stream = this.#database.watch(PIPELINE, options);
    return listen(stream, session, listener);
  }
}

const listen = (
  stream: ChangeStream,
  session: ClientSession,
  listener: ChangeListener,
): (() => void) => {
  let isOpen = true;
  let gathered = new Set<string>();
  let newest: Timestamp | undefined;
  /** Behind all that is gathered. */
  let place: unknown;
  /** The newest moment, all of whose events, as those of a transaction, have its time; maybe not all have come. */
  let moment: { readonly time: Timestamp; readonly dependencies: Set<string> } | undefined;
  /** Behind the last event, and the newest of all. */
  let passed: unknown;
  let token: unknown;
  let events = 0;
  let isTelling = false;
  const gatherMoment = (behindIt: unknown) => {
    place = behindIt;
    if (moment === undefined) return;
    newest = moment.time;
    for (const dependency of moment.dependencies) gathered.add(dependency);
    moment = undefined;
  };
  const tell = () => {
    isTelling = false;
    if (!isOpen) return;
    // A full answer may be cut within a transaction: the rest is in the next one.
    if (events < MOST_EVENTS) gatherMoment(token);
    events = 0;
    if (newest !== undefined) {
      const after = { operationTime: newest, clusterTime: session.clusterTime };
      const dependencies = gathered;
      gathered = new Set();
      newest = undefined;
      listener.changed({ dependencies, after });
    }
    if (place !== undefined) listener.reached(BSON.serialize(Object(place)));
  };
  const end = (why?: ChangeStreamEnd) => {
    if (!isOpen) return;
    isOpen = false;
    stream.close().catch(() => {});
    session.endSession().catch(() => {});
    if (why !== undefined) listener.ended(why);
  };
  stream.on('change', (event: TimedEvent) => {
    if (event.operationType === 'invalidate') {
      // What comes after it is not told by this stream.
      end({ kind: 'historyLost', error: new Error('The watched database was dropped.') });
      return;
    }
    events += 1;
    const { clusterTime } = event;
    if (clusterTime === undefined) return;
    if (moment !== undefined && !clusterTime.equals(moment.time)) gatherMoment(passed);
    moment ??= { time: clusterTime, dependencies: new Set() };
    for (const dependency of changedBy(event)) moment.dependencies.add(dependency);
    passed = token;
  });
  // Comes before each event and with each empty answer. The events of one answer follow each other without a
  // turn in between.
  stream.on('resumeTokenChanged', (next: unknown) => {
    token = next;
    if (isTelling) return;
    isTelling = true;
    // oxlint-disable-next-line no-restricted-globals -- the end of this turn, not a time
    setImmediate(tell);
  });
  stream.on('error', (error: unknown) => end({ kind: kindOf(error, token !== undefined), error }));
  // Comes before the error that is its reason, which the driver keeps to itself once the stream is closed.
  stream.on('close', () => {
    // oxlint-disable-next-line no-restricted-globals -- the end of this turn, not a time
    setImmediate(() => end({ kind: 'failed', error: new Error('The stream was closed.') }));
  });
  return () => end();
};

/** What an error that ends a stream says. A stream has begun once it has shown that it lives. */
export const kindOf = (error: unknown, hasBegun: boolean): ChangeStreamEnd['kind'] => {
  const code = serverCodeOf(error);
  if (code === undefined) return 'failed';
  if (HISTORY_LOST.has(code)) return 'historyLost';
  if (REFUSED.has(code)) return 'refused';
  // A place that the server cannot read has many codes. Nothing else of the question could be refused.
  return !hasBegun && classifyError(error) === 'query' ? 'historyLost' : 'failed';
};
