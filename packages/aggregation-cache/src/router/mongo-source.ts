import type { CircuitBreakerRegistry, Clock, Random } from '@nestcms/circuit-breaker';
import type { Db, MongoClient } from 'mongodb';
import { Closing } from '../cache/closing.js';
import type { EventSink } from '../cache/events.js';
import { withinMs } from '../cache/within-ms.js';
import type { AnyPipelineClass } from '../classes/pipeline-class.js';
import type { BreakerTuning } from '../options.js';
import type {
  Attempt,
  MemberState,
  PointTeller,
  Source,
  SourceAnswer,
  SourceHeader,
  SourceRequest,
  SourceStream,
} from '../ports/source.js';
import type { CausalToken } from '../validity/causal-token.js';
import { CurrentPoint } from './current-point.js';
import { HedgingByClass } from './hedging.js';
import { readHello } from './hello.js';
import { LagProbe } from './lag-probe.js';
import { MemberBook } from './member-book.js';
import { type AttemptFailed, MemberReader } from './member-reader.js';
import type { PassedOver } from './passed-over.js';
import { PrimaryShare, placesOf } from './primary-share.js';
import { type QueryPlan, queryPlanOf } from './query-plan.js';
import { race } from './race.js';
import { type Ask, ReadAttempt } from './read-attempt.js';
import { finalError, noMember } from './read-errors.js';
import { everyRoute, planRoutes, type Route, type RoutePlan } from './routes.js';
import { TopologyNotices } from './topology-notices.js';
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
  readonly lagProbeMs: number;
  readonly primaryShare: number;
}

/** One read, and who was passed over for it so far. */
interface Reading<T> {
  readonly request: SourceRequest;
  readonly ask: Ask<T>;
  readonly passedOver: Map<string, PassedOver>;
  /** What each was when it was its turn. */
  readonly roles: Map<string, Route['role']>;
  /**
   * Of those passed over, the routes that were gone since and may have come back, and those that are another thing by
   * now, as the secondary that lagged and is the primary: they are worth another try.
   */
  readonly left: Set<string>;
}

/** Rows from the replica set: the wanted members in their order, each behind its breaker. */
export class MongoSource implements Source {
  readonly #parts: MongoSourceParts;
  readonly #view: TopologyView;
  readonly #reader: MemberReader;
  readonly #book: MemberBook;
  /** Why the client could not be connected, such as a wrong password. */
  #connectError: unknown;
  readonly #probe: LagProbe;
  readonly #share: PrimaryShare;
  readonly #points: Readonly<Record<PointTeller, CurrentPoint>>;
  readonly #notices: TopologyNotices;
  readonly #hedging = new HedgingByClass();
  readonly #closing = new Closing();
  readonly #discoverUntil: number;

