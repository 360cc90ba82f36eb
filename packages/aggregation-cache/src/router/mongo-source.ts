import {
  type CircuitBreaker,
  type CircuitBreakerRegistry,
  type Clock,
  type Random,
  withTimeout,
} from '@nestcms/circuit-breaker';
import type { Db, MongoClient } from 'mongodb';
import type { EventSink } from '../cache/events.js';
import { AggregationCacheError } from '../errors.js';
import type { BreakerTuning } from '../options.js';
import type { Source, SourceAnswer, SourceRequest } from '../ports/source.js';
import { type CausalToken, causalToken } from '../validity/causal-token.js';
import { Bulkhead } from './bulkhead.js';
import { serverCodeOf } from './classify-error.js';
import { AttemptFailed, MemberReader } from './member-reader.js';
import type { PassedOver } from './passed-over.js';
import { planRoutes, type Route } from './routes.js';
import { TopologyView } from './topology-view.js';

export interface MongoSourceParts {
  readonly client: MongoClient;
  readonly database: Db;
  readonly breakers: CircuitBreakerRegistry;
  readonly memberBreaker: BreakerTuning;
  /** Begins the names of the breakers. */
  readonly keyPrefix: string;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly random: Random;
  readonly selectionTimeoutMs: number;
  readonly lagBudgetMs: number;
}

/** Rows from the replica set: the wanted members in their order, each behind its breaker. */
export class MongoSource implements Source {
  readonly #parts: MongoSourceParts;
  readonly #view: TopologyView;
  readonly #reader: MemberReader;
  readonly #discoverUntil: number;
  readonly #breakers = new Map<string, CircuitBreaker>();
  /**
   * One per member, as wide as the driver's pool: a read waits for a connection here, where its time has not
   * begun, so that a busy pool is never taken for a dead member.
   */
  readonly #bulkheads = new Map<string, Bulkhead>();

  constructor(parts: MongoSourceParts) {
    this.#parts = parts;
    this.#discoverUntil = parts.clock.now() + parts.selectionTimeoutMs;
    this.#view = new TopologyView(parts.client);
    this.#reader = new MemberReader({ ...parts, view: this.#view });
  }

  async fetch(request: SourceRequest): Promise<SourceAnswer> {
    const { clock, random, selectionTimeoutMs } = this.#parts;
    const deadline = clock.now() + selectionTimeoutMs;
    const passedOver = new Map<string, PassedOver>();
    this.#connect();
    await this.#discovered(request);
    for (;;) {
      const plan = planRoutes(request.pipelineClass, this.#view, random);
      for (const member of plan.absent)
        this.#passOver(request, passedOver, { member, reason: 'absent' });
      for (const route of plan.routes) {
        if (passedOver.has(route.id)) continue;
        const answer = await this.#tryRoute(request, route, passedOver);
        if (answer !== undefined) return answer;
      }
      const leftMs = deadline - clock.now();
      if (!plan.worthWaiting || leftMs <= 0) throw noMember(request, passedOver);
      await this.#change(leftMs);
    }
  }

  async currentPoint(): Promise<CausalToken | undefined> {
    const { client, database, clock, selectionTimeoutMs } = this.#parts;
    const session = client.startSession({ causalConsistency: true });
    try {
      await withTimeout(
        ({ signal }) =>
          database.command({ ping: 1 }, { session, readPreference: 'primary', signal }),
        { timeoutMs: Math.max(1, selectionTimeoutMs), clock },
      );
      return causalToken(session);
    } catch {
      return undefined;
    } finally {
      session.endSession().catch(() => {});
    }
  }

  members(): ReturnType<Source['members']> {
    return Array.from(this.#breakers, ([member, { state }]) => ({ member, breaker: state }));
  }

  close(): void {
    this.#reader.close();
    this.#view.close();
  }

  #tryRoute(
    request: SourceRequest,
    route: Route,
    passedOver: Map<string, PassedOver>,
  ): Promise<SourceAnswer | undefined> {
    let bulkhead = this.#bulkheads.get(route.id);
    if (bulkhead === undefined) {
      // 0 means: as many as are needed.
      bulkhead = new Bulkhead(this.#parts.client.options.maxPoolSize || Number.POSITIVE_INFINITY);
      this.#bulkheads.set(route.id, bulkhead);
    }
    return bulkhead.run(() => this.#tryNow(request, route, passedOver));
  }

  async #tryNow(
    request: SourceRequest,
    route: Route,
    passedOver: Map<string, PassedOver>,
  ): Promise<SourceAnswer | undefined> {
    const permit = this.#breakerFor(route.id).tryAcquire();
    if (permit === undefined) {
      this.#passOver(request, passedOver, { member: route.id, reason: 'breakerOpen' });
      return undefined;
    }
    try {
      const answer = await this.#reader.read(route, request);
      permit.success();
      return answer;
    } catch (error) {
      const { failure, cause } =
        error instanceof AttemptFailed ? error : { failure: 'query' as const, cause: error };
      switch (failure) {
        case 'query':
          permit.ignore();
          throw queryFailed(request, route, cause);
        case 'maxTime':
          permit.ignore();
          throw maxTimeExceeded(request, route, cause);
        case 'lagging':
        case 'busy':
        case 'timeUnknown':
          permit.ignore();
          break;
        default:
          permit.failure(cause);
      }
      this.#passOver(request, passedOver, { member: route.id, reason: failure, error: cause });
      return undefined;
    }
  }

  #breakerFor(member: string): CircuitBreaker {
    const { breakers, keyPrefix, memberBreaker, clock } = this.#parts;
    let breaker = this.#breakers.get(member);
    if (breaker === undefined) {
      const name = `${keyPrefix}:member:${member}`;
      breaker = breakers.getOrCreate({ ...memberBreaker, name, clock });
      this.#breakers.set(member, breaker);
    }
    return breaker;
  }

  #passOver(
    { pipelineClass }: SourceRequest,
    passedOver: Map<string, PassedOver>,
    event: PassedOver,
  ): void {
    // Absent in every round of one read, yet one fact.
    if (passedOver.has(event.member)) return;
    passedOver.set(event.member, event);
    this.#parts.events.emit('memberPassedOver', { pipelineClass: pipelineClass.name, ...event });
  }

