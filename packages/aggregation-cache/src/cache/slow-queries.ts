import type { Clock, Random } from '@nestcms/circuit-breaker';
import { isAggregationCacheError } from '../errors.js';
import type { ServedBy, Source, SourceRequest } from '../ports/source.js';
import { planHints } from '../router/plan-hints.js';
import type { QueryPlan } from '../router/query-plan.js';
import type { EventSink } from './events.js';

/** Which loads are explained. */
export interface SlowQueryRules {
  /** Milliseconds. */
  readonly overMs: number;
  /** One slow load in so many. */
  readonly rate: number;
  /** Milliseconds between two. */
  readonly everyMs: number;
}

export interface SlowQueriesParts {
  readonly rules: SlowQueryRules;
  readonly source: Source;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly random: Random;
}

/** A question to the database. */
interface Asked {
  readonly key: string;
  readonly request: SourceRequest;
}

/** Has one slow load in so many explained by the member that answered it, in the background, one at a time. */
export class SlowQueries {
  readonly #parts: SlowQueriesParts;
  #isBusy = false;
  #isClosed = false;
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(parts: SlowQueriesParts) {
    this.#parts = parts;
  }

  close(): void {
    this.#isClosed = true;
  }

  async watch<T extends { readonly member: ServedBy }>(
    asked: Asked,
    load: () => Promise<T>,
  ): Promise<T> {
    const { clock } = this.#parts;
    const startedAt = clock.now();
    const tookMs = () => clock.now() - startedAt;
    try {
      const answer = await load();
      this.#took(asked, answer.member.address, tookMs());
      return answer;
    } catch (error) {
      // The slowest of all has no answer.
      if (isAggregationCacheError(error, 'MAX_TIME_EXCEEDED')) {
        this.#took(asked, error.details.member, tookMs());
      }
      throw error;
    }
  }

  #took(asked: Asked, member: string, tookMs: number): void {
    const { rules, clock, random } = this.#parts;
    if (tookMs <= rules.overMs || this.#isBusy || this.#isClosed) return;
    if (clock.now() < this.#nextAt || random() * rules.rate >= 1) return;
    this.#nextAt = clock.now() + rules.everyMs;
    this.#isBusy = true;
    void this.#explain(asked.request, member).then((plan) => {
      this.#isBusy = false;
      if (!this.#isClosed) this.#tell(asked, member, tookMs, plan);
    });
  }

  /** Never rejects: a member that cannot be asked leaves a slow load unexplained. */
  async #explain(request: SourceRequest, member: string): Promise<QueryPlan | undefined> {
    try {
      return await this.#parts.source.explain?.(request, member);
    } catch {
      return undefined;
    }
  }

  #tell(
    { key, request }: Asked,
    member: string,
    tookMs: number,
    plan: QueryPlan | undefined,
  ): void {
    this.#parts.events.emit('slowQuery', {
      pipelineClass: request.pipelineClass.name,
      key,
      member,
      tookMs,
      plan,
      hints: plan === undefined ? [] : planHints(plan),
    });
  }
}

/** A load, watched where slow ones are explained. */
export const watched = <T extends { readonly member: ServedBy }>(
  slow: SlowQueries | undefined,
  asked: Asked,
  load: () => Promise<T>,
): Promise<T> => (slow === undefined ? load() : slow.watch(asked, load));
