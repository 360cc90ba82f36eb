import type { Clock } from '@nestcms/circuit-breaker';
import type { ClientSession, Db, Document, MongoClient, Timestamp } from 'mongodb';
import type { ServedBy, SourceAnswer, SourceRequest, SourceStream } from '../ports/source.js';
import { type CausalToken, reaches } from '../validity/causal-token.js';
import { classifyError, type Failure } from './classify-error.js';
import { explainOperation } from './explain-operation.js';
import type { Route } from './routes.js';
import { type Question, sendOperation } from './send-operation.js';
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

/** The driver keeps the moment of a snapshot in a field that its types leave out. */
type SnapshotSession = ClientSession & { snapshotTime?: Timestamp };

/** A question with its first rows. */
interface Begun<T> {
  readonly first: T;
  readonly question: Question;
  readonly member: ServedBy;
  readonly moment: Timestamp | undefined;
  readonly stop: AbortController;
  /** To be called when no more is asked. */
  readonly end: () => void;
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

  /**
   * @param onAsked called when the member is asked, after it has been waited for to catch up
   * @throws AttemptFailed
   */
  read(route: Route, request: SourceRequest, onAsked: () => void): Promise<SourceAnswer> {
    return this.#asOf(route, request, async (after) => {
      const {
        first: rows,
        end,
        member,
        moment,
      } = await this.#begin(route, request, after, (question) => {
        onAsked();
        return question.toArray();
      });
      end();
      return { rows, member, asOf: moment ?? after?.operationTime, moment, storable: true };
    });
  }

  /**
   * Resolves with the first rows.
   * @throws AttemptFailed, and so does the iteration
   */
  stream(route: Route, request: SourceRequest, onAsked: () => void): Promise<SourceStream> {
    return this.#asOf(route, request, async (after) => {
      const begun = await this.#begin(route, request, after, (question) => {
        onAsked();
        return question.next();
      });
      const { member, moment } = begun;
      return {
        batches: this.#batches(route, request, begun),
        close: () => closed(begun),
        member,
        asOf: moment ?? after?.operationTime,
        moment,
        storable: true,
      };
    });
  }

  /** How the member would go about it; runs nothing. @throws AttemptFailed, and what the driver throws */
  explain(route: Route, request: SourceRequest): Promise<Document> {
    const stop = new AbortController();
    const { signal } = stop;
    const sending = { database: this.#database, route, request, session: undefined, signal };
    return this.#whileThere(route, request.pipelineClass.maxTimeMs + GRACE_MS, stop, () =>
      explainOperation(sending),
    );
  }

  /** Reads as of the wanted time, as far as the member knows it. */
  async #asOf<T extends { readonly storable: boolean }>(
    route: Route,
    { after }: SourceRequest,
    read: (after: CausalToken | undefined) => Promise<T>,
  ): Promise<T> {
    try {
      return await read(after);
    } catch (error) {
      if (!(error instanceof AttemptFailed) || error.failure !== 'timeUnknown') throw error;
    }
    // The signed time reaches a connection with its first answer; the second try carries it.
    try {
      return await read(after);
    } catch (error) {
      const isLast = error instanceof AttemptFailed && error.failure === 'timeUnknown';
      if (!isLast || route.role === 'secondary') throw error;
    }
    // The primary has every acknowledged write, whatever it makes of the time; but nothing proves it.
    return { ...(await read(undefined)), storable: false };
  }

  async #begin<T>(
    route: Route,
    request: SourceRequest,
    after: CausalToken | undefined,
    ask: (question: Question) => Promise<T>,
  ): Promise<Begun<T>> {
    const stop = new AbortController();
    const session = after === undefined ? undefined : this.#sessionAt(after);
    // One session cannot do both: it waits for a time, or reads an exact one.
    const exact = request.moment === undefined ? undefined : this.#sessionOf(request.moment);
    // They end on their own time: a session of a dead member must not hold the answer up.
    const end = () => {
      session?.endSession().catch(() => {});
      exact?.endSession().catch(() => {});
    };
    const { maxTimeMs } = request.pipelineClass;
    const limitMs = maxTimeMs + GRACE_MS + (session === undefined ? 0 : this.#budgetOf(request));
    try {
      return await this.#whileThere(route, limitMs, stop, async () => {
        if (session !== undefined) await this.#waitFor(route, request, session, stop.signal);
        const { signal } = stop;
        const question = sendOperation({
          database: this.#database,
          route,
          request,
          session: exact ?? session,
          signal,
        });
        const first = await ask(question);
        const member = servedBy(question.address, route);
        return { first, question, stop, end, member, moment: exact?.snapshotTime };
      });
    } catch (error) {
      end();
      throw attemptFailed(error);
    }
  }

  /** The limit is for each batch: how long the consumer takes between two is no concern of the member. */
  async *#batches(
    route: Route,
    { pipelineClass }: SourceRequest,
    begun: Begun<readonly Uint8Array[] | undefined>,
  ): AsyncGenerator<readonly Uint8Array[], void, void> {
    const { first, question, stop } = begun;
    const limitMs = pipelineClass.maxTimeMs + GRACE_MS;
    try {
      let batch = first;
      while (batch !== undefined) {
        yield batch;
        batch = await this.#whileThere(route, limitMs, stop, () => question.next());
      }
    } catch (error) {
      throw attemptFailed(error);
    } finally {
      closed(begun);
    }
  }

  #budgetOf({ pipelineClass }: SourceRequest): number {
    return pipelineClass.lagBudgetMs ?? this.#lagBudgetMs;
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

  /** Reads at one moment; the driver takes it from the first answer unless it is named. */
  #sessionOf(moment: 'any' | Timestamp): SnapshotSession {
    const session: SnapshotSession = this.#client.startSession({ snapshot: true });
    if (moment !== 'any') session.snapshotTime = moment;
    return session;
  }

  /** Waits until the member has the wanted time, apart from the aggregation: lag is not a slow query. */
  async #waitFor(
    route: Route,
    request: SourceRequest,
    session: ClientSession,
    signal: AbortSignal,
  ): Promise<void> {
    const { pipelineClass, after } = request;
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
        maxTimeMS: this.#budgetOf(request),
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

/** The cursor first, as it is of the session. */
const closed = ({ question, end }: Begun<unknown>): void => {
  void question
    .close()
    .catch(() => {})
    .then(end);
};

const attemptFailed = (error: unknown): AttemptFailed =>
  error instanceof AttemptFailed ? error : new AttemptFailed(classifyError(error), error);

/** Of members that the driver cannot tell apart it is not always known which one answered: it names them all. */
const servedBy = (address: string | undefined, { id, members }: Route): ServedBy => {
  const member = members.find((known) => known.address === address) ?? members[0];
  return { address: address ?? id, tags: { ...member?.tags } };
};