  /** Starts a client that was handed in unconnected. How it ends shows in the topology. */
  #connect(): void {
    if (this.#view.shape === 'unknown') this.#parts.client.connect().catch(() => {});
  }

  /**
   * Right after a start the driver has not heard of every member; one that is not seen yet is not absent.
   * Waited for once, so that a host that never answers does not slow every read.
   */
  async #discovered({ pipelineClass }: SourceRequest): Promise<void> {
    const { clock, random } = this.#parts;
    while (!this.#view.isComplete) {
      const leftMs = this.#discoverUntil - clock.now();
      if (leftMs <= 0 || planRoutes(pipelineClass, this.#view, random).absent.length === 0) return;
      await this.#change(leftMs);
    }
  }

  /** Resolves at the next change of the topology, or after `withinMs`. */
  #change(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        stop();
        cancel();
        resolve();
      };
      const stop = this.#view.onChange(done);
      const cancel = this.#parts.clock.setTimer(done, withinMs);
    });
  }
}

const noMember = (
  { pipelineClass: { name } }: SourceRequest,
  passedOver: ReadonlyMap<string, PassedOver>,
): AggregationCacheError<'NO_MEMBER'> => {
  const list = [...passedOver.values()];
  const told = list.map(({ member, reason }) => `${member}: ${reason}`).join('; ');
  return new AggregationCacheError(
    'NO_MEMBER',
    `No member could answer '${name}' (${told}).`,
    { pipelineClass: name, passedOver: list.map(({ member, reason }) => ({ member, reason })) },
    { cause: list.at(-1)?.error },
  );
};

const maxTimeExceeded = (
  { pipelineClass: { name, maxTimeMs } }: SourceRequest,
  { id }: Route,
  cause: unknown,
): AggregationCacheError<'MAX_TIME_EXCEEDED'> =>
  new AggregationCacheError(
    'MAX_TIME_EXCEEDED',
    `'${name}' took more than its ${maxTimeMs} ms on ${id}.`,
    { pipelineClass: name, member: id, maxTimeMs },
    { cause },
  );

const queryFailed = (
  { pipelineClass: { name } }: SourceRequest,
  { id }: Route,
  cause: unknown,
): AggregationCacheError<'QUERY_FAILED'> => {
  const serverCode = serverCodeOf(cause);
  const told = serverCode === undefined ? '' : ` (server code ${serverCode})`;
  return new AggregationCacheError(
    'QUERY_FAILED',
    `'${name}' was refused by ${id}${told}.`,
    { pipelineClass: name, member: id, serverCode },
    { cause },
  );
};
