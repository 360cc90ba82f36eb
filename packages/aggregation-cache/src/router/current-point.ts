import { type Clock, withTimeout } from '@nestcms/circuit-breaker';
import type { ClientSession, ClusterTime, Db, Document, MongoClient } from 'mongodb';
import type { PointTeller } from '../ports/source.js';
import { type CausalToken, causalToken } from '../validity/causal-token.js';
import { type Hello, readHello } from './hello.js';
import { everyRoute, type Route } from './routes.js';
import type { TopologyView } from './topology-view.js';

export interface CurrentPointParts {
  readonly client: MongoClient;
  readonly database: Db;
  readonly view: TopologyView;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly toldBy: PointTeller;
}

interface Heard {
  readonly hello: Hello;
  readonly clusterTime: ClusterTime | undefined;
}

/** Finds out how far the replica set is. */
export class CurrentPoint {
  readonly #parts: CurrentPointParts;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<CausalToken | undefined> | undefined;

  constructor(parts: CurrentPointParts) {
    this.#parts = parts;
  }

  /**
   * Whoever comes while a question is under way waits for the next one, which all of them share: one that
   * was sent before the call may have been answered before the write that the caller knows of.
   */
  read(): Promise<CausalToken | undefined> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      const running = this.#ask();
      this.#running = running;
      return running;
    });
    return this.#next;
  }

  /** Never rejects. */
  async #ask(): Promise<CausalToken | undefined> {
    const { view, toldBy } = this.#parts;
    const isSet = view.shape === 'replicaSet';
    if (!isSet || view.members.some(({ role }) => role === 'primary')) {
      const point = await this.#ofPrimary();
      if (point !== undefined) return point;
    }
    return isSet && toldBy === 'majority' ? this.#ofMajority() : undefined;
  }

  async #ofPrimary(): Promise<CausalToken | undefined> {
    const told = await this.#tell({ ping: 1 }, 'primary');
    return told && causalToken(told.session);
  }

  /**
   * A write that was acknowledged by a majority is on one member at least of any other majority. Hidden
   * members are not seen by clients, and are left out of it.
   */
  #ofMajority(): Promise<CausalToken | undefined> {
    // The primary is not there, or has just not answered.
    const routes = everyRoute(this.#parts.view.members).filter(({ role }) => role === 'secondary');
    // Members that the driver cannot tell apart are asked through one route, once for each.
    const asked = routes.flatMap((route) => route.members.map(() => this.#hello(route)));
    const heard: Heard[] = [];
    return new Promise((resolve) => {
      // Whoever does not answer is not waited for once a majority has.
      const answered = asked.map(async (asking) => {
        const answer = await asking;
        if (answer !== undefined) heard.push(answer);
        if (isMajority(heard)) resolve(newestOf(heard));
      });
      void Promise.all(answered).then(() => resolve(undefined));
    });
  }

  async #hello(route: Route): Promise<Heard | undefined> {
    const told = await this.#tell({ hello: 1 }, route.readPreference);
    const hello = told && readHello(told.reply);
    return hello && { hello, clusterTime: told.session.clusterTime };
  }

  async #tell(
    command: Document,
    readPreference: Route['readPreference'] | 'primary',
  ): Promise<{ reply: Document; session: ClientSession } | undefined> {
    const { client, database, clock, timeoutMs } = this.#parts;
    const session = client.startSession({ causalConsistency: true });
    try {
      const reply = await withTimeout(
        ({ signal }) => database.command(command, { session, readPreference, signal }),
        { timeoutMs: Math.max(1, timeoutMs), clock },
      );
      return { reply, session };
    } catch {
      return undefined;
    } finally {
      session.endSession().catch(() => {});
    }
  }
}

const isMajority = (heard: readonly Heard[]): boolean => {
  const named = new Set(heard.map(({ hello }) => hello.me));
  return heard.length > 0 && heard.every(({ hello }) => holdsMajority(hello, named));
};

/**
 * Whether those that were heard are enough, however many of the passive members vote: the others may all do, and
 * must not be a majority of the votes even then.
 */
const holdsMajority = (
  { electable, passive }: Hello,
  named: ReadonlySet<string | undefined>,
): boolean => {
  const missing = (members: readonly string[]) => members.filter((one) => !named.has(one)).length;
  const [absent, absentPassive] = [missing(electable), missing(passive)];
  // One that names nobody is in no set that it knows of.
  return electable.length > 0 && 2 * (absent + absentPassive) <= electable.length + absentPassive;
};

const newestOf = (heard: readonly Heard[]): CausalToken => ({
  operationTime: heard
    .map(({ hello }) => hello.applied.ts)
    .reduce((one, other) => (one.compare(other) < 0 ? other : one)),
  clusterTime: heard.map(({ clusterTime }) => clusterTime).reduce(laterOf, undefined),
});

const laterOf = (
  one: ClusterTime | undefined,
  other: ClusterTime | undefined,
): ClusterTime | undefined => {
  if (one === undefined || other === undefined) return one ?? other;
  return one.clusterTime.compare(other.clusterTime) < 0 ? other : one;
};
