import type { Clock } from '@nestcms/circuit-breaker';
import type { AggregateOptions, ClientSession, Db, MongoClient, Timestamp } from 'mongodb';
import type { ServedBy, SourceAnswer, SourceRequest } from '../ports/source.js';
import { type CausalToken, reaches } from '../validity/causal-token.js';
import { classifyError, type Failure } from './classify-error.js';
import type { Route } from './routes.js';
import type { TopologyView } from './topology-view.js';

/** What a member is given beyond `maxTimeMs` to say that the time is over, before it is taken for dead. */
const GRACE_MS = 250;

/** One attempt at one route that did not end in rows. */
export class AttemptFailed extends Error {
  readonly failure: Failure | 'lagging';

  constructor(failure: Failure | 'lagging', cause: unknown) {
    super(`The attempt failed: ${failure}.`, { cause });
    this.failure = failure;
  }
}

/** Reads from one route, and gives up on it the moment the driver no longer sees its members. */
export class MemberReader {
  readonly #client: MongoClient;
  readonly #database: Db;
  readonly #view: TopologyView;
  readonly #clock: Clock;
  readonly #lagBudgetMs: number;
  /** What each member is known to have reached, so that only the first fill after a write waits for it. */
  readonly #reached = new Map<string, Timestamp>();
  readonly #stopWatching: () => void;

