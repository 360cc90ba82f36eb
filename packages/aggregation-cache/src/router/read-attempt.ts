import type { Clock } from '@nestcms/circuit-breaker';
import type { SourceRequest } from '../ports/source.js';
import type { Failure } from './classify-error.js';
import { type Hedging, slowAfterMs } from './hedging.js';
import type { MemberBook, MemberPermit } from './member-book.js';
import { AttemptFailed } from './member-reader.js';
import type { PassedOver, PassedOverReason } from './passed-over.js';
import type { PrimaryShare } from './primary-share.js';
import type { AttemptAbout } from './race.js';
import { finalError } from './read-errors.js';
import type { Route } from './routes.js';

export interface Ask<T> {
  /** Sends a question to one route; calls `onAsked` when it goes out. */
  readonly send: (route: Route, onAsked: () => void) => Promise<T>;
  /** Gives up an answer that came when nobody waited for it any more. */
  readonly discard?: (answer: T) => void;
}

export interface ReadAttemptParts<T> {
  readonly request: SourceRequest;
  readonly route: Route;
  readonly ask: Ask<T>;
  readonly about: AttemptAbout;
  readonly hedging: Hedging;
  readonly book: MemberBook;
  readonly share: PrimaryShare;
  readonly clock: Clock;
  readonly passOver: (event: PassedOver) => void;
}

/** One question to one route, from the wait for its turn to what its breaker is told. */
export class ReadAttempt<T> {
  readonly #parts: ReadAttemptParts<T>;
  #permit: MemberPermit | undefined;
  /** Undefined until the question is sent. */
  #askedAt: number | undefined;
  #isDone = false;

  constructor(parts: ReadAttemptParts<T>) {
    this.#parts = parts;
  }

  get route(): Route {
    return this.#parts.route;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /**
   * @returns undefined if another route may be tried
   * @throws AggregationCacheError if that would not help
   */
  async run(): Promise<T | undefined> {
    try {
      return this.route.isFailover ? await this.#inShare() : await this.#inTurn();
    } finally {
      this.#isDone = true;
    }
  }

  /** Another member has answered the same question; this one is still out after `delayMs` and a little. */
  overtaken(delayMs: number): void {
    const { clock, hedging } = this.#parts;
    const permit = this.#permit;
    const askedAt = this.#askedAt;
    if (this.#isDone || permit === undefined || askedAt === undefined) return;
    const tookMs = clock.now() - askedAt;
    hedging.record(tookMs);
    const limitMs = slowAfterMs(delayMs);
    const tooSlow = () => {
      if (!permit.isSettled)
        permit.failure(new Error(`No answer within ${Math.round(limitMs)} ms.`));
    };
    if (tookMs >= limitMs) tooSlow();
    // Once settled by its answer it takes no second report.
    else clock.setTimer(tooSlow, limitMs - tookMs, { background: true });
  }

  async #inShare(): Promise<T | undefined> {
    const { share, request } = this.#parts;
    if (!(await share.enter(request.pipelineClass.maxTimeMs)))
      return this.#passOver('primaryShare');
    try {
      return await this.#inTurn();
    } finally {
      share.leave();
    }
  }

  #inTurn(): Promise<T | undefined> {
    return this.#parts.book.of(this.route).bulkhead.run(() => this.#now());
  }

  async #now(): Promise<T | undefined> {
    const { about, ask, book, clock, hedging, request } = this.#parts;
    // Answered by another one while it waited for its turn.
    if (about.isOver()) return undefined;
    const permit = book.acquire(this.route, request.pipelineClass);
    if (permit === undefined) return this.#passOver('breakerOpen');
    this.#permit = permit;
    const record = book.of(this.route);
    record.asked += 1;
    if (about.isHedge) record.hedged += 1;
    try {
      const answer = await ask.send(this.route, () => {
        this.#askedAt = clock.now();
      });
      permit.success();
      // How long one that was overtaken took has been recorded.
      if (about.isOver()) ask.discard?.(answer);
      else if (this.#askedAt !== undefined) hedging.record(clock.now() - this.#askedAt);
      return answer;
    } catch (error) {
      return this.#failed(error, permit);
    }
  }

  #failed(error: unknown, permit: MemberPermit): undefined {
    const { request, book } = this.#parts;
    const { failure, cause } =
      error instanceof AttemptFailed ? error : { failure: 'query' as const, cause: error };
    tell(permit, failure, cause);
    if (failure === 'overloaded') book.trip(this.route, request.pipelineClass);
    const final = finalError(failure, request, this.route, cause);
    if (final !== undefined) throw final;
    return this.#passOver(failure as PassedOverReason, cause);
  }

  #passOver(reason: PassedOverReason, error?: unknown): undefined {
    const { about, passOver } = this.#parts;
    if (about.isOver()) return;
    passOver({ member: this.route.id, reason, ...(error === undefined ? {} : { error }) });
  }
}

/** What a failure says about the member's health. */
const tell = (permit: MemberPermit, failure: Failure | 'lagging', cause: unknown): void => {
  switch (failure) {
    case 'query':
    case 'maxTime':
    case 'lagging':
    case 'busy':
    case 'timeUnknown':
      permit.ignore();
      break;
    default:
      permit.failure(cause);
  }
};