  constructor(parts: MongoSourceParts) {
    const { client, database, clock, selectionTimeoutMs } = parts;
    const { maxPoolSize } = client.options;
    this.#parts = parts;
    this.#discoverUntil = clock.now() + selectionTimeoutMs;
    const view = new TopologyView(client);
    this.#view = view;
    this.#book = new MemberBook({ ...parts, maxPoolSize });
    this.#reader = new MemberReader({ ...parts, view });
    const asking = { client, database, view, clock, timeoutMs: selectionTimeoutMs };
    this.#points = {
      primary: new CurrentPoint({ ...asking, toldBy: 'primary' }),
      majority: new CurrentPoint({ ...asking, toldBy: 'majority' }),
    };
    this.#notices = new TopologyNotices(parts.events);
    this.#share = new PrimaryShare({
      places: placesOf(parts.primaryShare, maxPoolSize),
      isLastAlive: () => !this.#isSecondaryAlive(),
      clock,
    });
    view.onChange(() => this.#share.check());
    this.#probe = new LagProbe({
      view,
      clock,
      intervalMs: parts.lagProbeMs,
      isBusy: (route) => this.#book.isBusy(route),
      ask: async ({ readPreference }) =>
        readHello(await database.command({ hello: 1 }, { readPreference })),
    });
  }

  fetch(request: SourceRequest): Promise<SourceAnswer> {
    return this.#read(request, {
      send: (route, onAsked) => this.#reader.read(route, request, onAsked),
    });
  }

  async ready(classes: readonly AnyPipelineClass[]): Promise<readonly string[]> {
    const { clock, random, selectionTimeoutMs } = this.#parts;
    const view = this.#view;
    const until = clock.now() + selectionTimeoutMs;
    const connected = this.#connect();
    while (!view.isComplete && clock.now() < until) await this.#change(until - clock.now());
    // Servers are heard of before one of them refuses the user.
    await withinMs(connected, Math.max(0, until - clock.now()), clock, noAnswer).catch(() => {});
    if (view.members.length === 0) return [databaseAway(this.#connectError)];
    const told = classes.map((one) =>
      this.#notices.tell(view, one, planRoutes(one, view, random).absent),
    );
    return [...new Set([this.#notices.tell(view, undefined, []), ...told].flat())];
  }

  get knowsTimes(): boolean {
    return !this.#view.members.some(({ role }) => role === 'standalone');
  }

  fetchStream(request: SourceRequest): Promise<SourceStream> {
    return this.#read(request, {
      send: async (route, onAsked) => {
        const stream = await this.#reader.stream(route, request, onAsked);
        return { ...stream, batches: this.#watched(stream.batches, request, route) };
      },
      discard: (stream) => stream.close(),
    });
  }

  /** Nobody waits for it, so it takes no connection that a read could want, and tells the breaker nothing. */
  async explain(request: SourceRequest, member: string): Promise<QueryPlan | undefined> {
    const { routes } = planRoutes(request.pipelineClass, this.#view, this.#parts.random);
    const route = routes.find(
      ({ id, members }) => id === member || members.some(({ address }) => address === member),
    );
    if (route === undefined || this.#book.isBusy(route)) return;
    if (this.#book.isOpen(route, request.pipelineClass)) return;
    const { bulkhead } = this.#book.of(route);
    return queryPlanOf(await bulkhead.run(() => this.#reader.explain(route, request)));
  }

  currentPoint(toldBy: PointTeller = 'primary'): Promise<CausalToken | undefined> {
    return this.#points[toldBy].read();
  }

  members(): readonly MemberState[] {
    return this.#book.states(this.#view.members, this.#probe);
  }

  close(): void {
    this.#closing.close();
    this.#probe.close();
    this.#reader.close();
    this.#view.close();
  }

  async #read<T extends SourceHeader>(request: SourceRequest, ask: Ask<T>): Promise<T> {
    const { clock, selectionTimeoutMs } = this.#parts;
    const { pipelineClass, signal } = request;
    const deadline = clock.now() + selectionTimeoutMs;
    const reading: Reading<T> = {
      request,
      ask,
      passedOver: new Map(),
      roles: new Map(),
      left: new Set(),
    };
    void this.#connect();
    await this.#discovered(request);
    this.#probe.start();
    this.#hedging.of(pipelineClass).readBegan();
    for (let plan = this.#plan(request); ; plan = this.#plan(request)) {
      this.#notices.check(pipelineClass, this.#view, plan.absent);
      for (const member of plan.absent) this.#passOver(reading, { member, reason: 'absent' });
      const answer = await this.#askInTurn(reading, plan.routes);
      if (answer !== undefined) return answer;
      signal?.throwIfAborted();
      const leftMs = deadline - clock.now();
      // In an election, say, others are there by now than when it began.
      const { routes, worthWaiting } = this.#plan(request);
      noteLeft(reading, routes);
      if (routes.some(({ id }) => mayAsk(reading, id, leftMs))) continue;
      if (!worthWaiting || leftMs <= 0)
        throw noMember(request, [...reading.passedOver.values()], this.#connectError);
      await this.#change(leftMs);
    }
  }

  #plan({ pipelineClass }: SourceRequest): RoutePlan {
    return planRoutes(pipelineClass, this.#view, this.#parts.random);
  }

  async #askInTurn<T extends SourceHeader>(
    reading: Reading<T>,
    routes: readonly Route[],
  ): Promise<T | undefined> {
    const { clock } = this.#parts;
    const { request, ask } = reading;
    const hedging = this.#hedging.of(request.pipelineClass);
    const { delayMs } = hedging;
    const left = routes.filter(({ id }) => mayAsk(reading, id));
    for (const { id, role } of left) {
      reading.left.delete(id);
      reading.roles.set(id, role);
    }
    const attempts: ReadAttempt<T>[] = [];
    const answered = await race<{ readonly attempt: ReadAttempt<T>; readonly answer: T }>({
      clock,
      hedgeDelayMs: delayMs,
      signal: request.signal,
      start: (about) => {
        const route = about.isHedge ? this.#hedgeRoute(reading, left) : this.#next(reading, left);
        if (route === undefined) return undefined;
        if (about.isHedge) {
          hedging.spend();
          this.#parts.events.emit('hedged', {
            pipelineClass: request.pipelineClass.name,
            member: route.id,
            delayMs: delayMs ?? 0,
          });
        }
        const attempt = new ReadAttempt({
          request,
          route,
          ask,
          about,
          hedging,
          book: this.#book,
          share: this.#share,
          clock,
          passOver: (event) => this.#passOver(reading, event),
        });
        attempts.push(attempt);
        return attempt.run().then((answer) => answer && { attempt, answer });
      },
    });
    if (answered === undefined) return undefined;
    const overtaken = attempts.filter(({ isDone }) => !isDone);
    for (const attempt of overtaken) attempt.overtaken(delayMs ?? 0);
    return { ...answered.answer, attempts: told(reading, overtaken, answered.attempt) };
  }

  /** The next route that does not lag. Takes it, and those before it, out of `left`. */
  #next<T>(reading: Reading<T>, left: Route[]): Route | undefined {
    for (let route = left.shift(); route !== undefined; route = left.shift()) {
      if (!this.#isLagging(reading.request, route)) return route;
      this.#passOver(reading, { member: route.id, reason: 'lagging' });
    }
    return undefined;
  }

  /** The next route that could answer at once: nobody is made to wait for a hedge. */
  #hedgeRoute<T>({ request }: Reading<T>, left: Route[]): Route | undefined {
    if (!this.#hedging.of(request.pipelineClass).mayHedge) return undefined;
    const index = left.findIndex(
      (route) =>
        !this.#isLagging(request, route) &&
        !this.#book.isOpen(route, request.pipelineClass) &&
        !this.#book.isBusy(route) &&
        !(route.isFailover && !this.#share.hasPlace),
    );
    return index === -1 ? undefined : left.splice(index, 1)[0];
  }

  #isLagging({ pipelineClass }: SourceRequest, route: Route): boolean {
    const lagMs = this.#probe.lagOf(route) ?? 0;
    return lagMs > (pipelineClass.lagBudgetMs ?? this.#parts.lagBudgetMs);
  }

  #isSecondaryAlive(): boolean {
    return everyRoute(this.#view.members).some(
      (route) => route.role === 'secondary' && !this.#book.isOpen(route),
    );
  }

  /** Later batches come from the same member, or not at all. */
  async *#watched(
    batches: AsyncIterable<readonly Uint8Array[]>,
    request: SourceRequest,
    route: Route,
  ): AsyncGenerator<readonly Uint8Array[], void, void> {
    try {
      yield* batches;
    } catch (error) {
      const { failure, cause } = error as AttemptFailed;
      const final = finalError(failure, request, route, cause);
      if (final !== undefined) throw final;
      this.#book.acquire(route, request.pipelineClass)?.failure(cause);
      throw noMember(request, [
        { member: route.id, reason: failure as PassedOver['reason'], error: cause },
      ]);
    }
  }

  #passOver<T>({ request, passedOver }: Reading<T>, event: PassedOver): void {
    // Absent in every round of one read, yet one fact.
    if (passedOver.has(event.member)) return;
    passedOver.set(event.member, event);
    const { name } = request.pipelineClass;
    this.#parts.events.emit('memberPassedOver', { pipelineClass: name, ...event });
  }

  /** Starts a client that was handed in unconnected. How it ends shows in the topology, but for the reason. */
  async #connect(): Promise<void> {
    if (this.#view.shape !== 'unknown') return;
    await this.#parts.client.connect().then(
      () => {
        this.#connectError = undefined;
      },
      (error: unknown) => {
        this.#connectError = error;
      },
    );
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

  /** Resolves at the next change of the topology, or after `withinMs`. @throws CLOSED */
  #change(withinMs: number): Promise<void> {
    return this.#closing.pause(withinMs, this.#parts.clock, (wake) => this.#view.onChange(wake));
  }
}

/** Whether a route has not been tried in vain, or not since it came back. */
const mayAsk = <T>({ passedOver, left }: Reading<T>, id: string, leftMs = 1): boolean =>
  !passedOver.has(id) || (left.has(id) && leftMs > 0);

const noteLeft = <T>({ passedOver, roles, left }: Reading<T>, routes: readonly Route[]): void => {
  for (const id of passedOver.keys()) {
    if (!routes.some((route) => route.id === id && route.role === roles.get(id))) left.add(id);
  }
};

/** What became of each attempt, in the order in which they ended. */
const told = <T>(
  { passedOver }: Reading<T>,
  overtaken: readonly ReadAttempt<T>[],
  winner: ReadAttempt<T>,
): readonly Attempt[] => [
  ...Array.from(passedOver.values(), ({ member, reason }) => ({ member, outcome: reason })),
  { member: winner.route.id, outcome: 'answered' as const },
  ...overtaken.map(({ route }) => ({ member: route.id, outcome: 'overtaken' as const })),
];

const noAnswer = () => new Error('The client is not connected yet.');

const databaseAway = (error: unknown): string => {
  const reason = error instanceof Error ? ` (${error.message.replace(/\.$/, '')})` : '';
  return `No member of the database can be reached${reason}: until one can, only what is kept is answered.`;
};