  constructor(parts: {
    readonly client: MongoClient;
    readonly database: Db;
    readonly view: TopologyView;
    readonly clock: Clock;
    readonly lagBudgetMs: number;
  }) {
    this.#client = parts.client;
    this.#database = parts.database;
    this.#view = parts.view;
    this.#clock = parts.clock;
    this.#lagBudgetMs = parts.lagBudgetMs;
    // A member that left may come back with older data, from a backup or an initial sync.
    this.#stopWatching = parts.view.onChange(() => {
      const present = new Set(parts.view.members.map(({ address }) => address));
      for (const address of this.#reached.keys()) {
        if (!present.has(address)) this.#reached.delete(address);
      }
    });
  }

  close(): void {
    this.#stopWatching();
  }

  /** @throws AttemptFailed */
  async read(route: Route, request: SourceRequest): Promise<SourceAnswer> {
    try {
      return await this.#readAfter(route, request, request.after);
    } catch (error) {
      if (!(error instanceof AttemptFailed) || error.failure !== 'timeUnknown') throw error;
    }
    // The signed time reaches a connection with its first answer; the second try carries it.
    try {
      return await this.#readAfter(route, request, request.after);
    } catch (error) {
      const isLast = error instanceof AttemptFailed && error.failure === 'timeUnknown';
      if (!isLast || route.role === 'secondary') throw error;
    }
    // The primary has every acknowledged write, whatever it makes of the time; but nothing proves it.
    return { ...(await this.#readAfter(route, request, undefined)), storable: false };
  }

  async #readAfter(
    route: Route,
    request: SourceRequest,
    after: CausalToken | undefined,
  ): Promise<SourceAnswer> {
    const stop = new AbortController();
    const session = after === undefined ? undefined : this.#sessionAt(after);
    const limitMs =
      request.pipelineClass.maxTimeMs + GRACE_MS + (session === undefined ? 0 : this.#lagBudgetMs);
    try {
      return await this.#whileThere(route, limitMs, stop, async () => {
        if (session !== undefined) await this.#waitFor(route, request, session, stop.signal);
        return this.#aggregate(route, request, session, after, stop.signal);
      });
    } catch (error) {
      throw error instanceof AttemptFailed ? error : new AttemptFailed(classifyError(error), error);
    } finally {
      // Ends on its own time: a session of a dead member must not hold the answer up.
      session?.endSession().catch(() => {});
    }
  }

  #sessionAt({ operationTime, clusterTime }: CausalToken): ClientSession {
    const session = this.#client.startSession({ causalConsistency: true });
    try {
      if (clusterTime !== undefined) session.advanceClusterTime(clusterTime);
      session.advanceOperationTime(operationTime);
    } catch (error) {
      session.endSession().catch(() => {});
      throw new AttemptFailed('timeUnknown', error);
    }
    return session;
  }

  /** Waits until the member has the wanted time, apart from the aggregation: lag is not a slow query. */
  async #waitFor(
    route: Route,
    { pipelineClass, after }: SourceRequest,
    session: ClientSession,
    signal: AbortSignal,
  ): Promise<void> {
    const isThere = ({ address }: { address: string }) =>
      reaches(this.#reached.get(address), after?.operationTime);
    if (route.members.every(isThere)) return;
    const probe = this.#database.collection(pipelineClass.collection).find(
      { _id: { $in: [] } },
      {
        session,
        signal,
        readPreference: route.readPreference,
        readConcern: { level: 'majority' },
        maxTimeMS: this.#lagBudgetMs,
        comment: `aggregation-cache: waits for ${route.role}`,
      },
    );
    try {
      await probe.toArray();
    } catch (error) {
      const failure = classifyError(error);
      throw new AttemptFailed(failure === 'maxTime' ? 'lagging' : failure, error);
    }
    const [only, ...others] = route.members;
    if (only !== undefined && others.length === 0 && after !== undefined) {
      this.#reached.set(only.address, after.operationTime);
    }
  }

  async #aggregate(
    route: Route,
    { pipelineClass, pipeline, options: asked }: SourceRequest,
    session: ClientSession | undefined,
    after: CausalToken | undefined,
    signal: AbortSignal,
  ): Promise<SourceAnswer> {
    const options: AggregateOptions = {
      ...(asked as AggregateOptions),
      ...(session === undefined ? {} : { session }),
      // Majority, so that nothing is kept that a failover could undo. A server on its own knows no such thing.
      ...(route.role === 'standalone' ? {} : { readConcern: { level: 'majority' } }),
      readPreference: route.readPreference,
      maxTimeMS: pipelineClass.maxTimeMs,
      comment: `aggregation-cache: ${pipelineClass.name}`,
      raw: true,
    };
    const cursor = this.#database
      .collection(pipelineClass.collection)
      .aggregate<Uint8Array>(pipeline, { ...options, signal });
    const rows = compact(await cursor.toArray());
    return { rows, member: servedBy(cursor, route), asOf: after?.operationTime, storable: true };
  }

  /** Runs `work` while the route has a member and time is left; after that nobody waits for it. */
  #whileThere<T>(
    route: Route,
    limitMs: number,
    stop: AbortController,
    work: () => Promise<T>,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // It may have left while this read waited for its turn.
      if (!isThere(route, this.#view)) throw new AttemptFailed('gone', undefined);
      const giveUp = (failure: Failure) => {
        end();
        reject(new AttemptFailed(failure, undefined));
        // Closes the socket of a member that is dead anyway, or ends the wait for one to appear.
        stop.abort();
      };
      const stopWatching = this.#view.onChange(() => {
        if (!isThere(route, this.#view)) giveUp('gone');
      });
      const cancelTimer = this.#clock.setTimer(() => giveUp('timeout'), limitMs);
      const end = () => {
        stopWatching();
        cancelTimer();
      };
      work().then(
        (value) => {
          end();
          resolve(value);
        },
        (error: unknown) => {
          end();
          reject(error);
        },
      );
    });
  }
}

const isThere = (route: Route, { members }: TopologyView): boolean =>
  members.some(({ address, role }) =>
    route.members.some((member) => member.address === address && member.role === role),
  );

/** One buffer of their own: a row of the driver keeps the whole reply it came in alive. */
const compact = (rows: readonly Uint8Array[]): readonly Uint8Array[] => {
  const bytes = Buffer.concat(rows);
  let at = 0;
  return rows.map(({ byteLength }) => {
    at += byteLength;
    return bytes.subarray(at - byteLength, at);
  });
};

/**
 * The server that the cursor was opened on: the driver keeps it in a getter it does not document. Should
 * it go, a route to a single member still knows its own.
 */
const servedBy = (cursor: object, route: Route): ServedBy => {
  const { server } = cursor as { server?: { description?: { address?: string } } };
  const address = server?.description?.address;
  const member = route.members.find((known) => known.address === address) ?? route.members[0];
  return { address: address ?? member?.address ?? '', tags: { ...member?.tags } };
};
